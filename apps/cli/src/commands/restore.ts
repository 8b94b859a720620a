/** `restore FILE`: reads a backup of this or an older version into an empty database, whole or not at all. */
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { withStore } from './database.ts';
import { fileFault } from './file-fault.ts';

const DONE = {
  en: (rows: number, made: string) => `${rows} rows of the backup of ${made} were restored. Start the service.`,
  ru: (rows: number, made: string) => `Восстановлено строк: ${rows}, копия от ${made}. Запустите службу.`,
} as const;

export async function run(call: Call): Promise<number> {
  const file = resolve(argument(call, 'file'));
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw fileFault(call, file, error);
  });
  const summary = await withStore(call, async (store) => await store.restore(createReadStream(file)));
  const rows = Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
  call.io.out(DONE[call.language](rows, summary.createdAt));
  return EXIT.ok;
}
