/**
 * One client's socket: authorise first, then requests one after another, pushes in between (contract §5).
 * Whatever a client sends ends in an answer, an error code or a closed socket; it never reaches the process as a fault.
 */
import {
  AUTHORIZE_TIMEOUT_MS,
  answerTo,
  CLOSE_CODES,
  type ClientRequest,
  type ErrorCode,
  encodeServerMessage,
  errorTo,
  parseClientMessage,
} from '@calendar-connector/client-protocol';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../engine/clock.ts';
import type { Admission } from './admission.ts';
import type { OwnCalendar } from './authority.ts';
import { type Caller, callerKey } from './caller.ts';
import { Outbox } from './outbox.ts';
import { RateLimit } from './rate-limit.ts';
import * as reading from './reading.ts';
import { Refusal, refusalFor } from './refusal.ts';
import { isWrite, type WritingContext, write } from './writing.ts';

/** Requests waiting behind the present one; a client that sends more without waiting is flooding. */
const MAX_WAITING_REQUESTS = 32;
/** A token is shown to its server again after this long: it may have been withdrawn. */
const TOKEN_REVIEW_MS = 15 * 60_000;
/** Refused messages in a row after which the socket is closed. */
const MAX_REFUSED_IN_A_ROW = 20;

export interface SessionLimits {
  readonly messageBytes: number;
  readonly requestsPerMinute: number;
  readonly bufferedBytes: number;
}

export interface SessionObserver {
  refused(method: string, code: ErrorCode, caller: Caller | undefined, error: unknown): void;
  authorised(caller: Caller): void;
  answered(method: string, ms: number): void;
  dropped(): void;
}

export interface SessionContext extends WritingContext {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly limits: () => SessionLimits;
  readonly observer: SessionObserver;
}

export class Session {
  readonly #socket: WebSocket;
  readonly #context: SessionContext;
  readonly #outbox: Outbox;
  readonly #rate: RateLimit;
  readonly #stop = new AbortController();
  #memory: reading.SessionMemory | undefined;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #refusedInARow = 0;
  #cancelDeadline: () => void;
  #token = '';
  #provenAt = 0;
  #reviewing = false;
  /** `authorize` is under way: what was sent behind it waits for it */
  #authorizing = false;
  /** as the client was last told */
  #ownCalendar: OwnCalendar = 'none';

  constructor(socket: WebSocket, context: SessionContext) {
    this.#socket = socket;
    this.#context = context;
    const { messageBytes: _bytes, requestsPerMinute, bufferedBytes } = context.limits();
    this.#rate = new RateLimit(requestsPerMinute / 60, Math.max(20, requestsPerMinute / 6), context.clock.now());
    this.#outbox = new Outbox(socket, {
      maxBufferedBytes: bufferedBytes,
      resyncFrame: (calendarId) => encodeServerMessage({ method: 'resync', calendarId }),
      onDropped: () => context.observer.dropped(),
    });
    this.#cancelDeadline = context.clock.startTimer(AUTHORIZE_TIMEOUT_MS, () => {
      if (!this.#memory) socket.close(CLOSE_CODES.unauthorized, 'authorize first');
    });
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('close', () => this.#onClose());
    // The close that follows says all there is to say; without a listener the process would end.
    socket.on('error', () => {});
  }

  get caller(): Caller | undefined {
    return this.#memory?.caller;
  }

  /** Tells the client that the server goes, once answers under way are out. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#work.catch(() => {});
    this.#socket.close(CLOSE_CODES.goingAway, 'the server shuts down; connect again');
  }

  /**
   * What may change under an open socket without the client's doing; called every second, costs nothing while all is as
   * it was: the server may have lost its place on the whitelist, the token may be withdrawn, the user's mailbox may have
   * been added, removed or found at last.
   */
  async review(): Promise<void> {
    if (!this.#memory || this.#reviewing || this.#stop.signal.aborted) return;
    this.#reviewing = true;
    try {
      await this.#reviewAccess(this.#memory.caller);
      await this.#reviewCalendar(this.#memory.caller);
    } catch {
      // Database or server cannot be asked now: the next review does.
    } finally {
      this.#reviewing = false;
    }
  }

  async #reviewAccess(caller: Caller): Promise<void> {
    const { authority, clock } = this.#context;
    let isWelcome = authority.isWelcome(caller.serverId);
    if (isWelcome && clock.now() - this.#provenAt >= TOKEN_REVIEW_MS) {
      this.#provenAt = clock.now();
      isWelcome = await authority.identify(caller.serverId, this.#token, this.#stop.signal).then(
        (now) => now.userId === caller.userId,
        (error: unknown) => !(error instanceof Refusal && error.code === 'unauthorized'),
      );
    }
    if (!isWelcome) this.#socket.close(CLOSE_CODES.unauthorized, 'unauthorized');
  }

  async #reviewCalendar(caller: Caller): Promise<void> {
    const { authority } = this.#context;
    const isSynced = authority.ownMailbox(caller) !== undefined;
    const isAsTold = this.#ownCalendar !== 'pending' && isSynced === (this.#ownCalendar !== 'none');
    // No query for who is not concerned: thousands are connected.
    if (isAsTold) return;
    const calendar = await authority.ownCalendar(caller);
    const isNews = calendar !== this.#ownCalendar && calendar !== 'pending';
    // One that is looked for is no news yet, neither is one that was never shown.
    if (isNews) this.#outbox.answer(encodeServerMessage({ method: 'calendarsChanged' }));
    this.#ownCalendar = calendar;
  }

  #onClose(): void {
    this.#cancelDeadline();
    this.#stop.abort();
    if (!this.#memory) return;
    this.#context.admission.userLeft(callerKey(this.#memory.caller));
    for (const unwatch of this.#memory.subscriptions.values()) unwatch();
    this.#memory.subscriptions.clear();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#socket.close(CLOSE_CODES.unsupportedData, 'text frames only');
      return;
    }
    const parsed = parseClientMessage(textOf(data), this.#context.limits().messageBytes);
    const isAuthorize = parsed.ok && parsed.message.method === 'authorize';
    if (!this.#memory && !this.#authorizing && !isAuthorize) {
      const asked = parsed.ok ? parsed.message : parsed.error;
      this.#refuse(asked, new Refusal('unauthorized', 'the first message must be authorize'));
      this.#socket.close(CLOSE_CODES.unauthorized, 'unauthorized');
      return;
    }
    if (!this.#rate.take(this.#context.clock.now()) || this.#waiting >= MAX_WAITING_REQUESTS) {
      this.#refuse(parsed.ok ? parsed.message : parsed.error, new Refusal('rateLimited', 'too many requests', 1000));
      return;
    }
    if (!parsed.ok) {
      this.#refuse(parsed.error, new Refusal('invalidRequest', parsed.error.error.message));
      return;
    }
    this.#authorizing ||= isAuthorize;
    this.#waiting += 1;
    this.#work = this.#work
      .then(() => this.#outbox.room())
      .then(() => this.#handle(parsed.message))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #handle(request: ClientRequest): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const startedAt = this.#context.clock.now();
    try {
      const answer = await this.#answer(request);
      if (answer !== undefined) this.#send(answer);
      this.#refusedInARow = 0;
      this.#context.observer.answered(request.method, this.#context.clock.now() - startedAt);
    } catch (error) {
      const refusal = refusalFor(error);
      this.#refuse(request, refusal, error);
      if (refusal.code === 'unauthorized') this.#socket.close(CLOSE_CODES.unauthorized, 'unauthorized');
    }
  }

  async #answer(request: ClientRequest): Promise<unknown> {
    const context = this.#context;
    const memory = this.#memory;
    if (request.method === 'authorize') return this.#authorize(request);
    if (!memory) throw new Refusal('unauthorized', 'the first message must be authorize');
    if (isWrite(request)) return write(request, memory, context, this.#stop.signal);
    switch (request.method) {
      case 'getCalendarList':
        return reading.getCalendarList(request, memory, context);
      case 'getEventList':
        return reading.getEventList(request, memory, context);
      case 'getEvent':
        return reading.getEvent(request, memory, context);
      default:
        return reading.subscribe(request as ClientRequest<'subscribe'>, memory, context, this.#outbox, (answer) =>
          this.#send(answer),
        );
    }
  }

  async #authorize(request: ClientRequest<'authorize'>): Promise<unknown> {
    if (this.#memory)
      throw new Refusal('invalidRequest', 'this socket is authorised already; open another one for another user');
    const { authority } = this.#context;
    const caller = await authority.identify(request.server, request.token, this.#stop.signal);
    const ownCalendar = await authority.ownCalendar(caller);
    if (this.#socket.readyState !== this.#socket.OPEN) return undefined;
    if (!this.#context.admission.userJoined(callerKey(caller))) {
      this.#refuse(request, new Refusal('rateLimited', 'this user has too many connections'));
      this.#socket.close(CLOSE_CODES.policyViolation, 'too many connections');
      return undefined;
    }
    this.#cancelDeadline();
    this.#token = request.token;
    this.#provenAt = this.#context.clock.now();
    this.#ownCalendar = ownCalendar;
    this.#memory = { caller, opened: new Map(), subscriptions: new Map(), listed: new Map() };
    this.#context.observer.authorised(caller);
    return answerTo(request, { user: { id: caller.userId, displayName: caller.displayName, email: caller.email } });
  }

  #send(answer: unknown): void {
    this.#outbox.answer(JSON.stringify(answer));
  }

  #refuse(
    asked: { readonly method: string; readonly requestId?: string | number | undefined },
    refusal: Refusal,
    cause: unknown = refusal,
  ): void {
    this.#context.observer.refused(asked.method, refusal.code, this.caller, cause);
    this.#send(errorTo(asked, refusal.code, refusal.message, refusal.retryAfterMs));
    this.#refusedInARow += 1;
    if (this.#refusedInARow >= MAX_REFUSED_IN_A_ROW)
      this.#socket.close(CLOSE_CODES.policyViolation, 'too many refused messages');
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
