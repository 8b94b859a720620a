/** What `--help` prints: all commands, the commands of one first word, or one command; made from the command table. */
import type { Command, CommandTable, Option } from '../program/command.ts';
import type { Language, Text } from '../program/language.ts';
import { flagUsage, optionUsage, placeholder, usageLine } from '../program/usage.ts';

const WORDS = {
  usage: { en: 'Usage:', ru: 'Использование:' },
  either: { en: '[COMMAND] [OPTIONS]', ru: '[КОМАНДА] [ПАРАМЕТРЫ]' },
  options: { en: 'Options:', ru: 'Параметры:' },
  commands: { en: 'Commands:', ru: 'Команды:' },
  args: { en: 'Arguments:', ru: 'Аргументы:' },
  exits: { en: 'Exit codes:', ru: 'Коды завершения:' },
  ofService: { en: 'Exit codes of the service:', ru: 'Коды завершения службы:' },
  anyOption: { en: '[OPTIONS]', ru: '[ПАРАМЕТРЫ]' },
  help: { en: 'show this help', ru: 'показать эту справку' },
  version: { en: 'show version and commit', ru: 'показать версию и коммит' },
  more: {
    en: 'One command: tc_calendar COMMAND --help. Everything: man tc_calendar, man tc_calendar.json.',
    ru: 'Об одной команде: tc_calendar КОМАНДА --help. Обо всём: man tc_calendar, man tc_calendar.json.',
  },
} as const satisfies Record<string, Text>;

const WIDTH = 100;
const MARGIN = 2;
const GAP = 2;

type Row = readonly [left: string, right: string];

/** Help for what these words name; for anything unknown the overview. */
export function helpText(words: readonly string[], language: Language, table: CommandTable): string {
  const named = table.commands.filter((command) => command.words.length > 0);
  const one = named.find((command) => command.words.every((word, index) => word === words[index]));
  if (one) return commandHelp(one, language, table);
  const group = named.filter((command) => command.words[0] === words[0]);
  return overview(group.length > 0 ? group : table.commands, language, table);
}

function overview(commands: readonly Command[], language: Language, { globalOptions }: CommandTable): string {
  const service = commands.find((command) => command.words.length === 0);
  return [
    `${WORDS.usage[language]} tc_calendar ${WORDS.either[language]}`,
    ...block(
      WORDS.commands[language],
      commands.map((command) => [usageLine(command), about(command, language)]),
    ),
    ...block(WORDS.options[language], optionRows(globalOptions, language)),
    ...(service ? block(WORDS.ofService[language], exitRows(service, language)) : []),
    '',
    WORDS.more[language],
  ].join('\n');
}

function commandHelp(command: Command, language: Language, { globalOptions }: CommandTable): string {
  const usages = [usageLine(command), flagUsage(command)].filter((line) => line !== undefined);
  return [
    ...usages.map(
      (line, index) =>
        `${index === 0 ? WORDS.usage[language] : ' '.repeat(WORDS.usage[language].length)} ${line} ${WORDS.anyOption[language]}`,
    ),
    '',
    ...wrap(`${capital(command.about[language])}.`, WIDTH),
    ...(command.details ?? []).flatMap((text) => ['', ...wrap(text[language], WIDTH)]),
    ...block(
      WORDS.args[language],
      command.args.map((argument) => [placeholder(argument), argument.about[language]]),
    ),
    ...block(WORDS.options[language], optionRows([...command.options, ...globalOptions], language)),
    ...block(WORDS.exits[language], exitRows(command, language)),
  ].join('\n');
}

function about(command: Command, language: Language): string {
  return command.flag === undefined ? command.about[language] : `${command.about[language]} (${command.flag})`;
}

function optionRows(options: readonly Option[], language: Language): Row[] {
  return [
    ...options.map((option): Row => [optionUsage(option), option.about[language]]),
    ['-h, --help', WORDS.help[language]],
    ['-V, --version', WORDS.version[language]],
  ];
}

function exitRows(command: Command, language: Language): Row[] {
  return Object.entries(command.exits).map(([code, text]): Row => [code, text[language]]);
}

/** A titled block of two columns; nothing when it has no rows. */
function block(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const indent = MARGIN + GAP + Math.max(...rows.map(([left]) => left.length));
  const lines = rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrap(right, WIDTH - indent);
    return [`${' '.repeat(MARGIN)}${left}`.padEnd(indent) + first, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return ['', title, ...lines];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
