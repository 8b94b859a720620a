/**
 * A small typed client of the channel: authorises, correlates answers, reconnects, and after a reconnection asks for the changes
 * it missed (`subscribe` with `sinceRevision`). Specified in SPEC.md of this package, invariants C1–C7.
 */
import type { Answer, Push } from './answers.ts';
import {
  ChannelError,
  type ClientOptions,
  type ClientState,
  type Credentials,
  type SocketLike,
} from './client-ports.ts';
import { CLOSE_CODES } from './codes.ts';
import { encodeRequest } from './encode.ts';
import type { ChannelUser } from './events.ts';
import { parseServerMessage } from './parse-server-message.ts';
import { MAX_PENDING, PendingRequests } from './pending-requests.ts';
import { RefusedError } from './refused-error.ts';
import type { ClientRequestInput, Method } from './requests.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A user refused this often in a row is not tried again. */
const MAX_REFUSALS = 2;

type Fields<M extends Method> = Omit<ClientRequestInput<M>, 'method' | 'requestId'>;

export interface CalendarClient {
  readonly state: ClientState;
  readonly user: ChannelUser | undefined;
  /** Opens the channel; resolves at the first `ready`, rejects when the user is refused or the client is closed. */
  connect(): Promise<ChannelUser>;
  /** Asks; waits for the channel when it is being opened. Rejects with RefusedError (the server's answer) or ChannelError. */
  request<M extends Method>(method: M, fields: Fields<M>): Promise<Answer<M>>;
  /** Subscribes, and again after each reconnection from the last revision seen. */
  subscribe(calendarId: string, sinceRevision?: number): Promise<void>;
  close(): void;
}

/** Makes a client; nothing happens before `connect()`. */
export function createCalendarClient(options: ClientOptions): CalendarClient {
  return new ReconnectingClient(options);
}

interface Waiter {
  readonly resolve: (user: ChannelUser) => void;
  readonly reject: (error: Error) => void;
}

class ReconnectingClient implements CalendarClient {
  readonly #options: ClientOptions;
  readonly #pending: PendingRequests;
  /** calendar → last revision seen; undefined: start from now */
  readonly #subscriptions = new Map<string, number | undefined>();
  #state: ClientState = 'closed';
  #user: ChannelUser | undefined;
  #socket: SocketLike | undefined;
  #waiters: Waiter[] = [];
  #attempts = 0;
  #refusals = 0;
  #cancelRetry: () => void = () => {};

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#pending = new PendingRequests(options.after, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  }

  get state(): ClientState {
    return this.#state;
  }

  get user(): ChannelUser | undefined {
    return this.#user;
  }

  connect(): Promise<ChannelUser> {
    if (this.#state === 'ready' && this.#user) return Promise.resolve(this.#user);
    const ready = this.#whenReady();
    if (this.#state === 'closed' || this.#state === 'refused') {
      this.#refusals = 0;
      this.#open();
    }
    return ready;
  }

  request<M extends Method>(method: M, fields: Fields<M>): Promise<Answer<M>> {
    if (this.#state === 'closed' || this.#state === 'refused') return Promise.reject(notConnected(this.#state));
    if (this.#state === 'ready') return this.#ask(method, fields);
    return this.#whenReady().then(() => this.#ask(method, fields));
  }

  subscribe(calendarId: string, sinceRevision?: number): Promise<void> {
    this.#subscriptions.set(calendarId, sinceRevision ?? this.#subscriptions.get(calendarId));
    if (this.#state !== 'ready') return this.#whenReady().then(() => undefined);
    return this.#sendSubscription(calendarId);
  }

  close(): void {
    this.#drop(new ChannelError('closed', 'the client was closed'));
    this.#setState('closed');
    this.#settleWaiters((waiter) => waiter.reject(notConnected('closed')));
  }

  #open(): void {
    this.#setState('connecting');
    const socket = this.#tryOpen();
    this.#socket = socket;
    if (socket) this.#listen(socket);
    else this.#lost(false);
  }

  #listen(socket: SocketLike): void {
    socket.onopen = () => this.#isCurrent(socket) && this.#authorize(socket);
    socket.onmessage = ({ data }) => this.#isCurrent(socket) && typeof data === 'string' && this.#receive(data);
    socket.onclose = ({ code }) => this.#isCurrent(socket) && this.#lost(code === CLOSE_CODES.unauthorized);
    socket.onerror = () => {};
  }

  /** A socket that cannot even be made (no network, a bad address) is a lost one. */
  #tryOpen(): SocketLike | undefined {
    try {
      return this.#options.openSocket();
    } catch {
      return undefined;
    }
  }

  #isCurrent(socket: SocketLike): boolean {
    return this.#socket === socket;
  }

  #authorize(socket: SocketLike): void {
    this.#setState('authorizing');
    this.#options
      .credentials()
      .then((credentials) => (this.#isCurrent(socket) ? this.#introduce(credentials) : undefined))
      .catch((error: unknown) => {
        if (!this.#isCurrent(socket)) return;
        this.#lost(error instanceof RefusedError && (error.code === 'unauthorized' || error.code === 'forbidden'));
      });
  }

  #introduce({ server, token }: Credentials): Promise<void> {
    return this.#ask('authorize', { server, token }).then(({ user }) => {
      this.#user = user;
      this.#attempts = 0;
      this.#refusals = 0;
      this.#setState('ready');
      this.#settleWaiters((waiter) => waiter.resolve(user));
      for (const calendarId of this.#subscriptions.keys()) this.#sendSubscription(calendarId).catch(() => {});
    });
  }

  #ask<M extends Method>(method: M, fields: Fields<M>): Promise<Answer<M>> {
    const answer = this.#pending.open(method, (requestId) => {
      this.#socket?.send(encodeRequest({ method, requestId, ...fields } as unknown as ClientRequestInput));
    });
    return answer as Promise<Answer<M>>;
  }

  #sendSubscription(calendarId: string): Promise<void> {
    const since = this.#subscriptions.get(calendarId);
    const fields = since === undefined ? { calendarId } : { calendarId, sinceRevision: since };
    return this.#ask('subscribe', fields).then(({ revision }) => {
      if (since === undefined) this.#sawRevision(calendarId, revision);
      // The server has never been where we were (restored from a backup): what we saw there counts no more.
      else if (revision < since && this.#subscriptions.has(calendarId)) this.#subscriptions.set(calendarId, revision);
    });
  }

  #receive(text: string): void {
    const message = parseServerMessage(text);
    if (message.kind === 'answer') this.#pending.answer(message.answer);
    if (message.kind === 'error') this.#pending.refuse(message.error);
    if (message.kind === 'push') this.#pushed(message.push);
  }

  #pushed(push: Push): void {
    if (push.method === 'eventsChanged') this.#sawRevision(push.calendarId, push.revision);
    this.#options.onPush?.(push);
  }

  #sawRevision(calendarId: string, revision: number): void {
    if (!this.#subscriptions.has(calendarId)) return;
    const known = this.#subscriptions.get(calendarId) ?? 0;
    this.#subscriptions.set(calendarId, Math.max(known, revision));
  }

  #lost(refused: boolean): void {
    this.#drop(new ChannelError('disconnected', 'the connection was lost before the answer came'));
    this.#refusals = refused ? this.#refusals + 1 : 0;
    if (this.#refusals >= MAX_REFUSALS) {
      this.#setState('refused');
      this.#settleWaiters((waiter) => waiter.reject(notConnected('refused')));
      return;
    }
    this.#setState('waiting');
    this.#cancelRetry = this.#options.after(this.#delayMs(), () => this.#open());
    this.#attempts += 1;
  }

  /** Doubles from half a second to half a minute; chance moves it between half and one and a half of that. */
  #delayMs(): number {
    const base = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#attempts, 16));
    return Math.round(base * (0.5 + (this.#options.chance?.() ?? 0.5)));
  }

  #drop(error: ChannelError): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#user = undefined;
    this.#cancelRetry();
    this.#pending.failAll(error);
    socket?.close(CLOSE_CODES.normal);
  }

  #setState(state: ClientState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state, this.#user);
  }

  #whenReady(): Promise<ChannelUser> {
    if (this.#waiters.length >= MAX_PENDING) {
      return Promise.reject(new ChannelError('queueFull', `more than ${MAX_PENDING} requests wait for the channel`));
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #settleWaiters(settle: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) settle(waiter);
  }
}

function notConnected(state: 'closed' | 'refused'): ChannelError {
  return new ChannelError(
    'closed',
    state === 'refused' ? 'the server does not accept this user' : 'the client is closed',
  );
}
