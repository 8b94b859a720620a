/**
 * The calendar page: month, day and card of one user's calendar, kept current by pushes (guide chapter 5.1; feature D3).
 * It is also the channel's reference client: it uses nothing but the published protocol.
 */
import {
  type CalendarClient,
  createCalendarClient,
  type EventSummary,
  type Push,
  SUBPROTOCOL,
} from '@calendar-connector/client-protocol';
import { byId, element } from '../shared/dom.ts';
import { language, words } from '../shared/words.ts';
import { detailsCard, moment, type Response } from './details.ts';
import { type Day, dayKey, monthGrid, touches } from './month.ts';

const say = words({
  title: { en: 'Calendar', ru: 'Календарь' },
  server: { en: 'TrueConf Server', ru: 'Сервер TrueConf' },
  token: { en: 'Access token', ru: 'Токен доступа' },
  enter: { en: 'Open', ru: 'Открыть' },
  refused: { en: 'The server did not accept the token.', ru: 'Сервер не принял токен.' },
  none: { en: 'No calendar is kept for this user.', ru: 'Календарь этого пользователя не ведётся.' },
  live: { en: 'up to date', ru: 'данные актуальны' },
  lost: { en: 'connecting…', ru: 'соединение…' },
  quiet: { en: 'Nothing on this day', ru: 'В этот день ничего нет' },
});
const MAX_DOTS = 4;

class CalendarPage {
  readonly #events = new Map<string, EventSummary>();
  #client: CalendarClient | undefined;
  #calendarId = '';
  #shown = new Date();
  #chosen = dayKey(new Date());
  #opened: string | undefined;

  async enter(server: string, token: string): Promise<void> {
    const { port } = (await (await fetch('/calendar/channel.json')).json()) as { port: number };
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const client = createCalendarClient({
      openSocket: () =>
        new WebSocket(`${scheme}://${location.hostname}:${port}/websocket/calendar/`, SUBPROTOCOL) as never,
      credentials: async () => ({ server, token }),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      onPush: (push) => this.#onPush(push),
      onState: (state) => {
        byId('state').textContent = state === 'ready' ? say.live : say.lost;
      },
    });
    this.#client = client;
    await client.connect();
    await this.#openCalendar(client);
  }

  /** Also when an administrator has added or removed the mailbox meanwhile. */
  async #openCalendar(client: CalendarClient): Promise<void> {
    const { calendars } = await client.request('getCalendarList', {});
    const [calendar] = calendars;
    if (!calendar) throw new Error(say.none);
    this.#calendarId = calendar.id;
    await client.subscribe(calendar.id);
    await this.show(0);
  }

  /** Moves by months and reads what is shown. */
  async show(months: number): Promise<void> {
    this.#shown = new Date(this.#shown.getFullYear(), this.#shown.getMonth() + months, 1);
    await this.#read();
  }

  choose(key: string): void {
    this.#chosen = key;
    this.#render();
  }

  async open(eventId: string): Promise<void> {
    this.#opened = eventId;
    await this.#renderDetails();
  }

  async #read(): Promise<void> {
    const grid = this.#grid();
    const from = grid[0]?.date ?? new Date();
    const to = new Date((grid.at(-1)?.date ?? new Date()).getTime() + 86_400_000);
    const answer = await this.#client?.request('getEventList', {
      calendarId: this.#calendarId,
      from: from.toISOString(),
      to: to.toISOString(),
    });
    this.#events.clear();
    for (const event of answer?.events ?? []) this.#events.set(event.id, event);
    this.#render();
  }

  #onPush(push: Push): void {
    if (push.method === 'resync') void this.#read();
    if (push.method === 'calendarsChanged' && this.#client)
      this.#openCalendar(this.#client).catch((error: Error) => {
        byId('state').textContent = error.message;
      });
    if (push.method !== 'eventsChanged') return;
    for (const id of push.removed) this.#events.delete(id);
    for (const event of push.changed) this.#events.set(event.id, event);
    this.#render();
    const concerned = [...push.removed, ...push.changed.map(({ id }) => id)];
    if (this.#opened && concerned.includes(this.#opened)) void this.#renderDetails();
  }

  #grid(): readonly Day[] {
    return monthGrid(this.#shown.getFullYear(), this.#shown.getMonth());
  }

  #on(day: Day): readonly EventSummary[] {
    return [...this.#events.values()]
      .filter((event) => touches(event, day))
      .sort((a, b) => a.start.localeCompare(b.start));
  }

  #render(): void {
    byId('month').textContent = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(
      this.#shown,
    );
    const grid = this.#grid();
    const weekday = new Intl.DateTimeFormat(language, { weekday: 'short' });
    const names = grid.slice(0, 7).map(({ date }) => element('div', { class: 'name' }, weekday.format(date)));
    byId('grid').replaceChildren(...names, ...grid.map((day) => this.#cell(day)));
    const chosen = grid.find(({ key }) => key === this.#chosen);
    const events = chosen ? this.#on(chosen) : [];
    const rows = events.map((event) => this.#row(event));
    byId('day').replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'muted' }, say.quiet)]));
  }

  #cell(day: Day): HTMLElement {
    const dots = this.#on(day)
      .slice(0, MAX_DOTS)
      .map(({ indicator }) => element('span', { class: `dot ${indicator}` }));
    const kinds = [
      day.inMonth ? '' : 'other',
      day.key === dayKey(new Date()) ? 'today' : '',
      day.key === this.#chosen ? 'chosen' : '',
    ];
    return element(
      'button',
      { type: 'button', class: kinds.join(' ').trim(), 'data-day': day.key, click: () => this.choose(day.key) },
      String(day.date.getDate()),
      element('span', { class: 'dots' }, ...dots),
    );
  }

  #row(event: EventSummary): HTMLElement {
    const times = event.allDay ? '' : `${moment(event.start, false)} – ${moment(event.end, false)}`;
    return element(
      'li',
      {},
      element(
        'button',
        { type: 'button', 'data-event': event.id, click: () => void this.open(event.id) },
        element('span', { class: `mark ${event.indicator}` }),
        element(
          'span',
          {},
          element('span', event.isCancelled ? { class: 'cancelled' } : {}, event.title),
          element('time', {}, times),
        ),
        '',
      ),
    );
  }

  async #renderDetails(): Promise<void> {
    const card = byId('details');
    const eventId = this.#opened;
    if (!eventId) return;
    try {
      const answer = await this.#client?.request('getEvent', { eventId });
      if (!answer || this.#opened !== eventId) return;
      card.replaceChildren(...detailsCard(answer.event, (response) => void this.#answer(eventId, response)));
      card.hidden = false;
    } catch {
      card.hidden = true;
    }
  }

  async #answer(eventId: string, response: Response): Promise<void> {
    await this.#client
      ?.request('respondToEvent', { eventId, response, idempotencyKey: crypto.randomUUID() })
      .catch(() => {});
    await this.#renderDetails();
  }
}

function start(): void {
  const page = new CalendarPage();
  document.title = say.title;
  byId('login-title').textContent = say.title;
  byId('server-label').textContent = say.server;
  byId('token-label').textContent = say.token;
  byId('enter').textContent = say.enter;
  byId('previous').addEventListener('click', () => void page.show(-1));
  byId('next').addEventListener('click', () => void page.show(1));
  byId<HTMLFormElement>('login').addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    const form = new FormData(submitted.currentTarget as HTMLFormElement);
    page.enter(String(form.get('server')), String(form.get('token'))).then(
      () => {
        byId('login').hidden = true;
        byId('view').hidden = false;
      },
      (error: unknown) => {
        byId('login-notice').textContent =
          error instanceof Error && error.message === say.none ? say.none : say.refused;
      },
    );
  });
}

start();
