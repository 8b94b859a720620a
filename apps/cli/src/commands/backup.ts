/** `backup FILE`: the database into one file, readable by its owner only; never over an existing file (feature E6). */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { withStore } from './database.ts';
import { fileFault } from './file-fault.ts';

const DONE = {
  en: (file: string, rows: number, bytes: number) => `${rows} rows were written to ${file} (${bytes} bytes).`,
  ru: (file: string, rows: number, bytes: number) => `В файл ${file} записано строк: ${rows} (байт: ${bytes}).`,
} as const;

export async function run(call: Call): Promise<number> {
  const file = resolve(argument(call, 'file'));
  const rows = await withStore(call, async (store) => {
    const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    await opened(target, call, file);
    try {
      const summary = await store.backup(target);
      return Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
    } catch (error) {
      target.destroy();
      await rm(file, { force: true });
      throw error;
    }
  });
  const { size } = await stat(file);
  call.io.out(DONE[call.language](file, rows, size));
  return EXIT.ok;
}

async function opened(target: NodeJS.WritableStream, call: Call, file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    target.once('open', () => resolve());
    target.once('error', (error) => reject(fileFault(call, file, error)));
  });
}
