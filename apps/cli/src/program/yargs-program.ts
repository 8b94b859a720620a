/** The table as a yargs parser: which command was called with what, or that the line cannot be understood. */
import yargs, { type Argv } from 'yargs';
import type { Argument, Call, Command, Option } from './command.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './table.ts';

export type Parsed =
  | { readonly kind: 'call'; readonly command: Command; readonly args: Call['args']; readonly options: Call['options'] }
  | { readonly kind: 'mistake'; readonly text: string };

type Values = Readonly<Record<string, unknown>>;

export async function parseCommandLine(argv: readonly string[]): Promise<Parsed> {
  let chosen: { readonly command: Command; readonly values: Values } | undefined;
  const choose = (command: Command) => (values: Values) => {
    chosen = { command, values };
  };
  const program = baseProgram(argv);
  const groups = new Map<string, Command[]>();
  for (const command of COMMANDS) {
    const [first = '', second] = command.words;
    if (second === undefined) addCommand(program, first === '' ? '$0' : first, command, choose(command));
    else groups.set(first, [...(groups.get(first) ?? []), command]);
  }
  for (const [name, commands] of groups) addGroup(program, name, commands, choose);
  let mistake: string | undefined;
  program.fail((message, error) => {
    mistake = message ?? error?.message ?? 'error';
  });
  await program.parse([...argv], {}, () => {});
  if (mistake !== undefined || !chosen) return { kind: 'mistake', text: mistake ?? 'error' };
  const { command, values } = chosen;
  return { kind: 'call', command, args: argsOf(command, values), options: optionsOf(command, values) };
}

/** Help and version are answered before anything is parsed; messages are our own (`mistakes.ts`). */
function baseProgram(argv: readonly string[]): Argv {
  const program = yargs([...argv])
    .scriptName('tc_calendar')
    .locale('en')
    .help(false)
    .version(false)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'duplicate-arguments-array': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
    });
  for (const option of GLOBAL_OPTIONS) addOption(program, option);
  return program;
}

function addCommand(program: Argv, name: string, command: Command, choose: (values: Values) => void): void {
  program.command(
    [name, ...command.args.map(positional)].join(' '),
    command.about.en,
    (inner) => {
      for (const option of command.options) addOption(inner, option);
      for (const { name: argument } of command.args) inner.positional(argument, { type: 'string' });
      return inner;
    },
    choose as (values: unknown) => void,
  );
}

function addGroup(
  program: Argv,
  name: string,
  commands: readonly Command[],
  choose: (command: Command) => (values: Values) => void,
): void {
  program.command(name, name, (inner) => {
    for (const command of commands) addCommand(inner, command.words[1] ?? '', command, choose(command));
    return inner.demandCommand(1);
  });
}

function addOption(program: Argv, option: Option): void {
  const type = option.type === 'flag' ? 'boolean' : 'string';
  program.option(option.name, {
    type,
    ...(option.type === 'flag' ? {} : { requiresArg: true }),
    ...(option.alias === undefined ? {} : { alias: option.alias }),
  });
}

/** As yargs writes arguments. */
function positional({ name, kind }: Argument): string {
  return { one: `<${name}>`, optional: `[${name}]`, many: `[${name}..]` }[kind];
}

function argsOf(command: Command, values: Values): Call['args'] {
  return Object.fromEntries(
    command.args.map(({ name }) => {
      const value = values[name];
      const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
      return [name, list.map(String)];
    }),
  );
}

function optionsOf(command: Command, values: Values): Call['options'] {
  const known = [...GLOBAL_OPTIONS, ...command.options];
  return Object.fromEntries(known.map(({ name }) => [name, values[name] as string | boolean | undefined]));
}
