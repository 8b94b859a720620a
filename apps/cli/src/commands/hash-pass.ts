/**
 * `--hash_pass`: encrypts passwords for config.json, one line each, in order (feature A5; design/contracts.md §3).
 * The output line is the guide's, in every language.
 */
import { chooseRoot, installationPaths } from '@calendar-connector/config/paths';
import {
  ensureSealingKey,
  MAX_PASSWORD_BYTES,
  SealError,
  type SealingKey,
  SealingKeyError,
} from '@calendar-connector/config/secrets';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

const TEXTS = {
  ask: { en: 'Password: ', ru: 'Пароль: ' },
  again: { en: 'Again: ', ru: 'Ещё раз: ' },
  differ: { en: 'the two passwords differ; nothing was encrypted', ru: 'пароли не совпали; ничего не зашифровано' },
  none: { en: 'no password was given; nothing was encrypted', ru: 'пароль не указан; ничего не зашифровано' },
  empty: { en: 'a password is empty; there is nothing to encrypt', ru: 'пароль пуст; шифровать нечего' },
  line: { en: 'line', ru: 'строка' },
  foreign: {
    en: 'a password is not UTF-8 text: the terminal or the file has another encoding; Exchange would be told another password',
    ru: 'пароль не в кодировке UTF-8: у терминала или файла другая кодировка; Exchange получил бы другой пароль',
  },
  long: {
    en: `a password is longer than ${MAX_PASSWORD_BYTES} bytes`,
    ru: `пароль длиннее ${MAX_PASSWORD_BYTES} байт`,
  },
} as const;

/** What Node puts where bytes were no UTF-8. */
const UNREADABLE = '\ufffd';
/** Windows editors begin a file with it. */
const BYTE_ORDER_MARK = /^\ufeff/;

export async function run(call: Call): Promise<number> {
  const key = openKey(call);
  const given = call.args.password ?? [];
  if (given.length > 0) {
    for (const password of given) print(call, key, password);
    return EXIT.ok;
  }
  if (call.io.isInputTerminal) {
    print(call, key, await asked(call));
    return EXIT.ok;
  }
  let count = 0;
  for await (const line of call.io.readLines()) {
    count += 1;
    print(call, key, count === 1 ? line.replace(BYTE_ORDER_MARK, '') : line, count);
  }
  if (count === 0) throw new CommandFault(EXIT.failed, TEXTS.none[call.language]);
  return EXIT.ok;
}

/** `line`: which of the lines read, told when something is wrong with it. */
function print({ io, language }: Call, key: SealingKey, password: string, line?: number): void {
  const place = line === undefined ? '' : `${TEXTS.line[language]} ${line}: `;
  if (password.includes(UNREADABLE)) throw new CommandFault(EXIT.failed, `${place}${TEXTS.foreign[language]}`);
  try {
    io.out(`Your encrypted data: ${key.seal(password)}`);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    const text = error.code === 'passwordTooLong' ? TEXTS.long : TEXTS.empty;
    throw new CommandFault(EXIT.failed, `${place}${text[language]}`);
  }
}

async function asked({ io, language }: Call): Promise<string> {
  const password = await io.askSecret(TEXTS.ask[language]);
  if (password === undefined) throw new CommandFault(EXIT.failed, TEXTS.none[language]);
  const again = await io.askSecret(TEXTS.again[language]);
  if (password !== again) throw new CommandFault(EXIT.failed, TEXTS.differ[language]);
  return password;
}

function openKey({ io, root, language }: Call): SealingKey {
  const { secretKey } = installationPaths(chooseRoot(root, io.env));
  try {
    return ensureSealingKey({ path: secretKey, credentialsDirectory: io.env.CREDENTIALS_DIRECTORY });
  } catch (error) {
    if (error instanceof SealingKeyError) throw new CommandFault(EXIT.failed, error.sentence(language), error);
    throw error;
  }
}
