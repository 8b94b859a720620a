/** The table as a yargs parser: which command was called with what, or the text to print instead (help, a mistake). */
import yargs, { type Argv } from 'yargs';
import type { Argument, Call, Command, Option } from './command.ts';
import type { Language, Text } from './language.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './table.ts';

export type Parsed =
  | { readonly kind: 'call'; readonly command: Command; readonly args: Call['args']; readonly options: Call['options'] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'mistake'; readonly text: string };

const WORDS = {
  help: { en: 'show this help', ru: 'показать эту справку' },
  version: { en: 'show version and commit', ru: 'показать версию и коммит' },
  exits: { en: 'Exit codes:', ru: 'Коды завершения:' },
  usage: { en: 'Usage: $0 [command] [options]', ru: 'Использование: $0 [команда] [параметры]' },
  subcommand: { en: 'name one of its commands: ', ru: 'укажите одну из её команд: ' },
} as const satisfies Record<string, Text>;

/** What the commands of one first word are about. */
const GROUPS: Readonly<Record<string, Text>> = {
  config: { en: 'config.json', ru: 'config.json' },
  mailbox: { en: 'mailboxes', ru: 'почтовые ящики' },
  anomaly: { en: 'what waits for your decision', ru: 'что ждёт вашего решения' },
  job: { en: 'work on meetings that was given up', ru: 'прекращённая работа над встречами' },
};

type Values = Readonly<Record<string, unknown>>;

export async function parseCommandLine(argv: readonly string[], language: Language): Promise<Parsed> {
  let chosen: { readonly command: Command; readonly values: Values } | undefined;
  const choose = (command: Command) => (values: Values) => {
    chosen = { command, values };
  };
  const program = baseProgram(argv, language);
  const groups = new Map<string, Command[]>();
  for (const command of COMMANDS) {
    const [first = '', second] = command.words;
    if (second === undefined) addCommand(program, first === '' ? '$0' : first, command, language, choose(command));
    else groups.set(first, [...(groups.get(first) ?? []), command]);
  }
  for (const [name, commands] of groups) addGroup(program, name, commands, language, choose);
  let printed = '';
  let mistake: string | undefined;
  program.fail((message, error) => {
    mistake = message ?? error?.message ?? 'error';
  });
  await program.parse([...argv], {}, (_error, _values, output) => {
    printed = output;
  });
  if (mistake !== undefined) return { kind: 'mistake', text: mistake };
  if (!chosen) return { kind: 'help', text: printed };
  const { command, values } = chosen;
  return { kind: 'call', command, args: argsOf(command, values), options: optionsOf(command, values) };
}

function baseProgram(argv: readonly string[], language: Language): Argv {
  const program = yargs([...argv])
    .scriptName('tc_calendar')
    .locale(language)
    .usage(WORDS.usage[language])
    .help('help', WORDS.help[language])
    .alias('help', 'h')
    .version(false)
    .option('version', { alias: 'V', type: 'boolean', describe: WORDS.version[language] })
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(100)
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'duplicate-arguments-array': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
    });
  for (const option of GLOBAL_OPTIONS) addOption(program, option, language);
  return program;
}

function addCommand(
  program: Argv,
  name: string,
  command: Command,
  language: Language,
  choose: (values: Values) => void,
): void {
  const usage = [name, ...command.args.map(placeholder)].join(' ');
  const about = command.flag === undefined ? command.about[language] : `${command.about[language]} (${command.flag})`;
  program.command(
    usage,
    about,
    (inner) => {
      for (const option of command.options) addOption(inner, option, language);
      for (const { name: arg, about: text } of command.args) {
        inner.positional(arg, { describe: text[language], type: 'string' });
      }
      const exits = Object.entries(command.exits).map(([code, text]) => `  ${code.padEnd(3)} ${text[language]}`);
      return inner.epilogue([WORDS.exits[language], ...exits].join('\n'));
    },
    choose as (values: unknown) => void,
  );
}

function addGroup(
  program: Argv,
  name: string,
  commands: readonly Command[],
  language: Language,
  choose: (command: Command) => (values: Values) => void,
): void {
  const names = commands.map(({ words }) => words[1]).join(', ');
  program.command(name, `${GROUPS[name]?.[language] ?? name}: ${names}`, (inner) => {
    for (const command of commands) addCommand(inner, command.words[1] ?? '', command, language, choose(command));
    return inner.demandCommand(1, `${name}: ${WORDS.subcommand[language]}${names}`);
  });
}

function addOption(program: Argv, option: Option, language: Language): void {
  const type = option.type === 'flag' ? 'boolean' : 'string';
  program.option(option.name, {
    type,
    describe: option.about[language],
    ...(option.type === 'flag' ? {} : { requiresArg: true }),
    ...(option.alias === undefined ? {} : { alias: option.alias }),
  });
}

function placeholder({ name, kind }: Argument): string {
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
