/** A file that cannot be read or made, in a sentence. */
import { dirname } from 'node:path';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

const TEXTS = {
  en: {
    EEXIST: (file: string) => `${file} exists already and is not overwritten; name another file`,
    ENOENT: (file: string) => `there is no ${file}; check the path`,
    noFolder: (file: string) => `there is no folder ${dirname(file)} to make the file in; make it or name another one`,
    EISDIR: (file: string) => `${file} is a folder; name a file`,
    EACCES: (file: string) =>
      `${file} may not be used by this user; run the command as administrator or choose another place`,
    ENOSPC: (file: string) => `there is no room left for ${file}; make room or choose another place`,
    other: (file: string, code: string) => `${file} cannot be used (${code}); choose another place`,
  },
  ru: {
    EEXIST: (file: string) => `файл ${file} уже есть и не перезаписывается; укажите другой`,
    ENOENT: (file: string) => `${file} не найден; проверьте путь`,
    noFolder: (file: string) => `нет папки ${dirname(file)}, чтобы создать в ней файл; создайте её или укажите другую`,
    EISDIR: (file: string) => `${file} — папка; укажите файл`,
    EACCES: (file: string) =>
      `у этого пользователя нет прав на ${file}; выполните команду от имени администратора или выберите другое место`,
    ENOSPC: (file: string) => `для ${file} не хватает места; освободите его или выберите другое место`,
    other: (file: string, code: string) => `${file} использовать нельзя (${code}); выберите другое место`,
  },
} as const;

/** `aim`: a file to make lacks its folder where a file to read is missing itself. */
export function fileFault(
  { language }: Pick<Call, 'language'>,
  file: string,
  error: unknown,
  aim: 'read' | 'make',
): CommandFault {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const say = TEXTS[language];
  if (code === 'ENOENT')
    return new CommandFault(EXIT.failed, aim === 'make' ? say.noFolder(file) : say.ENOENT(file), error);
  if (code === 'EEXIST' || code === 'EISDIR' || code === 'EACCES' || code === 'ENOSPC')
    return new CommandFault(EXIT.failed, say[code](file), error);
  return new CommandFault(EXIT.failed, say.other(file, code), error);
}
