/** A .tar.gz in memory (POSIX ustar): small text files only, enough for a support bundle, no program needed. */
import { gzipSync } from 'node:zlib';

export interface ArchiveFile {
  /** up to 100 ASCII characters */
  readonly name: string;
  readonly text: string;
}

const BLOCK = 512;
const MAX_NAME = 100;

export function tarGz(files: readonly ArchiveFile[], at: number): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const body = Buffer.from(text, 'utf8');
    const padding = Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK);
    return [header(name, body.length, at), body, padding];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
}

function header(name: string, size: number, at: number): Buffer {
  if (name.length > MAX_NAME) throw new RangeError(`${name} is too long a name for the archive`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${octal(size, 11)}\0`, 124);
  block.write(`${octal(Math.floor(at / 1000), 11)}\0`, 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, '0');
}
