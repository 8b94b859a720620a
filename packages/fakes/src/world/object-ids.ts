/**
 * Global object ids: the identity of a meeting in all mailboxes (MS-OXOCAL 2.2.1.27 PidLidGlobalObjectId,
 * 2.2.1.28 PidLidCleanGlobalObjectId; the UID rules of MS-OXCICAL 2.1.3.1.1.20.26).
 */
import type { Instant, LocalDate } from '@calendar-connector/calendar-model';
import { mix } from './random.ts';

const CLASS_ID = '040000008200E00074C5B7101A82E008';
const NO_DATE = '00000000';
const FOREIGN_MARK = '7643616C2D55696401000000';
/** 100 ns ticks between 1601 and 1970 */
const FILETIME_EPOCH = 116444736000000000n;

const hex = (value: number, bytes: number): string =>
  value
    .toString(16)
    .padStart(bytes * 2, '0')
    .toUpperCase();

/** A new id as Outlook makes one: creation time and 16 bytes of chance. */
export function newGlobalObjectId(created: Instant, chance: readonly number[]): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(FILETIME_EPOCH + BigInt(created) * 10000n);
  const data = [1, 2, 3, 4].map((part) => hex(mix(...chance, part), 4)).join('');
  return `${CLASS_ID}${NO_DATE}${time.toString('hex').toUpperCase()}${'00'.repeat(8)}10000000${data}`;
}

/** The id that stands for a UID: the UID itself when Outlook made it, a wrapper around a foreign one otherwise. */
export function globalObjectIdOf(uid: string): string {
  if (isGlobalObjectId(uid)) return cleanGlobalObjectId(uid.toUpperCase());
  const text = Buffer.from(uid, 'utf8').toString('hex').toUpperCase();
  const data = `${FOREIGN_MARK}${text}00`;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length / 2);
  return `${CLASS_ID}${NO_DATE}${'00'.repeat(16)}${size.toString('hex').toUpperCase()}${data}`;
}

/** Whether a text is a global object id in hexadecimal. */
export function isGlobalObjectId(text: string): boolean {
  return (
    text.length >= 80 && text.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(text) && text.toUpperCase().startsWith(CLASS_ID)
  );
}

/** Without the date of an occurrence: the same for a series and all its occurrences. */
export function cleanGlobalObjectId(globalObjectId: string): string {
  return `${globalObjectId.slice(0, 32)}${NO_DATE}${globalObjectId.slice(40)}`;
}

/** With the original date of an occurrence. */
export function occurrenceGlobalObjectId(globalObjectId: string, date: LocalDate): string {
  const [year, month, day] = date.split('-').map(Number);
  return `${globalObjectId.slice(0, 32)}${hex(year ?? 0, 2)}${hex(month ?? 0, 1)}${hex(day ?? 0, 1)}${globalObjectId.slice(40)}`;
}
