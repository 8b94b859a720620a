/**
 * What is wrong with a command line, told by the command that was meant: the thing, the cause, the cure. The parser only
 * decides that it is wrong; its own words know neither our commands nor good Russian.
 */
import { nearestName } from '@calendar-connector/config/nearest';
import type { Command, CommandTable, Option } from './command.ts';
import type { Language } from './language.ts';
import { flagUsage, optionUsage, usageLine } from './usage.ts';

const TEXTS = {
  en: {
    noCommand: (word: string, meant: string | undefined) =>
      `there is no command ${word}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    incomplete: (group: string, names: string) => `${group}: name one of its commands: ${names}`,
    noSuchInGroup: (group: string, word: string, names: string) =>
      `${group} has no command ${word}; its commands: ${names}`,
    noOption: (name: string, meant: string | undefined) =>
      `there is no option ${name} here${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    noValue: (name: string, usage: string) => `${name} needs a value: ${usage}`,
    missing: (argument: string, about: string, usage: string) => `${argument} is missing (${about}): ${usage}`,
    tooMuch: (word: string, usage: string) => `"${word}" is one word too many: ${usage}`,
    help: (command: string) => `Help: ${command} --help`,
  },
  ru: {
    noCommand: (word: string, meant: string | undefined) =>
      `нет команды ${word}${meant === undefined ? '' : `; возможно, имелась в виду ${meant}?`}`,
    incomplete: (group: string, names: string) => `${group}: укажите одну из её команд: ${names}`,
    noSuchInGroup: (group: string, word: string, names: string) => `у ${group} нет команды ${word}; есть: ${names}`,
    noOption: (name: string, meant: string | undefined) =>
      `здесь нет параметра ${name}${meant === undefined ? '' : `; возможно, имелся в виду ${meant}?`}`,
    noValue: (name: string, usage: string) => `у ${name} не указано значение: ${usage}`,
    missing: (argument: string, about: string, usage: string) => `не указан ${argument} (${about}): ${usage}`,
    tooMuch: (word: string, usage: string) => `лишнее слово «${word}»: ${usage}`,
    help: (command: string) => `Справка: ${command} --help`,
  },
} as const;

/** The sentence about a line that the parser refused; `otherwise` is the parser's own, for what is not known here. */
export function mistakeIn(argv: readonly string[], language: Language, table: CommandTable, otherwise: string): string {
  const say = TEXTS[language];
  const words = wordsOf(argv, table);
  const command = commandOf(words, table);
  const name = ['tc_calendar', ...(command?.words ?? [])].join(' ');
  const isFlagMeant = argv[0]?.startsWith('-') === true;
  const told =
    (isFlagMeant ? optionMistake(argv, command, language, table) : undefined) ??
    (command ? undefined : unknownCommand(words, language, table)) ??
    optionMistake(argv, command, language, table) ??
    (command ? argumentMistake(words, command, language) : undefined) ??
    otherwise.trim();
  return `${told}${/[.?!]$/.test(told) ? '' : '.'} ${say.help(name)}`;
}

/** The words of a line without its options and their values. */
export function wordsOf(argv: readonly string[], table: CommandTable): readonly string[] {
  const valued = new Set(allOptions(table).flatMap(({ name, type }) => (type === 'flag' ? [] : [`--${name}`])));
  const end = argv.indexOf('--');
  const before = end < 0 ? argv : argv.slice(0, end);
  const words = before.filter((word, index) => !word.startsWith('-') && !valued.has(before[index - 1] ?? ''));
  return end < 0 ? words : [...words, ...argv.slice(end + 1)];
}

/** The command these words begin with; without any words the service. */
function commandOf(words: readonly string[], { commands }: CommandTable): Command | undefined {
  if (words.length === 0) return commands.find((one) => one.words.length === 0);
  return commands.find((one) => one.words.length > 0 && one.words.every((word, index) => word === words[index]));
}

function unknownCommand(words: readonly string[], language: Language, { commands }: CommandTable): string {
  const say = TEXTS[language];
  const [first = '', second] = words;
  const names = commands.flatMap((one) => (one.words[0] === first ? [one.words[1] ?? ''] : []));
  if (names.length === 0) {
    const known = [...new Set(commands.flatMap((one) => one.words.slice(0, 1)))];
    return say.noCommand(first, nearestName(first, known));
  }
  return second === undefined
    ? say.incomplete(first, names.join(', '))
    : say.noSuchInGroup(first, second, names.join(', '));
}

function optionMistake(
  argv: readonly string[],
  command: Command | undefined,
  language: Language,
  { globalOptions, commands }: CommandTable,
): string | undefined {
  const say = TEXTS[language];
  const here = [...globalOptions, ...(command?.options ?? [])];
  const flags = commands.flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
  const known = [...here.map(({ name }) => `--${name}`), ...flags, '--help', '--version'];
  const end = argv.indexOf('--');
  for (const [index, word] of (end < 0 ? argv : argv.slice(0, end)).entries()) {
    const [name = ''] = word.split('=', 1);
    const option = here.find((one) => `--${one.name}` === name);
    const next = argv[index + 1];
    if (option && option.type !== 'flag' && name === word && (next === undefined || next.startsWith('-')))
      return say.noValue(name, optionUsage(option));
    if (name.startsWith('-') && !known.includes(name) && name !== '-h' && name !== '-V')
      return say.noOption(name, nearestName(name, known));
  }
  return undefined;
}

function argumentMistake(words: readonly string[], command: Command, language: Language): string | undefined {
  const say = TEXTS[language];
  const usage = flagUsage(command) ?? usageLine(command);
  const given = words.slice(command.words.length);
  const missing = command.args.find(({ kind }, index) => kind === 'one' && given[index] === undefined);
  if (missing) return say.missing(missing.name.toUpperCase(), missing.about[language], usage);
  const extra = command.args.some(({ kind }) => kind === 'many') ? undefined : given[command.args.length];
  return extra === undefined ? undefined : say.tooMuch(extra, usage);
}

function allOptions({ commands, globalOptions }: CommandTable): readonly Option[] {
  return [...globalOptions, ...commands.flatMap(({ options }) => options)];
}
