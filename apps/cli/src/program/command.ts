/** What a command is: one entry of the table that help, completion, man pages and parsing are made from. */
import type { Io } from './io.ts';
import type { Language, Text } from './language.ts';

export interface Argument {
  readonly name: string;
  readonly about: Text;
  readonly kind: 'one' | 'optional' | 'many';
  /** shell completion may offer file names */
  readonly isFile?: boolean;
}

export interface Option {
  readonly name: string;
  readonly alias?: string;
  readonly type: 'flag' | 'text' | 'number';
  /** what stands for the value in help: `FILE` */
  readonly value?: string;
  readonly about: Text;
  readonly isFile?: boolean;
}

export interface Command {
  /** words as typed: `['mailbox', 'list']`; empty: no command at all */
  readonly words: readonly string[];
  /** the guide's old flag with the same effect: `--register` */
  readonly flag?: string;
  readonly about: Text;
  /** paragraphs for the manual page */
  readonly details?: readonly Text[];
  readonly args: readonly Argument[];
  readonly options: readonly Option[];
  readonly exits: Readonly<Record<number, Text>>;
  /** loaded only when the command runs: light commands must start at once */
  readonly load: () => Promise<{ readonly run: (call: Call) => Promise<number> }>;
}

/** All commands there are, for those that describe them. */
export interface CommandTable {
  readonly commands: readonly Command[];
  readonly globalOptions: readonly Option[];
}

/** One call of a command. */
export interface Call {
  readonly io: Io;
  readonly table: CommandTable;
  readonly language: Language;
  readonly root: string | undefined;
  readonly configFile: string | undefined;
  readonly args: Readonly<Record<string, readonly string[]>>;
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** The single value of an argument. */
export function argument(call: Call, name: string): string {
  return call.args[name]?.[0] ?? '';
}

export function hasFlag(call: Call, name: string): boolean {
  return call.options[name] === true;
}

export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}
