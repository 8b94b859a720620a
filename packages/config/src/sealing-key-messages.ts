/** Why there is no usable key file, in both languages: the file, the cause, the cure. Light: `--hash_pass` must start at once. */
import type { Language, Text } from './language.ts';

export type SealingKeyErrorCode = 'missing' | 'unreadable' | 'exposed' | 'damaged' | 'notWritable';

/** `detail`: the system's code, the rights of the file, the size it must have. */
export function sealingKeySentence(
  code: SealingKeyErrorCode,
  path: string,
  detail: string,
  language: Language = 'en',
): string {
  return SENTENCES[code](path, detail)[language];
}

const SENTENCES: Readonly<Record<SealingKeyErrorCode, (path: string, detail: string) => Text>> = {
  missing: (path) => ({
    en: `There is no key file ${path}. Make one: tc_calendar --hash_pass`,
    ru: `Файла ключа ${path} нет. Создайте его: tc_calendar --hash_pass`,
  }),
  unreadable: (path, reason) => ({
    en: `The key file ${path} cannot be read (${reason}). Run the command as administrator, or give the user of the service the right to read it`,
    ru: `Файл ключа ${path} не читается (${reason}). Выполните команду от имени администратора или дайте пользователю службы право на чтение`,
  }),
  exposed: (path, mode) => ({
    en: `The key file ${path} has mode ${mode}: other users can reach it. Run: chmod 600 ${path}. Encrypt the passwords anew if somebody may have read it`,
    ru: `У файла ключа ${path} права ${mode}: он доступен другим пользователям. Выполните: chmod 600 ${path}. Если его могли прочитать, зашифруйте пароли заново`,
  }),
  damaged: (path, bytes) => ({
    en: `The key file ${path} is damaged: it must hold ${bytes} bytes in base64. Bring it back from a backup; without one remove it and encrypt the passwords anew: tc_calendar --hash_pass`,
    ru: `Файл ключа ${path} повреждён: в нём должно быть ${bytes} байта в base64. Верните его из резервной копии; если её нет, удалите файл и зашифруйте пароли заново: tc_calendar --hash_pass`,
  }),
  notWritable: (path, reason) => ({
    en: `The key file ${path} cannot be made (${reason}). Run the command as administrator, or name another folder with --root`,
    ru: `Файл ключа ${path} нельзя создать (${reason}). Выполните команду от имени администратора или укажите другую папку параметром --root`,
  }),
};
