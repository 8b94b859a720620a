/**
 * Every sentence a person can read about config.json, in both languages.
 * Each says what was found, what is allowed and what to do. No sentence ever receives a secret.
 */
import type { Language, Text } from './language.ts';

const SYNTAX: Readonly<Record<string, Text>> = {
  InvalidSymbol: {
    en: 'a word that is not true, false or null; keys and texts stand in double quotes',
    ru: 'слово, которое не true, false и не null; ключи и тексты пишутся в двойных кавычках',
  },
  InvalidNumberFormat: { en: 'a number that cannot be read', ru: 'число, которое нельзя прочесть' },
  PropertyNameExpected: { en: 'something else where a "key" must stand', ru: 'не "ключ" там, где он нужен' },
  ValueExpected: { en: 'no value where one must stand', ru: 'нет значения там, где оно нужно' },
  ColonExpected: { en: 'no : after the key', ru: 'нет : после ключа' },
  CommaExpected: { en: 'no comma after the value before this place', ru: 'нет запятой после предыдущего значения' },
  CloseBraceExpected: { en: 'no closing } for an object', ru: 'не закрыта фигурная скобка }' },
  CloseBracketExpected: { en: 'no closing ] for a list', ru: 'не закрыта квадратная скобка ]' },
  EndOfFileExpected: {
    en: 'more text after the end of the configuration',
    ru: 'лишний текст после конца конфигурации',
  },
  InvalidCommentToken: { en: 'a broken comment', ru: 'неверный комментарий' },
  UnexpectedEndOfComment: { en: 'a comment /* without its */', ru: 'комментарий /* без */' },
  UnexpectedEndOfString: { en: 'a text without its closing "', ru: 'текст без закрывающей кавычки "' },
  UnexpectedEndOfNumber: { en: 'a number that breaks off', ru: 'оборванное число' },
  InvalidUnicode: { en: 'a wrong \\u escape', ru: 'неверная последовательность \\u' },
  InvalidEscapeCharacter: {
    en: 'a single \\ in a text (write \\\\)',
    ru: 'одиночный знак \\ в тексте (пишется \\\\)',
  },
  InvalidCharacter: { en: 'a sign that may not stand in a text', ru: 'недопустимый знак в тексте' },
  TooDeep: { en: 'too many nested brackets', ru: 'слишком много вложенных скобок' },
};

/** How to make a file readable: what stands in the way is usually a forgotten sudo. */
function readable(reason: string): { readonly en: string; readonly ru: string } {
  if (reason === 'EISDIR') return { en: 'It is a folder: name a file', ru: 'Это папка: укажите файл' };
  return {
    en: "Run the command as administrator (sudo), or give the service's user the right to read it",
    ru: 'Выполните команду от имени администратора (sudo) или дайте пользователю службы право на чтение',
  };
}

const en = {
  fileMissing: () =>
    'there is no such file. Copy share/calendar/config.sample.en.json of the installation (docs/reference/config.sample.en.jsonc in the sources) to this place and fill it in, or name another file with --config',
  fileUnreadable: (reason: string) => `the file cannot be read (${reason}). ${readable(reason).en}`,
  fileTooLarge: (limit: number) => `the file is larger than ${limit} bytes; this is not a configuration`,
  notUtf8: () => 'the file is not UTF-8 text. Save it as UTF-8',
  empty: () =>
    'the file holds no configuration. Copy share/calendar/config.sample.en.json of the installation into it and fill it in',
  syntax: (code: string) => `found ${SYNTAX[code]?.en ?? code}. Correct it here or just before this place`,
  notAnObject: (found: string) => `found ${found}; allowed: one object { … }. Put all keys between { and }`,
  duplicateKey: () => 'the key is written twice in one object. Keep one of them',
  wrongValue: (found: string, allowed: string, example: string) =>
    `found ${found}; allowed: ${allowed}. Write, for example, ${example}`,
  missing: (allowed: string, example: string) =>
    `the key is missing; allowed: ${allowed}. Add, for example, ${example}`,
  unknownKey: (nearest: string) => `unknown key, it has no effect. Did you mean "${nearest}"? Rename or remove it`,
  outermost: () => 'the outermost { }',
  misplacedKey: (places: string) =>
    `unknown key here, it has no effect. It belongs into ${places}. Move it there or remove it`,
  unknownKeyAlone: (known: string) => `unknown key, it has no effect. Known here: ${known}. Remove it`,
  httpNotLocal: (host: string) =>
    `http to ${host} would send passwords unencrypted; http is allowed only to this machine. Use https`,
  noServerEntry: (id: string) =>
    `"${id}" is allowed to connect but has no entry in trueConfServers: its users cannot be authorised and no conferences are made there. Add { "id": "${id}", "url": …, "clientId": …, "clientSecret": … }`,
  serverNotListed: (id: string) =>
    `"${id}" is not in productWhitelist.tcs, so the entry has no effect. Add the name there or remove the entry`,
  duplicateServer: (id: string) => `there are two entries for "${id}". Keep one`,
  emptyWhitelist: () =>
    'no TrueConf Server is named: no client can connect and no conference is made. Add "name#vcs" to the list',
  noUsers: () => 'no mailbox is listed: nothing will be kept in step. Add e-mail addresses',
  duplicateUser: (address: string) => `"${address}" is listed twice. Remove one of them`,
  sharedUser: (address: string, other: string) =>
    `"${address}" is also listed for provider "${other}"; a mailbox belongs to one provider. Remove it from one of them`,
  duplicateProvider: (name: string) => `two providers are called "${name}". Give each its own "name"`,
  unknownPriorityUser: (address: string) =>
    `"${address}" is in no calendarProviders[].users, so it has no effect. Add it there`,
  tokenNeeded: (host: string) =>
    `found "${host}", which other machines can reach, without http.adminToken. Set http.adminToken or use 127.0.0.1`,
  samePort: (port: number) => `${port} is also wsPort; two servers cannot share it. Choose another port, normally 4316`,
  plainSecret: () =>
    'the value is plain text that anybody who reads the file can use. Encrypt it: tc_calendar --hash_pass',
  configExposed: (mode: string) =>
    `the file has mode ${mode} and holds a plain-text password: every user of this machine can read it. Encrypt the password, run chmod 640`,
  placeholder: () => "the value is the sample's placeholder. Put the output of tc_calendar --hash_pass here",
  sealNoKey: (path: string) =>
    `the value is encrypted, but there is no key file ${path}. Bring the key file back or encrypt the password anew: tc_calendar --hash_pass`,
  sealKeyUnusable: (detail: string) => `the value is encrypted, but the key cannot be used. ${detail}`,
  sealOtherKey: (path: string) =>
    `the value was encrypted with another key than ${path}. Encrypt the password anew on this machine: tc_calendar --hash_pass`,
  sealCut: () =>
    'the encrypted value was cut: a part of it is missing. Copy it whole, or encrypt the password anew: tc_calendar --hash_pass',
  sealAltered: () =>
    'the encrypted value was altered: it fails its check. Copy it again, or encrypt the password anew: tc_calendar --hash_pass',
  sealUnknownVersion: () =>
    'the encrypted value was made by a newer version of this program. Update, or encrypt the password anew: tc_calendar --hash_pass',
  secretFileMissing: (path: string) => `the secret's file ${path} does not exist. Make it or correct the path`,
  secretFileUnreadable: (path: string, reason: string) =>
    `the secret's file ${path} cannot be read (${reason}). ${readable(reason).en}`,
  secretFileExposed: (path: string, mode: string) =>
    `the secret's file ${path} has mode ${mode}: every user of this machine can read it. Run chmod 600 ${path}`,
  secretFileEmpty: (path: string) => `the secret's file ${path} is empty. Write the password into it`,
  secretFileTooLarge: (path: string) => `the secret's file ${path} is too large for a password. Correct the path`,
  credentialName: () => 'the name after credential: may hold Latin letters, digits and _ . - only. Correct it',
  noCredentials: (name: string) =>
    `the systemd credential "${name}" is not available: CREDENTIALS_DIRECTORY is not set. Start the service by systemd with LoadCredential=${name}:PATH, or use file:PATH`,
  certificateMissing: (path: string) => `the file ${path} does not exist. Correct the path or remove the key`,
  certificateUnreadable: (path: string, reason: string) =>
    `the file ${path} cannot be read (${reason}). ${readable(reason).en}`,
  noCertificate: (path: string) =>
    `the file ${path} holds no certificate (-----BEGIN CERTIFICATE-----). Name a PEM file`,
};

const ru: typeof en = {
  fileMissing: () =>
    'такого файла нет. Скопируйте сюда share/calendar/config.sample.ru.json из папки установки (в исходных текстах docs/reference/config.sample.ru.jsonc) и заполните его или укажите другой файл: --config',
  fileUnreadable: (reason) => `файл не читается (${reason}). ${readable(reason).ru}`,
  fileTooLarge: (limit) => `файл больше ${limit} байт; это не конфигурация`,
  notUtf8: () => 'файл не в кодировке UTF-8. Сохраните его в UTF-8',
  empty: () =>
    'в файле нет конфигурации. Скопируйте в него share/calendar/config.sample.ru.json из папки установки и заполните',
  syntax: (code) => `найдено: ${SYNTAX[code]?.ru ?? code}. Исправьте здесь или непосредственно перед этим местом`,
  notAnObject: (found) => `найдено: ${found}; допустимо: один объект { … }. Заключите все ключи в { и }`,
  duplicateKey: () => 'ключ записан в объекте дважды. Оставьте один',
  wrongValue: (found, allowed, example) => `найдено: ${found}; допустимо: ${allowed}. Напишите, например, ${example}`,
  missing: (allowed, example) => `ключа нет; допустимо: ${allowed}. Добавьте, например, ${example}`,
  unknownKey: (nearest) =>
    `неизвестный ключ, он ни на что не влияет. Возможно, имелся в виду "${nearest}"? Переименуйте или удалите его`,
  outermost: () => 'внешние { }',
  misplacedKey: (places) =>
    `неизвестный здесь ключ, он ни на что не влияет. Его место: ${places}. Перенесите его туда или удалите`,
  unknownKeyAlone: (known) => `неизвестный ключ, он ни на что не влияет. Здесь известны: ${known}. Удалите его`,
  httpNotLocal: (host) =>
    `по http к ${host} пароли шли бы без шифрования; http допустим только к этой же машине. Используйте https`,
  noServerEntry: (id) =>
    `"${id}" допущен к подключению, но не описан в trueConfServers: его пользователей нельзя проверить и конференции на нём не создаются. Добавьте { "id": "${id}", "url": …, "clientId": …, "clientSecret": … }`,
  serverNotListed: (id) =>
    `"${id}" нет в productWhitelist.tcs, запись ни на что не влияет. Добавьте имя туда или удалите запись`,
  duplicateServer: (id) => `для "${id}" есть две записи. Оставьте одну`,
  emptyWhitelist: () =>
    'не назван ни один TrueConf Server: клиенты не смогут подключиться, конференции не создаются. Добавьте в список "имя#vcs"',
  noUsers: () => 'не указан ни один почтовый ящик: синхронизировать нечего. Добавьте адреса',
  duplicateUser: (address) => `"${address}" указан дважды. Удалите один`,
  sharedUser: (address, other) =>
    `"${address}" указан и у провайдера "${other}"; ящик принадлежит одному провайдеру. Удалите его у одного из них`,
  duplicateProvider: (name) => `два провайдера названы "${name}". Дайте каждому своё "name"`,
  unknownPriorityUser: (address) =>
    `"${address}" нет ни в одном calendarProviders[].users, это ни на что не влияет. Добавьте адрес туда`,
  tokenNeeded: (host) =>
    `найдено "${host}" — адрес доступен с других машин, а http.adminToken не задан. Задайте http.adminToken или укажите 127.0.0.1`,
  samePort: (port) => `${port} уже занят wsPort; двум серверам нужны разные порты. Выберите другой, обычно 4316`,
  plainSecret: () =>
    'значение записано открытым текстом, его прочтёт всякий, кому виден файл. Зашифруйте: tc_calendar --hash_pass',
  configExposed: (mode) =>
    `у файла права ${mode}, и в нём пароль открытым текстом: его прочтёт любой пользователь машины. Зашифруйте пароль, выполните chmod 640`,
  placeholder: () => 'здесь осталась заготовка из образца. Вставьте вывод tc_calendar --hash_pass',
  sealNoKey: (path) =>
    `значение зашифровано, но нет файла ключа ${path}. Верните файл или зашифруйте пароль заново: tc_calendar --hash_pass`,
  sealKeyUnusable: (detail) => `значение зашифровано, но ключ использовать нельзя. ${detail}`,
  sealOtherKey: (path) =>
    `значение зашифровано другим ключом, не ${path}. Зашифруйте пароль заново на этой машине: tc_calendar --hash_pass`,
  sealCut: () =>
    'зашифрованное значение обрезано: части не хватает. Скопируйте его целиком или зашифруйте пароль заново: tc_calendar --hash_pass',
  sealAltered: () =>
    'зашифрованное значение изменено: оно не проходит проверку. Скопируйте его снова или зашифруйте пароль заново: tc_calendar --hash_pass',
  sealUnknownVersion: () =>
    'значение зашифровано более новой версией программы. Обновите программу или зашифруйте пароль заново: tc_calendar --hash_pass',
  secretFileMissing: (path) => `файла с секретом ${path} нет. Создайте его или исправьте путь`,
  secretFileUnreadable: (path, reason) => `файл с секретом ${path} не читается (${reason}). ${readable(reason).ru}`,
  secretFileExposed: (path, mode) =>
    `у файла с секретом ${path} права ${mode}: его прочтёт любой пользователь машины. Выполните chmod 600 ${path}`,
  secretFileEmpty: (path) => `файл с секретом ${path} пуст. Запишите в него пароль`,
  secretFileTooLarge: (path) => `файл с секретом ${path} слишком велик для пароля. Исправьте путь`,
  credentialName: () => 'после credential: допустимы латинские буквы, цифры и знаки _ . -. Исправьте имя',
  noCredentials: (name) =>
    `учётные данные systemd "${name}" недоступны: не задана CREDENTIALS_DIRECTORY. Запустите службу через systemd с LoadCredential=${name}:ПУТЬ или используйте file:ПУТЬ`,
  certificateMissing: (path) => `файла ${path} нет. Исправьте путь или удалите ключ`,
  certificateUnreadable: (path, reason) => `файл ${path} не читается (${reason}). ${readable(reason).ru}`,
  noCertificate: (path) => `в файле ${path} нет сертификата (-----BEGIN CERTIFICATE-----). Укажите PEM-файл`,
};

export type Messages = typeof en;

export function messagesIn(language: Language): Messages {
  return language === 'ru' ? ru : en;
}

/** Kinds of JSON values in words, for "found …". */
export const KINDS: Readonly<Record<string, Text>> = {
  string: { en: 'a text', ru: 'текст' },
  number: { en: 'a number', ru: 'число' },
  boolean: { en: 'true or false', ru: 'true или false' },
  null: { en: 'null', ru: 'null' },
  array: { en: 'a list', ru: 'список' },
  object: { en: 'an object', ru: 'объект' },
  empty: { en: 'an empty text', ru: 'пустой текст' },
  emptyList: { en: 'an empty list', ru: 'пустой список' },
};
