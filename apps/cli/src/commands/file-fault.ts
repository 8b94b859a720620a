/** A file that cannot be read or written, in a sentence. */
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

const TEXTS = {
  en: {
    EEXIST: (file: string) => `${file} exists already and is not overwritten; name another file`,
    ENOENT: (file: string) => `there is no ${file}; check the path`,
    EACCES: (file: string) =>
      `${file} may not be used by this user; run the command as another one or choose another place`,
    other: (file: string, code: string) => `${file} cannot be used (${code}); choose another place`,
  },
  ru: {
    EEXIST: (file: string) => `файл ${file} уже есть и не перезаписывается; укажите другой`,
    ENOENT: (file: string) => `${file} не найден; проверьте путь`,
    EACCES: (file: string) =>
      `у пользователя нет права на ${file}; выполните команду от другого имени или выберите другое место`,
    other: (file: string, code: string) => `${file} использовать нельзя (${code}); выберите другое место`,
  },
} as const;

export function fileFault({ language }: Pick<Call, 'language'>, file: string, error: unknown): CommandFault {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const say = TEXTS[language];
  if (code === 'EEXIST' || code === 'ENOENT' || code === 'EACCES') {
    return new CommandFault(EXIT.failed, say[code](file), error);
  }
  return new CommandFault(EXIT.failed, say.other(file, code), error);
}
