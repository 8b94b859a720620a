/**
 * Sync states in the form of real ones: base64 of gzip ("H4sIAAAA…"), opaque, some 500 characters, with a checksum so that a cut
 * or altered state is refused (ErrorInvalidSyncStateData), versioned by mailbox and folder. A state that knows only what the seed
 * makes survives a restart of the fake; one that has seen more names changes that nobody remembers, and is refused.
 * Facts "SyncFolderItems".
 */
import { crc32 } from 'node:zlib';
import type { SyncPosition } from '../world/change-log.ts';

export interface SyncState extends SyncPosition {
  readonly scope: 'items' | 'hierarchy';
  readonly mailboxGuid: string;
  readonly folder: number;
  readonly epoch: number;
  /** the life of the world it was written in */
  readonly life: number;
}

const MAGIC = 0x53594e43;
const LENGTH = 370;
const HEADER = Buffer.from('1f8b08000000000004', 'hex');
const OVERHEAD = 10 + 5 + 8;

/** Packs a state. The gzip member holds one stored block: nothing is compressed, so it costs almost nothing. */
export function writeSyncState(state: SyncState): string {
  const data = Buffer.alloc(LENGTH);
  data.writeUInt32BE(MAGIC, 0);
  data[4] = state.scope === 'items' ? 1 : 2;
  data.write(state.mailboxGuid, 5, 'latin1');
  data.writeUIntBE(state.folder, 41, 6);
  data.writeUInt32BE(state.epoch, 47);
  data.writeUIntBE(state.since, 51, 6);
  data.writeUIntBE(state.until, 57, 6);
  data.writeUIntBE(state.below, 63, 6);
  data.writeUInt32BE(state.life, 69);
  for (let index = 73; index < LENGTH - 4; index += 1) data[index] = (index * 37 + (data[index - 40] ?? 0)) & 0xff;
  data.writeUInt32BE(crc32(data.subarray(0, LENGTH - 4)), LENGTH - 4);
  const gzip = Buffer.alloc(LENGTH + OVERHEAD);
  HEADER.copy(gzip);
  gzip[10] = 1;
  gzip.writeUInt16LE(LENGTH, 11);
  gzip.writeUInt16LE(LENGTH ^ 0xffff, 13);
  data.copy(gzip, 15);
  gzip.writeUInt32LE(crc32(data), 15 + LENGTH);
  gzip.writeUInt32LE(LENGTH, 19 + LENGTH);
  return gzip.toString('base64');
}

/** Unpacks a state; undefined when it is not one of ours or was damaged. */
export function readSyncState(text: string): SyncState | undefined {
  const gzip = Buffer.from(text.trim(), 'base64');
  if (gzip.length !== LENGTH + OVERHEAD) return undefined;
  const data = gzip.subarray(15, 15 + LENGTH);
  if (data.readUInt32BE(0) !== MAGIC || data.readUInt32BE(LENGTH - 4) !== crc32(data.subarray(0, LENGTH - 4)))
    return undefined;
  return {
    scope: data[4] === 1 ? 'items' : 'hierarchy',
    mailboxGuid: data.toString('latin1', 5, 41),
    folder: data.readUIntBE(41, 6),
    epoch: data.readUInt32BE(47),
    since: data.readUIntBE(51, 6),
    until: data.readUIntBE(57, 6),
    below: data.readUIntBE(63, 6),
    life: data.readUInt32BE(69),
  };
}
