/**
 * The status page: is everything in order, and if not, which mailbox, since when, why, and what to do.
 * Reads the HTTP API every few seconds; actions need the administrator's token (contract §6).
 */
import { byId, element, fill } from '../shared/dom.ts';
import { ago, locale, words } from '../shared/words.ts';
import { type Anomaly, act, fetchPage, type Mailbox, type Page } from './api.ts';
import { LIGHTS, lightOf, lightSign, ORDER, overall, stateName } from './lights.ts';

const EVERY_MS = 3_000;
const MOST_ROWS = 500;

const say = words({
  mailboxes: { en: 'Mailboxes', ru: 'Почтовые ящики' },
  current: { en: 'mailboxes live', ru: 'ящиков на связи' },
  filter: { en: 'mailbox or state', ru: 'ящик или состояние' },
  token: { en: 'administrator’s token', ru: 'токен администратора' },
  address: { en: 'Mailbox', ru: 'Ящик' },
  state: { en: 'State', ru: 'Состояние' },
  since: { en: 'Since', ru: 'С какого времени' },
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
  works: { en: 'works', ru: 'работает' },
  fails: { en: 'fails', ru: 'не работает' },
  unreachable: { en: 'The service does not answer.', ru: 'Служба не отвечает.' },
  needToken: { en: 'Enter the administrator’s token first.', ru: 'Сначала введите токен администратора.' },
  anomaly: { en: 'Many events vanished at once', ru: 'Разом исчезло много событий' },
  none: { en: 'No mailbox is kept yet.', ru: 'Ящиков пока нет.' },
  noMatch: { en: 'No mailbox fits the search.', ru: 'Ничего не найдено.' },
});
const number = new Intl.NumberFormat(locale);

const tile = (value: string, label: string, hint?: string): HTMLElement =>
  element('div', { class: 'tile', title: hint }, element('b', {}, value), label);

function showTiles({ status }: Page): void {
  const { mailboxes, queue, clients, licence, database } = status;
  const waiting = Object.values(queue.lanes).reduce((sum, depth) => sum + depth, 0);
  const { ok, detail } = database;
  byId('tiles').replaceChildren(
    tile(`${number.format(mailboxes.states.live ?? 0)} / ${number.format(mailboxes.held)}`, say.current),
    tile(number.format(mailboxes.streams.live), say.live),
    tile(number.format(waiting), say.waiting),
    tile(number.format(clients), say.clients),
    tile(number.format(queue.deadJobs), say.dead),
    tile(licence.edition ?? '—', licence.message ? `${say.licence}: ${licence.message}` : say.licence),
    tile(ok ? say.works : say.fails, ok ? say.database : `${say.database}: ${detail}`, detail),
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
  const field = byId<HTMLInputElement>('token');
  if (field.value !== '') return field.value;
  field.focus();
  throw new Error(say.needToken);
}

/** `key`: what the button is to the keyboard; that which pauses and that which resumes are one. */
function button(label: string, path: string, key = path): HTMLElement {
  const click = (): void => void run(async () => act(path, token()));
  return element('button', { type: 'button', 'data-key': key, click }, label);
}

function row(mailbox: Mailbox, now: number): HTMLElement {
  const { address, state, since, lastLookAt, items, error } = mailbox;
  const path = `/api/v1/mailboxes/${encodeURIComponent(address)}`;
  const advice = error && element('div', { class: 'advice' }, `${error.code}: ${error.advice}`);
  const [label, deed] = state === 'suspended' ? [say.resume, 'resume'] : [say.pause, 'pause'];
  return element(
    'tr',
    {},
    element('td', { class: 'name' }, lightSign(lightOf(mailbox, now)), address),
    element('td', { 'data-label': say.state }, stateName(state), advice),
    element('td', { 'data-label': say.since }, ago(since, now)),
    element('td', { 'data-label': say.looked }, ago(lastLookAt, now)),
    element('td', { 'data-label': say.items }, number.format(items)),
    element(
      'td',
      { class: 'actions' },
      button(say.resync, `${path}/resync`),
      ' ',
      button(label, `${path}/${deed}`, `${path}/rest`),
    ),
  );
}

function emptyRow(text: string): HTMLElement {
  return element('tr', {}, element('td', { class: 'muted', colspan: '6' }, text));
}

function showMailboxes({ mailboxes }: Page, now: number): void {
  const wanted = byId<HTMLInputElement>('filter').value.trim().toLowerCase();
  const rank = (mailbox: Mailbox): number => ORDER.indexOf(lightOf(mailbox, now));
  const shown = mailboxes
    .filter(({ address, state }) => `${address} ${state} ${stateName(state)}`.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || a.address.localeCompare(b.address, locale, { numeric: true }));
  const rows = shown.slice(0, MOST_ROWS).map((mailbox) => row(mailbox, now));
  const empty = mailboxes.length === 0 ? say.none : say.noMatch;
  fill(byId('rows'), ...(rows.length > 0 ? rows : [emptyRow(empty)]));
  byId('mailboxes-title').textContent = `${say.mailboxes} (${number.format(shown.length)})`;
}

function showAnomalies(anomalies: readonly Anomaly[]): void {
  const cards = anomalies.map(({ id, kind, mailbox, facts }) => {
    const path = `/api/v1/anomalies/${encodeURIComponent(id)}`;
    const isVanishing = kind === 'massDisappearance';
    return element(
      'div',
      { class: 'card' },
      element('b', {}, `${isVanishing ? say.anomaly : kind}: ${mailbox ?? ''} `),
      element('span', { class: 'muted' }, JSON.stringify(facts)),
      ' ',
      isVanishing && button(say.release, `${path}/release`),
      ' ',
      button(say.discard, `${path}/discard`),
    );
  });
  fill(byId('anomalies'), ...cards);
}

function showHeadline(light: keyof typeof LIGHTS, text: string): void {
  byId('light').replaceChildren(lightSign(light));
  byId('headline').textContent = text;
}

async function refresh(): Promise<void> {
  try {
    const page = await fetchPage();
    const now = Date.now();
    const light = overall(page, now);
    showTiles(page);
    showAnomalies(page.anomalies);
    showMailboxes(page, now);
    showHeadline(light, `${LIGHTS[light]} · ${page.status.node} · ${page.status.version}`);
  } catch {
    showHeadline('red', say.unreachable);
  }
}

function start(): void {
  for (const [id, text] of [
    ['filter', say.filter],
    ['token', say.token],
  ] as const) {
    byId<HTMLInputElement>(id).placeholder = text;
    byId(id).setAttribute('aria-label', text);
  }
  byId('filter').addEventListener('input', () => void refresh());
  const heads = [say.address, say.state, say.since, say.looked, say.items, say.actions];
  byId('head').replaceChildren(element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text))));
  const again = (): void => void refresh().finally(() => setTimeout(again, EVERY_MS));
  again();
}

start();
