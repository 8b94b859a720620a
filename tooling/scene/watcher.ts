/**
 * A TrueConf client in the demo: a WebSocket of its own, a calendar kept by pushes alone, and the moment each change
 * arrived. What it holds at the end is compared with the fake Exchange; what the connector believes is not asked.
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import WebSocket from 'ws';

type Waiter = { readonly fits: (events: readonly EventSummary[]) => boolean; readonly done: (at: number) => void };
type Answer = { readonly error?: { readonly code: string; readonly message: string } } & Record<string, unknown>;

const ANSWER_LIMIT_MS = 15_000;
const RETRY_MS = 100;

export class Watcher {
  readonly user: string;
  readonly #url: string;
  readonly #login: () => Promise<{ readonly token: string; readonly server: string }>;
  readonly #events = new Map<string, EventSummary>();
  readonly #asked = new Map<number, { readonly answer: (got: Answer) => void; readonly fail: (why: Error) => void }>();
  readonly #waiters = new Set<Waiter>();
  #socket: WebSocket | undefined;
  #nextId = 1;
  #closing = false;
  #window: { readonly from: string; readonly to: string } = { from: '', to: '' };
  #calendarId = '';
  pushes = 0;

  constructor(user: string, url: string, login: () => Promise<{ readonly token: string; readonly server: string }>) {
    this.user = user;
    this.#url = url;
    this.#login = login;
  }

  get events(): readonly EventSummary[] {
    return [...this.#events.values()];
  }

  get calendarId(): string {
    return this.#calendarId;
  }

  /** Connects, reads the calendar and subscribes; keeps doing so until the connector knows the mailbox. */
  async open(from: number, to: number): Promise<void> {
    this.#window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const deadline = Date.now() + 60_000;
    for (;;) {
      const socket = new WebSocket(`${this.#url}/websocket/calendar/`, 'calendar.v1');
      try {
        await this.#connect(socket);
        socket.once('close', () => this.#reopen());
        if (socket.readyState !== WebSocket.OPEN) this.#reopen();
        return;
      } catch (error) {
        socket.terminate();
        if (Date.now() > deadline) throw new Error(`${this.user} could not open the calendar: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #reopen(): void {
    if (!this.#closing) void this.open(Date.parse(this.#window.from), Date.parse(this.#window.to)).catch(() => {});
  }

  close(): void {
    this.#closing = true;
    this.#socket?.close();
  }

  /** When the calendar first fitted (epoch ms), or undefined after `limitMs`. */
  waitUntil(fits: Waiter['fits'], limitMs: number): Promise<number | undefined> {
    if (fits(this.events)) return Promise.resolve(Date.now());
    return new Promise((resolve) => {
      const waiter: Waiter = { fits, done: (at) => finish(at) };
      const timer = setTimeout(() => finish(undefined), limitMs);
      const finish = (at: number | undefined): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(at);
      };
      this.#waiters.add(waiter);
    });
  }

  async request(method: string, fields: Record<string, unknown> = {}): Promise<Answer> {
    const requestId = this.#nextId++;
    const answer = await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => fail(new Error(`${method}: no answer`)), ANSWER_LIMIT_MS);
      const over = (): void => {
        clearTimeout(timer);
        this.#asked.delete(requestId);
      };
      const fail = (why: Error): void => {
        over();
        reject(why);
      };
      const got = (what: Answer): void => {
        over();
        resolve(what);
      };
      this.#asked.set(requestId, { answer: got, fail });
      this.#socket?.send(JSON.stringify({ method, requestId, ...fields }));
    });
    if (answer.error) throw new Error(`${method}: ${answer.error.code}: ${answer.error.message}`);
    return answer;
  }

  async #connect(socket: WebSocket): Promise<void> {
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    socket.on('message', (data) => this.#onMessage(JSON.parse(String(data)) as Record<string, unknown>));
    socket.on('error', () => {});
    socket.once('close', () => {
      for (const { fail } of [...this.#asked.values()]) fail(new Error('the connection closed'));
    });
    const { token, server } = await this.#login();
    await this.request('authorize', { server, token });
    const list = (await this.request('getCalendarList')) as unknown as { calendars: { id: string }[] };
    this.#calendarId = list.calendars[0]?.id ?? '';
    if (this.#calendarId === '') throw new Error('no calendar yet');
    await this.#readAnew();
  }

  async #readAnew(): Promise<void> {
    await this.request('subscribe', { calendarId: this.#calendarId });
    const answer = await this.request('getEventList', { calendarId: this.#calendarId, ...this.#window });
    this.#events.clear();
    for (const event of answer.events as EventSummary[]) this.#events.set(event.id, event);
    this.#changed();
  }

  #onMessage(message: Record<string, unknown>): void {
    const asked = typeof message.requestId === 'number' ? this.#asked.get(message.requestId) : undefined;
    if (asked) {
      asked.answer(message as Answer);
      return;
    }
    if (message.method === 'eventsChanged') {
      this.pushes += 1;
      for (const id of message.removed as string[]) this.#events.delete(id);
      for (const event of message.changed as EventSummary[]) {
        const inWindow = event.end > this.#window.from || Date.parse(event.end) > Date.parse(this.#window.from);
        if (inWindow && Date.parse(event.start) < Date.parse(this.#window.to)) this.#events.set(event.id, event);
        else this.#events.delete(event.id);
      }
      this.#changed();
    } else if (message.method === 'resync') {
      void this.#readAnew().catch(() => {});
    }
  }

  #changed(): void {
    const at = Date.now();
    for (const waiter of [...this.#waiters]) if (waiter.fits(this.events)) waiter.done(at);
  }
}
