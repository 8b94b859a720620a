/**
 * One call of tc_calendar: understands the command line, runs the command, returns the exit code. Whatever goes wrong
 * ends in one line that says what, why and what to do; a stack trace is a defect and says so.
 */
import type { Failure } from '@calendar-connector/sync-core';
import type { Call } from './command.ts';
import { firstLook, passwordsOf } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFault } from './fault.ts';
import type { Io } from './io.ts';
import { chooseLanguage, type Language } from './language.ts';
import { TABLE } from './table.ts';
import { versionLine } from './version.ts';

const DEFECT = {
  en: 'this is a defect of tc_calendar; please report it with the lines below',
  ru: 'это ошибка самой программы tc_calendar; сообщите о ней, приложив строки ниже',
} as const;

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const look = firstLook(argv);
  const language = chooseLanguage(io.env, look);
  try {
    if (look.wants === 'version') {
      io.out(versionLine());
      return EXIT.ok;
    }
    if (look.wants === 'help') return await help(look.argv, io, language);
    if (look.wants === 'hashPass') return await hashPass(look.argv, { io, language, table: TABLE, ...place(look) });
    return await runParsed(look.argv, io, language);
  } catch (error) {
    return told(error, io, language);
  }
}

async function help(argv: readonly string[], io: Io, language: Language): Promise<number> {
  const [{ helpText }, { wordsOf }] = await Promise.all([import('../docs/help-text.ts'), import('./mistakes.ts')]);
  io.out(helpText(wordsOf(argv, TABLE), language, TABLE));
  return EXIT.ok;
}

async function hashPass(argv: readonly string[], call: Omit<Call, 'args' | 'options'>): Promise<number> {
  const found = passwordsOf(argv);
  if (!found.ok) {
    const text = {
      en: `unknown option ${found.word}; put -- before a password that begins with dashes`,
      ru: `неизвестный параметр ${found.word}; перед паролем, который начинается с дефисов, поставьте --`,
    };
    throw new CommandFault(EXIT.usage, text[call.language]);
  }
  const { run: seal } = await import('../commands/hash-pass.ts');
  return await seal({ ...call, args: { password: found.passwords }, options: {} });
}

async function runParsed(argv: readonly string[], io: Io, language: Language): Promise<number> {
  const { parseCommandLine } = await import('./yargs-program.ts');
  const parsed = await parseCommandLine(argv);
  if (parsed.kind === 'mistake') {
    const { mistakeIn } = await import('./mistakes.ts');
    throw new CommandFault(EXIT.usage, mistakeIn(argv, language, TABLE, parsed.text));
  }
  const { command, args, options } = parsed;
  const { run: work } = await command.load();
  return await work({
    io,
    language,
    table: TABLE,
    root: options.root as string | undefined,
    configFile: options.config as string | undefined,
    args,
    options,
  });
}

function place(look: { readonly root?: string; readonly configFile?: string }) {
  return { root: look.root, configFile: look.configFile };
}

/** sync-core's `isFailure`, without loading the engine for `--version`. */
function isFailure(value: unknown): value is Failure & Error {
  return value instanceof Error && typeof (value as Partial<Failure>).kind === 'string' && 'retriable' in value;
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (isFailure(error) && error.kind === 'aborted'));
}

function told(error: unknown, io: Io, language: Language): number {
  if (error instanceof CommandFault) {
    io.err(`tc_calendar: ${error.message}`);
    return error.exitCode;
  }
  if (isInterruption(error)) return EXIT.interrupted;
  if (isFailure(error)) {
    io.err(`tc_calendar: ${error.message}`);
    return error.kind === 'unavailable' || error.kind === 'timeout' ? EXIT.unavailable : EXIT.failed;
  }
  io.err(`tc_calendar: ${DEFECT[language]}`);
  io.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}
