/** Reading a small file whose rights matter. Outcomes are data: the callers have the words. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A password or certificate bundle larger than this is something else. */
const MAX_FILE_BYTES = 1024 * 1024;
const OTHERS_MAY_READ = 0o004;

export type FileReading =
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly mode: string; readonly isExposed: boolean }
  | { readonly kind: 'missing' }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads at most `limit` bytes; rights and content are taken from one open file, so they belong together. */
export function readSmallFile(path: string, limit: number = MAX_FILE_BYTES): FileReading {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const status = fstatSync(descriptor);
    if (status.isDirectory()) return { kind: 'unreadable', reason: 'EISDIR' };
    const buffer = Buffer.alloc(limit + 1);
    const length = fill(descriptor, buffer);
    if (length > limit) return { kind: 'tooLarge' };
    const isExposed = process.platform !== 'win32' && (status.mode & OTHERS_MAY_READ) !== 0;
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    return { kind: 'read', bytes: buffer.subarray(0, length), mode, isExposed };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'missing' } : { kind: 'unreadable', reason: code };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function fill(descriptor: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return length;
}
