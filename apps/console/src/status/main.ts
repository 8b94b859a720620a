/**
 * The status page: is everything in order, and if not, which mailbox, since when, why, and what to do.
 * Reads the HTTP API every few seconds; actions need the administrator's token (contract §6).
 */
import { byId, element } from '../shared/dom.ts';
import { ago, words } from '../shared/words.ts';
import { type Anomaly, act, fetchPage, type Mailbox, type Page } from './api.ts';

const EVERY_MS = 3_000;
const MOST_ROWS = 500;
const GRACE_MS = 3 * 60_000;

const say = words({
  mailboxes: { en: 'Mailboxes', ru: 'Почтовые ящики' },
  filter: { en: 'find a mailbox or state', ru: 'найти ящик или состояние' },
  token: { en: 'administrator’s token', ru: 'токен администратора' },
  address: { en: 'Mailbox', ru: 'Ящик' },
  state: { en: 'State', ru: 'Состояние' },
  since: { en: 'Since', ru: 'С' },
  looked: { en: 'Last look', ru: 'Последняя проверка' },
  items: { en: 'Events', ru: 'События' },
  actions: { en: 'Actions', ru: 'Действия' },
  resync: { en: 'resync', ru: 'перечитать' },
  pause: { en: 'pause', ru: 'приостановить' },
  resume: { en: 'resume', ru: 'возобновить' },
  release: { en: 'the removals are real', ru: 'удаления настоящие' },
  discard: { en: 'keep the events', ru: 'оставить события' },
  clients: { en: 'client sockets', ru: 'клиентских сокетов' },
  live: { en: 'live streams', ru: 'живых потоков' },
  waiting: { en: 'waiting to be looked at', ru: 'ждут проверки' },
  dead: { en: 'jobs given up', ru: 'брошенных заданий' },
  licence: { en: 'licence', ru: 'лицензия' },
  database: { en: 'database', ru: 'база данных' },
  unreachable: { en: 'The service does not answer.', ru: 'Служба не отвечает.' },
  needToken: { en: 'Enter the administrator’s token first.', ru: 'Сначала введите токен администратора.' },
  anomaly: { en: 'Many events vanished at once', ru: 'Разом исчезло много событий' },
});

type Light = 'green' | 'amber' | 'red' | 'grey';
const GREEN = new Set(['live', 'starting', 'resolving', 'snapshotting']);
const RED = new Set(['authFailed', 'protectionRequired', 'noImpersonation', 'notFound']);

function lightOf(mailbox: Mailbox, now: number): Light {
  if (GREEN.has(mailbox.state)) return 'green';
  if (RED.has(mailbox.state)) return 'red';
  if (mailbox.state === 'suspended' || mailbox.state === 'outOfLicence') return 'grey';
  const young = mailbox.since !== undefined && now - Date.parse(mailbox.since) < GRACE_MS;
  return young ? 'green' : 'amber';
}

function overall(page: Page, lights: readonly Light[]): Light {
  const { status } = page;
  if (!status.database.ok || status.licence.state === 'stopped' || lights.includes('red')) return 'red';
  const trouble =
    lights.includes('amber') || status.anomalies > 0 || status.queue.deadJobs > 0 || status.licence.state === 'overdue';
  return trouble ? 'amber' : 'green';
}

const tile = (value: string, label: string): HTMLElement =>
  element('div', { class: 'tile' }, element('b', {}, value), label);

function showTiles({ status }: Page): void {
  const { mailboxes, queue, clients, licence, database } = status;
  const waiting = Object.values(queue.lanes).reduce((sum, depth) => sum + depth, 0);
  byId('tiles').replaceChildren(
    tile(`${mailboxes.states.live ?? 0} / ${mailboxes.held}`, `${say.mailboxes}: live`),
    tile(String(mailboxes.streams.live), say.live),
    tile(String(waiting), say.waiting),
    tile(String(clients), say.clients),
    tile(String(queue.deadJobs), say.dead),
    tile(`${licence.edition ?? '—'}`, `${say.licence}: ${licence.message ?? licence.state}`),
    tile(database.ok ? 'ok' : '!', `${say.database}: ${database.detail}`),
  );
}

async function run(action: () => Promise<void>): Promise<void> {
  const notice = byId('notice');
  notice.textContent = '';
  try {
    await action();
    await refresh();
  } catch (error) {
    notice.textContent = error instanceof Error ? error.message : String(error);
  }
}

function token(): string {
  const text = byId<HTMLInputElement>('token').value;
  if (text === '') throw new Error(say.needToken);
  return text;
}

function button(label: string, path: string): HTMLElement {
  return element('button', { type: 'button', click: () => void run(async () => act(path, token())) }, label);
}

function row(mailbox: Mailbox, now: number): HTMLElement {
  const { address, state, since, lastLookAt, items, error } = mailbox;
  const path = `/api/v1/mailboxes/${encodeURIComponent(address)}`;
  const advice = error && element('div', { class: 'advice' }, `${error.code}: ${error.advice}`);
  const other = state === 'suspended' ? button(say.resume, `${path}/resume`) : button(say.pause, `${path}/pause`);
  return element(
    'tr',
    {},
    element('td', {}, element('span', { class: `light ${lightOf(mailbox, now)}` }), address),
    element('td', {}, state, advice),
    element('td', {}, ago(since, now)),
    element('td', {}, ago(lastLookAt, now)),
    element('td', {}, String(items)),
    element('td', { class: 'actions' }, button(say.resync, `${path}/resync`), ' ', other),
  );
}

function showMailboxes({ mailboxes }: Page, now: number): readonly Light[] {
  const wanted = byId<HTMLInputElement>('filter').value.trim().toLowerCase();
  const order: readonly Light[] = ['red', 'amber', 'grey', 'green'];
  const lights = mailboxes.map((mailbox) => lightOf(mailbox, now));
  const shown = mailboxes
    .filter(({ address, state }) => wanted === '' || address.includes(wanted) || state.toLowerCase().includes(wanted))
    .sort(
      (a, b) => order.indexOf(lightOf(a, now)) - order.indexOf(lightOf(b, now)) || a.address.localeCompare(b.address),
    );
  byId('rows').replaceChildren(...shown.slice(0, MOST_ROWS).map((mailbox) => row(mailbox, now)));
  byId('mailboxes-title').textContent = `${say.mailboxes} (${shown.length})`;
  return lights;
}

function showAnomalies(anomalies: readonly Anomaly[]): void {
  const cards = anomalies.map(({ id, kind, mailbox, facts }) =>
    element(
      'div',
      { class: 'card' },
      element('b', {}, `${kind === 'massDisappearance' ? say.anomaly : kind}: ${mailbox ?? ''} `),
      element('span', { class: 'muted' }, JSON.stringify(facts)),
      ' ',
      kind === 'massDisappearance' && button(say.release, `/api/v1/anomalies/${encodeURIComponent(id)}/release`),
      ' ',
      button(say.discard, `/api/v1/anomalies/${encodeURIComponent(id)}/discard`),
    ),
  );
  byId('anomalies').replaceChildren(...cards);
}

async function refresh(): Promise<void> {
  const light = byId('light');
  try {
    const page = await fetchPage();
    const now = Date.now();
    showTiles(page);
    showAnomalies(page.anomalies);
    light.className = `light ${overall(page, showMailboxes(page, now))}`;
    byId('headline').textContent = `${page.status.statusLine} · ${page.status.node} · ${page.status.version}`;
  } catch {
    light.className = 'light red';
    byId('headline').textContent = say.unreachable;
  }
}

function start(): void {
  byId<HTMLInputElement>('filter').placeholder = say.filter;
  byId<HTMLInputElement>('token').placeholder = say.token;
  byId('filter').addEventListener('input', () => void refresh());
  const heads = [say.address, say.state, say.since, say.looked, say.items, say.actions];
  byId('head').replaceChildren(element('tr', {}, ...heads.map((text) => element('th', {}, text))));
  const again = (): void => void refresh().finally(() => setTimeout(again, EVERY_MS));
  again();
}

start();
