/** What the fields of the service's answers are called in Russian. In English, and when unknown, a field keeps its own name. */
import type { Language } from '../program/language.ts';

const RUSSIAN: Readonly<Record<string, string>> = {
  address: 'адрес',
  advice: 'что делать',
  against: 'сравнивается с',
  ageSeconds: 'секунд в этом состоянии',
  anomalies: 'аномалии',
  at: 'время',
  attempts: 'попыток',
  blocked: 'отложено',
  calendar: 'календарь',
  code: 'код',
  conference: 'конференция',
  decisions: 'решения',
  detail: 'подробности',
  endpoint: 'адрес EWS',
  error: 'ошибка',
  exchange: 'в Exchange',
  facts: 'обстоятельства',
  failed: 'прекращено',
  fired: 'сработавшие правила',
  from: 'было',
  id: 'id',
  items: 'событий',
  kind: 'вид',
  lastErrors: 'последние ошибки',
  lastEventAt: 'последнее уведомление',
  lastLookAt: 'последняя проверка',
  lastStates: 'смены состояния',
  licensed: 'в лицензии',
  light: 'оценка',
  liveItems: 'событий',
  look: 'проверен',
  mailbox: 'ящик',
  meeting: 'встреча',
  message: 'сообщение',
  nextAttemptAt: 'следующая проверка',
  node: 'узел',
  occurrenceStart: 'начало встречи',
  outcome: 'итог',
  paused: 'приостановлен',
  priority: 'приоритет',
  provider: 'поставщик',
  reason: 'причина',
  revision: 'ревизия',
  rule: 'правило',
  since: 'с какого времени',
  stage: 'этап',
  starts: 'запуски',
  state: 'состояние',
  stream: 'уведомления',
  task: 'задание',
  timeline: 'ход событий',
  to: 'стало',
  what: 'что',
  why: 'почему',
};

export function fieldName(name: string, language: Language): string {
  return language === 'ru' && Object.hasOwn(RUSSIAN, name) ? (RUSSIAN[name] ?? name) : name;
}

/** Yes and no in the reader's language. */
export function truth(value: boolean, language: Language): string {
  if (language === 'en') return String(value);
  return value ? 'да' : 'нет';
}
