/**
 * Ids in the binary layout of real servers, decoded from recorded Exchange 2016/2019 ids: item, occurrence and folder ids,
 * change keys. They differ only in the middle and say which mailbox they belong to, like real ones.
 * Layout: facts "Id and key wire formats"; MS-OXCDATA 2.2.4.1/2.2.4.2 (entry ids).
 */
import type { Instant, LocalDate } from '@calendar-connector/calendar-model';

const PROVIDER = Buffer.from('52494a1e5c9e6b4a9a7b62f1c3d47e01', 'hex');
const ITEM_ENTRY_BYTES = 70;
const FOLDER_ENTRY_BYTES = 46;
const OBJECT_FOLDER = 1;
const OBJECT_OCCURRENCE = 0x10;
/** .NET ticks at 1970-01-01 */
const TICKS_AT_EPOCH = 621355968000000000n;
const TICKS_PER_DAY = 864000000000n;
const DAY_MS = 86_400_000;
/** Beginnings of ids are kept for this many folders. */
const MOST_PREFIXES = 5000;

export interface DecodedItemId {
  readonly kind: 'item';
  readonly mailboxGuid: string;
  readonly folder: number;
  readonly number: number;
}

export interface DecodedOccurrenceId {
  readonly kind: 'occurrence';
  readonly mailboxGuid: string;
  readonly folder: number;
  /** number of the master */
  readonly number: number;
  /** original date in the zone of the series */
  readonly date: LocalDate;
}

export interface DecodedFolderId {
  readonly kind: 'folder';
  readonly mailboxGuid: string;
  readonly folder: number;
}

export interface DecodedAttachmentId {
  readonly kind: 'attachment';
  readonly mailboxGuid: string;
  readonly folder: number;
  readonly number: number;
  readonly attachment: number;
  readonly date?: LocalDate;
}

export type DecodedId = DecodedItemId | DecodedOccurrenceId | DecodedFolderId | DecodedAttachmentId;

/** Writes and reads the ids of one database (replica). */
export class EntryIds {
  readonly #replica: Buffer;
  readonly #changeKeyPrefix: string;
  readonly #itemPrefixes = new Map<string, string>();

  constructor(replica: Buffer) {
    this.#replica = replica;
    const key = Buffer.alloc(24);
    key[0] = 0x0f;
    key[4] = 0x16;
    replica.copy(key, 8);
    this.#changeKeyPrefix = key.toString('base64');
  }

  /** 105 of its 113 bytes belong to the folder and end on a base64 boundary: only the counter is made anew. */
  item(mailboxGuid: string, folder: number, number: number): string {
    const key = `${mailboxGuid}/${folder}`;
    let prefix = this.#itemPrefixes.get(key);
    if (prefix === undefined) {
      const id = this.#head(mailboxGuid, 113, 0, ITEM_ENTRY_BYTES);
      this.#writeItemEntry(id, 43, folder, 0);
      prefix = id.subarray(0, 105).toString('base64');
      if (this.#itemPrefixes.size >= MOST_PREFIXES) this.#itemPrefixes.clear();
      this.#itemPrefixes.set(key, prefix);
    }
    return `${prefix}${counterText(number)}AAA=`;
  }

  occurrence(mailboxGuid: string, folder: number, number: number, date: LocalDate): string {
    const id = this.#head(mailboxGuid, 124, 1, 81);
    id[43] = 8;
    id.writeBigInt64BE(dateToTicks(date), 44);
    id[52] = ITEM_ENTRY_BYTES;
    this.#writeItemEntry(id, 53, folder, number);
    id[123] = OBJECT_OCCURRENCE;
    return id.toString('base64');
  }

  folder(mailboxGuid: string, folder: number): string {
    const id = this.#head(mailboxGuid, 89, 0, FOLDER_ENTRY_BYTES);
    PROVIDER.copy(id, 47);
    id.writeUInt16LE(OBJECT_FOLDER, 63);
    this.#replica.copy(id, 65);
    writeCounter(id, 81, folder);
    return id.toString('base64');
  }

  attachment(mailboxGuid: string, folder: number, number: number, attachment: number, date?: LocalDate): string {
    const owner = Buffer.from(
      date === undefined ? this.item(mailboxGuid, folder, number) : this.occurrence(mailboxGuid, folder, number, date),
      'base64',
    );
    const tail = Buffer.alloc(19);
    tail[0] = 1;
    tail.writeUInt16LE(16, 1);
    this.#replica.copy(tail, 3, 0, 12);
    tail.writeUInt32LE(attachment, 15);
    return Buffer.concat([owner, tail]).toString('base64');
  }

  /** The 70-byte entry id of the store, as other id formats show it. */
  entryId(folder: number, number: number): Buffer {
    const entry = Buffer.alloc(ITEM_ENTRY_BYTES);
    this.#writeItemEntry(entry, 0, folder, number);
    return entry;
  }

  changeKey(change: number): string {
    return this.#changeKeyPrefix + counterText(change);
  }

  folderChangeKey(change: number, calendar: boolean): string {
    const key = Buffer.alloc(30);
    key[0] = calendar ? 2 : 1;
    key[4] = 0x16;
    this.#replica.copy(key, 8);
    writeCounter(key, 24, change);
    return key.toString('base64');
  }

  /** The change number in a change key; undefined when it is none of ours (a stub of an event, for one). */
  readChangeKey(text: string): number | undefined {
    const key = fromBase64(text);
    return key?.length === 30 && this.#isOurs(key, 8) ? readCounter(key, 24) : undefined;
  }

  decode(text: string): DecodedId | undefined {
    const id = fromBase64(text);
    if (id === undefined || id.length < 89 || id[0] !== 0 || id[1] !== 3 || id.readUInt16LE(2) !== 36) return undefined;
    const mailboxGuid = id.toString('latin1', 4, 40);
    switch (id.length) {
      case 89:
        return this.#isOurs(id, 65) ? { kind: 'folder', mailboxGuid, folder: readCounter(id, 81) } : undefined;
      case 113:
        return this.#decodeItem(id, 43, mailboxGuid);
      case 124: {
        const item = this.#decodeItem(id, 53, mailboxGuid);
        return item && { ...item, kind: 'occurrence', date: ticksToDate(id.readBigInt64BE(44)) };
      }
      case 132:
      case 143:
        return this.#decodeAttachment(id, mailboxGuid);
      default:
        return undefined;
    }
  }

  #decodeAttachment(id: Buffer, mailboxGuid: string): DecodedAttachmentId | undefined {
    const isOccurrence = id.length === 143;
    const item = this.#decodeItem(id, isOccurrence ? 53 : 43, mailboxGuid);
    if (item === undefined) return undefined;
    const attachment = id.readUInt32LE(id.length - 4);
    const base = { ...item, kind: 'attachment' as const, attachment };
    return isOccurrence ? { ...base, date: ticksToDate(id.readBigInt64BE(44)) } : base;
  }

  #decodeItem(id: Buffer, at: number, mailboxGuid: string): DecodedItemId | undefined {
    if (!this.#isOurs(id, at + 22) || !this.#isOurs(id, at + 46)) return undefined;
    return { kind: 'item', mailboxGuid, folder: readCounter(id, at + 38), number: readCounter(id, at + 62) };
  }

  #isOurs(id: Buffer, at: number): boolean {
    return this.#replica.compare(id, at, at + 16) === 0;
  }

  #head(mailboxGuid: string, length: number, type: number, dataLength: number): Buffer {
    const id = Buffer.alloc(length);
    id[1] = 3;
    id.writeUInt16LE(36, 2);
    id.write(mailboxGuid, 4, 'latin1');
    id[40] = type;
    id.writeUInt16LE(dataLength, 41);
    return id;
  }

  #writeItemEntry(id: Buffer, at: number, folder: number, number: number): void {
    PROVIDER.copy(id, at + 4);
    id.writeUInt16LE(7, at + 20);
    this.#replica.copy(id, at + 22);
    writeCounter(id, at + 38, folder);
    this.#replica.copy(id, at + 46);
    writeCounter(id, at + 62, number);
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Six big-endian bytes as eight characters of base64. */
function counterText(value: number): string {
  const high = Math.floor(value / 0x1000000);
  const low = value % 0x1000000;
  const part = (bits: number): string =>
    (ALPHABET[bits >>> 18] ?? 'A') +
    (ALPHABET[(bits >>> 12) & 63] ?? 'A') +
    (ALPHABET[(bits >>> 6) & 63] ?? 'A') +
    (ALPHABET[bits & 63] ?? 'A');
  return (high === 0 ? 'AAAA' : part(high)) + part(low);
}

function writeCounter(buffer: Buffer, at: number, value: number): void {
  buffer.writeUIntBE(value, at, 6);
}

function readCounter(buffer: Buffer, at: number): number {
  return buffer.readUIntBE(at, 6);
}

function fromBase64(text: string): Buffer | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function dateToTicks(date: LocalDate): bigint {
  return TICKS_AT_EPOCH + BigInt(Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS)) * TICKS_PER_DAY;
}

function ticksToDate(ticks: bigint): LocalDate {
  const days: Instant = Number((ticks - TICKS_AT_EPOCH) / TICKS_PER_DAY);
  const ms = days * DAY_MS;
  return Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : '';
}
