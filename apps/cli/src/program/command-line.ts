/**
 * First look at the command line, without any parser: the guide's old flags become commands, and what must start at once
 * (`--help`, `--version`, `--hash_pass`) is recognised. Everything else goes to yargs.
 */
import { COMMANDS, GLOBAL_OPTIONS } from './table.ts';

export interface FirstLook {
  readonly root?: string;
  readonly configFile?: string;
  readonly wants: 'help' | 'version' | 'hashPass' | 'other';
  /** with old flags replaced by commands */
  readonly argv: readonly string[];
}

const VALUED = new Set(GLOBAL_OPTIONS.map(({ name }) => `--${name}`));

export function firstLook(argv: readonly string[]): FirstLook {
  const root = optionValue(argv, '--root');
  const configFile = optionValue(argv, '--config');
  const place = { ...(root === undefined ? {} : { root }), ...(configFile === undefined ? {} : { configFile }) };
  const modern = withoutOldFlag(argv);
  const options = argv.slice(0, endOfOptions(argv));
  const wants = modern[0] === 'hash-pass' ? 'hashPass' : options.some(isVersion) ? 'version' : 'other';
  return { ...place, argv: modern, wants: options.some(isHelp) ? 'help' : wants };
}

/** `--root X --register KEY` → `register --root X KEY`. */
function withoutOldFlag(argv: readonly string[]): readonly string[] {
  const end = endOfOptions(argv);
  for (const [index, word] of argv.slice(0, end).entries()) {
    if (VALUED.has(argv[index - 1] ?? '')) continue;
    const [flag = '', ...value] = word.split('=');
    const command = COMMANDS.find((one) => one.flag === flag);
    if (!command) continue;
    const given = value.length === 0 ? [] : [value.join('=')];
    return [...command.words, ...argv.slice(0, index), ...given, ...argv.slice(index + 1)];
  }
  return argv;
}

function optionValue(argv: readonly string[], option: string): string | undefined {
  for (const [index, word] of argv.slice(0, endOfOptions(argv)).entries()) {
    if (word === option) return argv[index + 1];
    if (word.startsWith(`${option}=`)) return word.slice(option.length + 1);
  }
  return undefined;
}

function endOfOptions(argv: readonly string[]): number {
  const end = argv.indexOf('--');
  return end < 0 ? argv.length : end;
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function isVersion(word: string): boolean {
  return word === '--version' || word === '-V';
}

export type PasswordLine =
  | { readonly ok: true; readonly passwords: readonly string[] }
  | { readonly ok: false; readonly word: string };

/**
 * The passwords after `hash-pass`. A word that starts with two dashes is taken for a mistyped option unless it stands
 * behind `--`: an option's value printed as an encrypted password would be believed.
 */
export function passwordsOf(argv: readonly string[]): PasswordLine {
  const passwords: string[] = [];
  for (let index = 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') return { ok: true, passwords: [...passwords, ...argv.slice(index + 1)] };
    if (VALUED.has(word)) index += 1;
    else if (word.startsWith('--') && !VALUED.has(word.split('=', 1)[0] ?? '')) return { ok: false, word };
    else if (!word.startsWith('--')) passwords.push(word);
  }
  return { ok: true, passwords };
}
