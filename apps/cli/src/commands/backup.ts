/** `backup FILE`: the database into one file, readable by its owner only; never over an existing file (feature E6). */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isFailure } from '@calendar-connector/sync-core';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { withStore } from './database.ts';
import { fileFault } from './file-fault.ts';

const DONE = {
  en: (file: string, rows: number, bytes: number) => `${rows} rows were written to ${file} (${bytes} bytes).`,
  ru: (file: string, rows: number, bytes: number) => `В файл ${file} записано строк: ${rows} (байт: ${bytes}).`,
} as const;
const NOTHING = {
  en: 'there is nothing to back up: the database holds no tables of the connector yet; the service makes them when it first starts',
  ru: 'сохранять нечего: в базе ещё нет таблиц коннектора; служба создаст их при первом запуске',
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
      throw reasonFor(call, file, error);
    }
  });
  const { size } = await stat(file);
  call.io.out(DONE[call.language](file, rows, size));
  return EXIT.ok;
}

/** No tables yet, a disk that filled up; anything else is the database's own matter. */
function reasonFor(call: Call, file: string, error: unknown): unknown {
  if (isFailure(error))
    return error.code === 'backup.empty' ? new CommandFault(EXIT.failed, NOTHING[call.language], error) : error;
  return (error as NodeJS.ErrnoException).syscall === undefined ? error : fileFault(call, file, error, 'make');
}

async function opened(target: NodeJS.WritableStream, call: Call, file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    target.once('open', () => resolve());
    target.once('error', (error) => reject(fileFault(call, file, error, 'make')));
  });
}
