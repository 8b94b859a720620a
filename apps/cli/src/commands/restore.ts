/** `restore FILE`: reads a backup of this or an older version into an empty database, whole or not at all. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isFailure } from '@calendar-connector/sync-core';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import type { Text } from '../program/language.ts';
import { withStore } from './database.ts';
import { fileFault } from './file-fault.ts';

const DONE = {
  en: (rows: number, made: string) => `${rows} rows of the backup of ${made} were restored. Start the service.`,
  ru: (rows: number, made: string) => `Восстановлено строк: ${rows}, копия от ${made}. Запустите службу.`,
} as const;

export async function run(call: Call): Promise<number> {
  const file = resolve(argument(call, 'file'));
  await refuseUnreadable(call, file);
  const summary = await withStore(call, async (store) => await store.restore(createReadStream(file))).catch(
    (error: unknown) => {
      throw refusal(call, file, error);
    },
  );
  const rows = Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
  call.io.out(DONE[call.language](rows, summary.createdAt));
  return EXIT.ok;
}

async function refuseUnreadable(call: Call, file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  } catch (error) {
    throw fileFault(call, file, error, 'read');
  }
}

/** The store's refusals by their codes, in the reader's language. */
const REFUSALS: Readonly<Record<string, (file: string) => Text>> = {
  'restore.unreadable': (file) => ({
    en: `${file} is not a backup of the connector or is damaged; name another file`,
    ru: `${file} — не резервная копия коннектора или повреждённая; укажите другой файл`,
  }),
  'restore.truncated': (file) => ({
    en: `${file} ends too early: the backup is incomplete; copy it here once more or take another one`,
    ru: `${file} обрывается: копия неполная; скопируйте её ещё раз или возьмите другую`,
  }),
  'restore.damaged': (file) => ({
    en: `${file} is damaged: its check sum does not match; copy it here once more or take another one`,
    ru: `${file}: копия повреждена, контрольная сумма не сходится; скопируйте её ещё раз или возьмите другую`,
  }),
  'restore.newer': (file) => ({
    en: `${file} was made by a newer version of the connector; install that version and restore it there`,
    ru: `${file}: копия сделана более новой версией коннектора; установите её и восстановите копию в ней`,
  }),
  'restore.filled': () => ({
    en: 'the database already holds data of the connector: restore into an empty one; how to make one: chapter 6.3 of the guide',
    ru: 'в базе уже есть данные коннектора: восстанавливать можно только в пустую; как её подготовить: глава 6.3 руководства',
  }),
};

function refusal({ language }: Call, file: string, error: unknown): unknown {
  const told = isFailure(error) ? REFUSALS[error.code] : undefined;
  return told === undefined ? error : new CommandFault(EXIT.failed, told(file)[language], error);
}
