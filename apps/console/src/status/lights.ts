/** How bad it is, as a colour and as a word: nobody has to tell green from red to know. */
import { element } from '../shared/dom.ts';
import { words } from '../shared/words.ts';
import type { Mailbox, Page } from './api.ts';

export type Light = 'green' | 'amber' | 'red' | 'grey';

/** The worst first. */
export const ORDER: readonly Light[] = ['red', 'amber', 'grey', 'green'];

const GRACE_MS = 3 * 60_000;
const GREEN = new Set(['live', 'starting', 'resolving', 'snapshotting']);
const RED = new Set(['authFailed', 'protectionRequired', 'noImpersonation', 'notFound']);

export const LIGHTS = words({
  green: { en: 'in order', ru: 'в порядке' },
  amber: { en: 'trouble', ru: 'есть затруднения' },
  red: { en: 'a person is needed', ru: 'нужно вмешательство' },
  grey: { en: 'at rest', ru: 'не обслуживается' },
});

/** What the states of a mailbox are called; the service's own names stand in its log and its API. */
const STATES: Readonly<Record<string, string>> = words({
  starting: { en: 'starting', ru: 'запускается' },
  resolving: { en: 'being found', ru: 'ищется на сервере' },
  snapshotting: { en: 'being read', ru: 'читается' },
  live: { en: 'live', ru: 'на связи' },
  livePolling: { en: 'live, by polling', ru: 'на связи, опросом' },
  throttled: { en: 'slowed down by Exchange', ru: 'Exchange просит подождать' },
  retrying: { en: 'trying again', ru: 'повторная попытка' },
  authFailed: { en: 'log-in refused', ru: 'вход отклонён' },
  protectionRequired: { en: 'log-in needs protection', ru: 'вход требует защиты' },
  noImpersonation: { en: 'no right to impersonate', ru: 'нет права олицетворения' },
  notFound: { en: 'no such mailbox', ru: 'ящик не найден' },
  moved: { en: 'moved to another server', ru: 'перенесён на другой сервер' },
  outOfLicence: { en: 'outside the licence', ru: 'вне лицензии' },
  suspended: { en: 'paused', ru: 'приостановлен' },
});

export function stateName(state: string): string {
  return STATES[state] ?? state;
}

export function lightOf(mailbox: Mailbox, now: number): Light {
  if (GREEN.has(mailbox.state)) return 'green';
  if (RED.has(mailbox.state)) return 'red';
  if (mailbox.state === 'suspended' || mailbox.state === 'outOfLicence') return 'grey';
  const young = mailbox.since !== undefined && now - Date.parse(mailbox.since) < GRACE_MS;
  return young ? 'green' : 'amber';
}

export function overall({ status, mailboxes }: Page, now: number): Light {
  const lights = new Set(mailboxes.map((mailbox) => lightOf(mailbox, now)));
  if (!status.database.ok || status.licence.state === 'stopped' || lights.has('red')) return 'red';
  const trouble =
    lights.has('amber') || status.anomalies > 0 || status.queue.deadJobs > 0 || status.licence.state === 'overdue';
  return trouble ? 'amber' : 'green';
}

export function lightSign(light: Light): HTMLElement {
  return element('span', { class: `light ${light}`, role: 'img', 'aria-label': LIGHTS[light], title: LIGHTS[light] });
}
