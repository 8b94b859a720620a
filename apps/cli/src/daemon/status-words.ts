/** The words of `status` in the two languages: headings, states of mailboxes, states of the licence, durations. */
import type { Language, Text } from '../program/language.ts';

export const STATUS_WORDS = {
  fromSource: { en: 'run from its source', ru: 'запущен из исходного кода' },
  node: { en: 'node', ru: 'узел' },
  running: { en: 'Running', ru: 'Работает' },
  since: { en: 'since', ru: 'с' },
  mailboxes: { en: 'Mailboxes', ru: 'Ящики' },
  notifications: { en: 'Notifications', ru: 'Уведомления' },
  changes: { en: 'Changes', ru: 'Изменения' },
  waiting: { en: 'Waiting', ru: 'Ожидание' },
  jobs: { en: 'Jobs', ru: 'Задания' },
  clients: { en: 'Clients', ru: 'Клиенты' },
  exchange: { en: 'Exchange', ru: 'Exchange' },
  trueconf: { en: 'TrueConf', ru: 'TrueConf' },
  database: { en: 'Database', ru: 'База данных' },
  licence: { en: 'Licence', ru: 'Лицензия' },
  attention: { en: 'Needs attention:', ru: 'Требуется внимание:' },
  allWell: { en: 'Nothing needs attention.', ru: 'Вмешательство не требуется.' },
} as const satisfies Readonly<Record<string, Text>>;

export const STATUS_SENTENCES = {
  held: {
    en: (count: string) => `${count} on this node`,
    ru: (count: string) => `${count} на этом узле`,
  },
  streams: {
    en: (live: string, down: string) => `arrive for ${live}, do not arrive for ${down}`,
    ru: (live: string, down: string) => `приходят для ${live}, не приходят для ${down}`,
  },
  depth: {
    en: (count: string) => `${count} to be looked at`,
    ru: (count: string) => `ждут проверки: ${count}`,
  },
  jobs: {
    en: (ready: string, scheduled: string, picked: string, dead: string) =>
      `${ready} ready, ${scheduled} for later, ${picked} running, ${dead} given up`,
    ru: (ready: string, scheduled: string, picked: string, dead: string) =>
      `готовы ${ready}, на будущее ${scheduled}, выполняются ${picked}, прекращены ${dead}`,
  },
  connected: {
    en: (count: string) => `${count} connected`,
    ru: (count: string) => `подключено: ${count}`,
  },
  provider: {
    en: (name: string, place: string, count: string) => `${name} (${place}), mailboxes: ${count}`,
    ru: (name: string, place: string, count: string) => `${name} (${place}), ящиков: ${count}`,
  },
  accounts: {
    en: (count: string) => `accounts: ${count}`,
    ru: (count: string) => `учётных записей: ${count}`,
  },
  until: { en: (day: string) => `until ${day}`, ru: (day: string) => `до ${day}` },
  arrival: {
    en: (seconds: string, count: string) => `99 % stored within ${seconds} s (${count} since the start)`,
    ru: (seconds: string, count: string) => `99 % сохранены не позднее чем за ${seconds} с (с запуска: ${count})`,
  },
  late: {
    en: (seconds: string, count: string) =>
      `more than 1 % stored only after more than ${seconds} s (${count} since the start)`,
    ru: (seconds: string, count: string) => `более 1 % сохранены позднее чем через ${seconds} с (с запуска: ${count})`,
  },
  sick: {
    en: (count: string, state: string) => `${count}, see tc_calendar mailbox list --state ${state}`,
    ru: (count: string, state: string) => `${count}, см. tc_calendar mailbox list --state ${state}`,
  },
  dead: {
    en: (count: string) => `jobs given up: ${count}, see tc_calendar job list`,
    ru: (count: string) => `прекращённых заданий: ${count}, см. tc_calendar job list`,
  },
  anomalies: {
    en: (count: string) => `decisions that wait for you: ${count}, see tc_calendar anomaly list`,
    ru: (count: string) => `ждут вашего решения: ${count}, см. tc_calendar anomaly list`,
  },
  answersIn: { en: (ms: string) => `answers in ${ms} ms`, ru: (ms: string) => `отвечает за ${ms} мс` },
  database: {
    en: (detail: string) => `the database does not answer: ${detail}`,
    ru: (detail: string) => `база данных не отвечает: ${detail}`,
  },
} as const;

const DATABASES: Readonly<Record<string, Text>> = {
  embedded: { en: 'embedded', ru: 'встроенная' },
  postgresql: { en: 'PostgreSQL', ru: 'PostgreSQL' },
};

const LICENCES: Readonly<Record<string, Text>> = {
  working: { en: 'in force', ru: 'действует' },
  overdue: { en: 'overdue for renewal', ru: 'продление просрочено' },
  stopped: { en: 'stopped', ru: 'работа остановлена' },
};

const STATES: Readonly<Record<string, Text>> = {
  starting: { en: 'starting', ru: 'запускаются' },
  resolving: { en: 'being found at Exchange', ru: 'ищутся в Exchange' },
  snapshotting: { en: 'being read', ru: 'читаются' },
  live: { en: 'live', ru: 'на связи' },
  livePolling: { en: 'live, by polling', ru: 'на связи, опросом' },
  throttled: { en: 'slowed down by Exchange', ru: 'Exchange просит подождать' },
  retrying: { en: 'trying again', ru: 'повторная попытка' },
  authFailed: { en: 'log-in refused', ru: 'вход отклонён' },
  protectionRequired: { en: 'log-in needs protection', ru: 'вход требует защиты' },
  noImpersonation: { en: 'no right to impersonate', ru: 'нет права олицетворения' },
  notFound: { en: 'no such mailbox', ru: 'ящик не найден' },
  moved: { en: 'moved to another server', ru: 'перенесены на другой сервер' },
  outOfLicence: { en: 'outside the licence', ru: 'вне лицензии' },
  suspended: { en: 'paused', ru: 'приостановлены' },
};

/** A state in the reader's words, with the name that `mailbox list --state` takes; one of a newer service as it is. */
export function stateWords(state: string, language: Language): string {
  const text = STATES[state]?.[language];
  return text === undefined || text === state ? state : `${text} (${state})`;
}

export function licenceWords(state: string, language: Language): string {
  return LICENCES[state]?.[language] ?? state;
}

export function databaseWords(kind: string, language: Language): string {
  return DATABASES[kind]?.[language] ?? kind;
}

const UNITS = [
  { ms: 86_400_000, en: 'd', ru: 'д' },
  { ms: 3_600_000, en: 'h', ru: 'ч' },
  { ms: 60_000, en: 'min', ru: 'мин' },
  { ms: 1_000, en: 's', ru: 'с' },
] as const;

/** The two largest units: `3 d 4 h`, `12 min 5 s`. */
export function duration(ms: number, language: Language): string {
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  if (first < 0) return `0 ${UNITS[UNITS.length - 1]?.[language]}`;
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map((unit) => {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    return count === 0 ? '' : `${count} ${unit[language]}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}
