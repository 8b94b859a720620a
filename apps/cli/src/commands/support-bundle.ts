/** `support-bundle FILE`: what support needs in one archive, without secrets, subjects and names (feature E6). */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { bundleFiles } from '../support/bundle-files.ts';
import { tarGz } from '../support/tar-archive.ts';
import { fileFault } from './file-fault.ts';

const DONE = {
  en: (file: string, count: number) =>
    `${count} files were written to ${file}. Passwords are left out and people's names replaced; look inside before you send it.`,
  ru: (file: string, count: number) =>
    `В ${file} записано файлов: ${count}. Паролей в нём нет, имена людей заменены; просмотрите его перед отправкой.`,
} as const;

export async function run(call: Call): Promise<number> {
  const file = resolve(argument(call, 'file'));
  const files = await bundleFiles(call);
  try {
    await writeFile(file, tarGz(files, call.io.now()), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw fileFault(call, file, error, 'make');
  }
  call.io.out(DONE[call.language](file, files.length));
  return EXIT.ok;
}
