/**
 * Month, day and card of one user's calendar, kept current by pushes (guide chapter 5.1; feature D3). The state is here;
 * how it looks is said in `month-view.ts` and `details.ts`.
 */
import type { CalendarClient, EventSummary, Push } from '@calendar-connector/client-protocol';
import { byId, fill, focusKey } from '../shared/dom.ts';
import { words } from '../shared/words.ts';
import { dayTitle, monthTitle } from './dates.ts';
import { detailsCard, type Response } from './details.ts';
import { type Day, dayKey, daysFrom, inOrder, monthGrid, touches } from './month.ts';
import { dayCell, dayRows, weekdayNames } from './month-view.ts';

const say = words({
  noCalendar: { en: 'No calendar is kept for this user.', ru: 'Календарь этого пользователя не ведётся.' },
  live: { en: 'up to date', ru: 'данные актуальны' },
  lost: { en: 'connecting…', ru: 'соединение…' },
  notAnswered: { en: 'The answer could not be sent.', ru: 'Ответ не удалось отправить.' },
});

/** Days the arrow keys go. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** The connector keeps no calendar for this user. */
export class NoCalendar extends Error {
  constructor() {
    super(say.noCalendar);
    this.name = 'NoCalendar';
  }
}

export class CalendarPage {
  readonly #client: CalendarClient;
  readonly #events = new Map<string, EventSummary>();
  #calendarId = '';
  #shown = new Date();
  #chosen = new Date();
  #opened: string | undefined;

  constructor(client: CalendarClient) {
    this.#client = client;
  }

  /** Also when an administrator has added or removed the mailbox meanwhile. */
  async open(): Promise<void> {
    const { calendars } = await this.#client.request('getCalendarList', {});
    const [calendar] = calendars;
    if (!calendar) throw new NoCalendar();
    this.#calendarId = calendar.id;
    await this.#client.subscribe(calendar.id);
    await this.#read();
  }

  showState(isLive: boolean): void {
    byId('state').textContent = isLive ? say.live : say.lost;
  }

  /** Another month: today's day in its own, the first of any other. */
  turn(months: number): void {
    const now = new Date();
    const first = new Date(this.#shown.getFullYear(), this.#shown.getMonth() + months, 1);
    this.choose(first.getFullYear() === now.getFullYear() && first.getMonth() === now.getMonth() ? now : first);
  }

  choose(date: Date): void {
    const isOther = date.getMonth() !== this.#shown.getMonth() || date.getFullYear() !== this.#shown.getFullYear();
    this.#chosen = date;
    this.#shown = date;
    this.#render();
    if (isOther) this.#readAgain();
  }

  /** The arrow keys of the grid. */
  walk(key: string): boolean {
    const days = STEPS[key];
    if (days === undefined) return false;
    this.choose(daysFrom(this.#chosen, days));
    focusKey(byId('grid'), dayKey(this.#chosen));
    return true;
  }

  onPush(push: Push): void {
    if (push.method === 'resync') this.#readAgain();
    if (push.method === 'calendarsChanged') this.open().catch((error: Error) => this.#tell(error.message));
    if (push.method !== 'eventsChanged') return;
    for (const id of push.removed) this.#events.delete(id);
    for (const event of push.changed) this.#events.set(event.id, event);
    this.#render();
    const concerned = [...push.removed, ...push.changed.map(({ id }) => id)];
    if (this.#opened && concerned.includes(this.#opened)) void this.#renderCard();
  }

  #tell(text: string): void {
    byId('state').textContent = text;
  }

  /** What cannot be read now is read when the channel is back: it says so itself. */
  #readAgain(): void {
    this.#read().catch(() => this.showState(false));
  }

  async #read(): Promise<void> {
    const grid = this.#grid();
    const [first, last] = [grid.at(0)?.date ?? this.#shown, grid.at(-1)?.date ?? this.#shown];
    const window = { from: first.toISOString(), to: daysFrom(last, 1).toISOString() };
    const { events } = await this.#client.request('getEventList', { calendarId: this.#calendarId, ...window });
    // Somebody who turns on faster than answers come sees the month they stopped at.
    if (this.#grid().at(0)?.key !== grid.at(0)?.key) return;
    this.#events.clear();
    for (const event of events) this.#events.set(event.id, event);
    this.#render();
    if (this.#opened) await this.#renderCard();
  }

  #grid(): readonly Day[] {
    return monthGrid(this.#shown.getFullYear(), this.#shown.getMonth());
  }

  #on(day: Day): readonly EventSummary[] {
    return [...this.#events.values()].filter((event) => touches(event, day)).sort(inOrder);
  }

  #render(): void {
    const grid = this.#grid();
    const chosen = dayKey(this.#chosen);
    byId('month').textContent = monthTitle(this.#shown);
    const cells = grid.map((day) => dayCell(day, this.#on(day), day.key === chosen, () => this.choose(day.date)));
    fill(byId('grid'), ...weekdayNames(grid), ...cells);
    const day = grid.find(({ key }) => key === chosen);
    byId('day-title').textContent = dayTitle(this.#chosen);
    fill(byId('day'), ...dayRows(day ? this.#on(day) : [], this.#opened, (id) => void this.#openCard(id)));
  }

  async #openCard(eventId: string): Promise<void> {
    this.#opened = eventId;
    this.#render();
    await this.#renderCard();
    byId('details').scrollIntoView({ block: 'nearest' });
  }

  /** An event that cannot be shown (any more) has no card. */
  async #renderCard(): Promise<void> {
    const card = byId('details');
    const eventId = this.#opened;
    if (!eventId) return;
    try {
      const { event } = await this.#client.request('getEvent', { eventId });
      if (this.#opened !== eventId) return;
      fill(card, ...detailsCard(event, (response) => void this.#answer(eventId, response)));
      card.hidden = false;
    } catch {
      card.hidden = true;
    }
  }

  async #answer(eventId: string, response: Response): Promise<void> {
    const change = { eventId, response, idempotencyKey: crypto.randomUUID() };
    const isSent = await this.#client.request('respondToEvent', change).then(
      () => true,
      () => false,
    );
    await this.#renderCard();
    if (!isSent) byId('card-notice').textContent = say.notAnswered;
  }
}
