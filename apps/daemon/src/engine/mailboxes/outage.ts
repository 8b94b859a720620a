/**
 * A provider that is away as a whole. When several mailboxes in a row get no answer, none of the others needs to find
 * that out by itself: they wait, one of them tries now and then, and the first sign of life (an answer, an open
 * stream) calls all of them. Ten minutes without Exchange cost some dozens of calls instead of some for every mailbox.
 */
import type { Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import type { FailureFacts, FailureKind } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { failureFacts } from '../meetings/decision-applier.ts';

/** So many different mailboxes without an answer, and no answer in between, mean that the server is away. */
const AWAY_AFTER_MAILBOXES = 5;
/** While it is away, one mailbox looks soon and then this often. The streams try as well; usually they are sooner. */
const FIRST_SCOUT_MS = 1_000;
const SCOUT_MS = 60_000;
/** A stream that cannot be opened speaks of the server unless calls were answered so lately: proxies cut streams, too. */
const FRESH_ANSWER_MS = 10_000;
/** After an answer to a scout the streams get this long to open: a look before that would have to be repeated. */
const STREAMS_FIRST_MS = 5_000;

/** Failures that say nothing about the mailbox. */
const SPEAKS_OF_SERVER: ReadonlySet<string> = new Set(['unavailable', 'timeout'] satisfies FailureKind[]);

export type OutageFailure = FailureFacts & { readonly message: string };

export interface OutageListener {
  /** The server is taken for away. */
  onAway(failure: OutageFailure): void;
  /** One mailbox should look although the server is away. */
  onScout(): void;
  onReturn(): void;
}

export class Outage {
  readonly #clock: Clock;
  readonly #listener: OutageListener;
  readonly #unanswered = new Set<MailboxAddress>();
  #isAway = false;
  #isReturning = false;
  #answeredAt: Instant = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, listener: OutageListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** A call for a mailbox, heard by the outage. What went wrong here only, the database for one, is none of its business. */
  async hear<T>(mailbox: MailboxAddress, call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.#noteAnswer();
      return answer;
    } catch (error) {
      this.#noteFailure(mailbox, failureFacts(error));
      throw error;
    }
  }

  /** A stream opened. */
  noteStream(): void {
    this.#unanswered.clear();
    if (this.isAway) this.#return();
  }

  /** A stream could not be opened. */
  noteStreamFailure(
    mailbox: MailboxAddress,
    { kind, message }: { readonly kind: string; readonly message: string },
  ): void {
    if (!SPEAKS_OF_SERVER.has(kind) || this.#clock.now() - this.#answeredAt < FRESH_ANSWER_MS) return;
    this.#noteFailure(mailbox, { kind: 'unavailable', retriable: true, code: kind, message });
  }

  close(): void {
    this.#cancel?.();
  }

  #noteFailure(mailbox: MailboxAddress, failure: OutageFailure): void {
    if (failure.kind === 'aborted') return;
    // A refusal is an answer, too.
    if (!SPEAKS_OF_SERVER.has(failure.kind)) {
      this.#noteAnswer();
      return;
    }
    this.#unanswered.add(mailbox);
    if (this.isAway || this.#unanswered.size < AWAY_AFTER_MAILBOXES) return;
    this.#isAway = true;
    this.#scoutIn(FIRST_SCOUT_MS);
    this.#listener.onAway(failure);
  }

  #noteAnswer(): void {
    this.#unanswered.clear();
    this.#answeredAt = this.#clock.now();
    if (!this.isAway || this.#isReturning) return;
    this.#isReturning = true;
    this.#after(STREAMS_FIRST_MS, () => this.#return());
  }

  #scoutIn(ms: number): void {
    this.#after(ms, () => {
      this.#scoutIn(SCOUT_MS);
      this.#listener.onScout();
    });
  }

  #return(): void {
    this.close();
    this.#isAway = false;
    this.#isReturning = false;
    this.#listener.onReturn();
  }

  #after(ms: number, callback: () => void): void {
    this.close();
    this.#cancel = this.#clock.startTimer(ms, callback);
  }
}
