/** Brings any subject into what a TrueConf topic may be: 1 to 240 characters without control characters (facts §2.5, §8.4). */
import { TOPIC_MAX_CHARACTERS } from '@calendar-connector/calendar-model';

/** Cuts by characters, never within one. Idempotent. An empty subject stays empty. */
export function fitTopic(subject: string): string {
  const plain = subject
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  const characters = [...plain];
  return characters.length <= TOPIC_MAX_CHARACTERS
    ? plain
    : characters.slice(0, TOPIC_MAX_CHARACTERS).join('').trimEnd();
}
