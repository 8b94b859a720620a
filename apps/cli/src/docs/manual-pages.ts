/** The manual pages in roff: tc_calendar(8) from the command table, tc_calendar.json(5) from the reference of config.json. */
import { configReference } from '@calendar-connector/config';
import type { Command, Option } from '../program/command.ts';
import type { Language, Text } from '../program/language.ts';
import { COMMANDS, GLOBAL_OPTIONS } from '../program/table.ts';
import { flagUsage, usageLine } from '../program/usage.ts';

const WORDS = {
  name: { en: 'NAME', ru: 'НАЗВАНИЕ' },
  synopsis: { en: 'SYNOPSIS', ru: 'СИНТАКСИС' },
  description: { en: 'DESCRIPTION', ru: 'ОПИСАНИЕ' },
  commands: { en: 'COMMANDS', ru: 'КОМАНДЫ' },
  options: { en: 'OPTIONS', ru: 'ПАРАМЕТРЫ' },
  exits: { en: 'EXIT STATUS', ru: 'КОДЫ ЗАВЕРШЕНИЯ' },
  files: { en: 'FILES', ru: 'ФАЙЛЫ' },
  environment: { en: 'ENVIRONMENT', ru: 'ПЕРЕМЕННЫЕ ОКРУЖЕНИЯ' },
  keys: { en: 'KEYS', ru: 'КЛЮЧИ' },
  seeAlso: { en: 'SEE ALSO', ru: 'СМ. ТАКЖЕ' },
  about: {
    en: 'the TrueConf calendar connector and its administration',
    ru: 'коннектор календарей TrueConf и его администрирование',
  },
  aboutConfig: { en: 'configuration of tc_calendar', ru: 'конфигурация tc_calendar' },
  intro: {
    en: 'Keeps calendars of Microsoft Exchange and conferences of TrueConf Server in step. Without a command it is the service; with one it administers it. Messages follow the locale (Russian or English).',
    ru: 'Согласует календари Microsoft Exchange и конференции TrueConf Server. Без команды это служба, с командой — её администрирование. Язык сообщений определяется локалью (русский или английский).',
  },
  command: { en: 'command', ru: 'команда' },
  anyOptions: { en: 'options', ru: 'параметры' },
  introConfig: {
    en: 'JSON with // comments and trailing commas. Relative paths count from the folder of the file. tc_calendar config check tells every error with its place; systemctl reload trueconf-calendar.service applies changes, except to keys that need a restart.',
    ru: 'JSON с комментариями // и запятыми в конце списков. Относительные пути отсчитываются от папки файла. tc_calendar config check называет каждую ошибку и её место; systemctl reload trueconf-calendar.service применяет изменения, кроме ключей, которым нужен перезапуск.',
  },
  mandatory: { en: 'Mandatory', ru: 'Обязателен' },
  restart: { en: 'A change needs a restart', ru: 'Изменение требует перезапуска' },
  allowed: { en: 'Allowed', ru: 'Допустимо' },
  standard: { en: 'Default', ru: 'По умолчанию' },
  root: { en: 'root of the installation, if --root is not given', ru: 'корень установки, если не указан --root' },
  locale: { en: 'language of messages', ru: 'язык сообщений' },
  credentials: {
    en: 'systemd credentials; secret.key there replaces the key file',
    ru: 'учётные данные systemd; secret.key оттуда заменяет файл ключа',
  },
} as const satisfies Record<string, Text>;

const FILES: readonly (readonly [string, Text])[] = [
  ['/opt/trueconf/calendar/etc/calendar/config.json', { en: 'configuration', ru: 'конфигурация' }],
  [
    '/opt/trueconf/calendar/etc/calendar/secret.key',
    { en: 'key of the encrypted passwords', ru: 'ключ зашифрованных паролей' },
  ],
  [
    '/opt/trueconf/calendar/var/lib/calendar/',
    { en: 'licence, embedded database', ru: 'лицензия, встроенная база данных' },
  ],
  ['/opt/trueconf/calendar/var/log/calendar/', { en: 'logs', ru: 'журналы' }],
];

/** tc_calendar(8). */
export function manualPage(language: Language): string {
  const say = (word: keyof typeof WORDS): string => WORDS[word][language];
  return page([
    '.TH TC_CALENDAR 8 "" "TrueConf Calendar Connector"',
    ...section(say('name'), [`tc_calendar \\- ${roff(say('about'))}`]),
    ...section(say('synopsis'), ['.B tc_calendar', `[\\fI${say('command')}\\fR] [\\fI${say('anyOptions')}\\fR]`]),
    ...section(say('description'), [roff(say('intro'))]),
    ...section(
      say('commands'),
      COMMANDS.flatMap((command) => commandLines(command, language)),
    ),
    ...section(
      say('options'),
      GLOBAL_OPTIONS.flatMap((option) => optionLines(option, language)),
    ),
    ...section(say('exits'), exitLines(language)),
    ...section(
      say('files'),
      FILES.flatMap(([file, about]) => ['.TP', `.I ${roff(file)}`, roff(about[language])]),
    ),
    ...section(say('environment'), [
      ...['.TP', '.B TC_CALENDAR_ROOT', roff(say('root'))],
      ...['.TP', '.BR LC_ALL ", " LC_MESSAGES ", " LANG', roff(say('locale'))],
      ...['.TP', '.B CREDENTIALS_DIRECTORY', roff(say('credentials'))],
    ]),
    ...section(say('seeAlso'), ['.BR tc_calendar.json (5)']),
  ]);
}

/** tc_calendar.json(5). */
export function configManualPage(language: Language): string {
  const say = (word: keyof typeof WORDS): string => WORDS[word][language];
  const rows = configReference(language)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const keys = rows.filter((row) => /^\| `[A-Za-z][\w.[\]]*` /.test(row)).flatMap((row) => keyLines(row, say));
  return page([
    '.TH TC_CALENDAR.JSON 5 "" "TrueConf Calendar Connector"',
    ...section(say('name'), [`tc_calendar.json \\- ${roff(say('aboutConfig'))}`]),
    ...section(say('synopsis'), ['.I /opt/trueconf/calendar/etc/calendar/config.json']),
    ...section(say('description'), [roff(say('introConfig'))]),
    ...section(say('keys'), keys),
    ...section(say('seeAlso'), ['.BR tc_calendar (8)']),
  ]);
}

function commandLines(command: Command, language: Language): string[] {
  const flag = flagUsage(command);
  const old = flag === undefined ? [] : ['.TQ', `.B ${roff(flag)}`];
  const details = (command.details ?? []).flatMap((text) => ['.IP', roff(text[language])]);
  const options = command.options.flatMap((option) => optionLines(option, language));
  const nested = options.length === 0 ? [] : ['.RS', ...options, '.RE'];
  return ['.TP', `.B ${roff(usageLine(command))}`, ...old, roff(`${command.about[language]}.`), ...details, ...nested];
}

function optionLines(option: Option, language: Language): string[] {
  const value = option.value === undefined ? '' : ` \\fI${option.value}\\fR`;
  return ['.TP', `\\fB${roff(`--${option.name}`)}\\fR${value}`, roff(`${option.about[language]}.`)];
}

/** Every code with the meanings it has among the commands. */
function exitLines(language: Language): string[] {
  const meanings = new Map<string, Set<string>>();
  for (const { exits } of COMMANDS) {
    for (const [code, text] of Object.entries(exits)) {
      meanings.set(code, (meanings.get(code) ?? new Set()).add(text[language]));
    }
  }
  meanings.set(
    '64',
    new Set([{ en: 'the command line cannot be understood', ru: 'командная строка непонятна' }[language]]),
  );
  meanings.set('130', new Set([{ en: 'interrupted', ru: 'прервано' }[language]]));
  const sorted = [...meanings].toSorted(([one], [other]) => Number(one) - Number(other));
  return sorted.flatMap(([code, texts]) => ['.TP', `.B ${code}`, roff(`${[...texts].join('; ')}.`)]);
}

/** The word of the reference, in either language. */
const APPLIES_LATER = /^(restart|перезапуск)/;

function keyLines(row: string, say: (word: keyof typeof WORDS) => string): string[] {
  const cells = row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const [key = '', allowed = '', standard = '', , applies = '', about = ''] = cells;
  const facts = [
    `${roff(say('allowed'))}: ${plain(allowed)}`,
    ...(standard.startsWith('**') ? [roff(say('mandatory'))] : []),
    ...(/^`/.test(standard) ? [`${roff(say('standard'))}: ${plain(standard)}`] : []),
    ...(APPLIES_LATER.test(applies) ? [roff(say('restart'))] : []),
  ];
  return ['.TP', `.B ${plain(key)}`, plain(about), '.br', `${facts.join('. ')}.`];
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH "${title}"`, ...lines];
}

function page(lines: readonly string[]): string {
  return `.\\" generated from the command table and the schema; do not edit\n${lines.join('\n')}\n`;
}

/** Markdown's marks taken out. */
function plain(markdown: string): string {
  return roff(markdown.replaceAll('**', '').replaceAll('`', '').trim());
}

/** Nothing in the text may be read as a request or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
