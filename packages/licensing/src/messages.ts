/** What a person reads about a licence, in both languages. */
import type { LicenceFault } from './fault.ts';
import { en } from './messages-en.ts';
import { ru } from './messages-ru.ts';
import type { LicenceSentence } from './sentence.ts';

export type Language = 'en' | 'ru';

/** What is the case and what to do, apart. */
export function licenceSentence(fault: LicenceFault, language: Language = 'en'): LicenceSentence {
  const sentences = language === 'ru' ? ru : en;
  return (sentences[fault.code] as (fault: LicenceFault) => LicenceSentence)(fault);
}

/** Both together. */
export function licenceMessage(fault: LicenceFault, language: Language = 'en'): string {
  const { cause, cure } = licenceSentence(fault, language);
  return `${cause} ${cure}`;
}

/** What `--register` prints on success, to the letter of the guide. */
export const REGISTERED_TEXT = 'Your product successfully registered. Now you can run tc_calendar';
