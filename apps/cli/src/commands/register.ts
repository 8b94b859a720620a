/**
 * `--register KEY`: online; without a link the request for the manager is written instead (features A2, A3).
 * A server that answers but cannot be trusted is no missing link: nothing is written then.
 */
import { createOfflineRequest, licenceMessage, REGISTERED_TEXT, registerOnline } from '@calendar-connector/licensing';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { programVersion } from '../program/version.ts';
import { registrationSettings } from './registration-settings.ts';

const NEXT = {
  en: (path: string) => [
    `The request for offline registration was written to ${path}`,
    'Send this file to your manager. When the reply regoffline2.crg arrives, run: tc_calendar --offline_reg regoffline2.crg',
  ],
  ru: (path: string) => [
    `Запрос на офлайн-регистрацию записан в файл ${path}`,
    'Отправьте его своему менеджеру. Когда придёт ответ regoffline2.crg, выполните: tc_calendar --offline_reg regoffline2.crg',
  ],
} as const;

const NO_KEY = { en: 'the registration key is empty', ru: 'ключ регистрации пуст' } as const;

export async function run(call: Call): Promise<number> {
  const { io, language } = call;
  const key = argument(call, 'key').trim();
  if (key === '') throw new CommandFault(EXIT.usage, NO_KEY[language]);
  const settings = registrationSettings(call);
  const { version } = programVersion();
  const options = { ...settings, key, version, now: io.now(), signal: io.signal };
  const registered = await registerOnline(options);
  if (registered.ok) {
    io.out(REGISTERED_TEXT);
    return EXIT.ok;
  }
  const { fault } = registered;
  if (fault.code !== 'noLink' || fault.failure === 'certificate') {
    throw new CommandFault(EXIT.failed, licenceMessage(fault, language));
  }
  io.err(`tc_calendar: ${licenceMessage(fault, language)}`);
  const request = await createOfflineRequest(options);
  if (!request.ok) throw new CommandFault(EXIT.failed, licenceMessage(request.fault, language));
  for (const line of NEXT[language](request.path)) io.out(line);
  return EXIT.offlineRequest;
}
