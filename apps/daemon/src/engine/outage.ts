/**
 * A provider that is away as a whole. When several mailboxes in a row get no answer, none of the others needs to find
 * that out by itself: they wait, one of them tries now and then, and the first sign of life (an answer, an open
 * stream) calls all of them. Ten minutes without Exchange cost some dozens of calls instead of some for every mailbox.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { FailureFacts, FailureKind } from '@calendar-connector/sync-core';
import type { Clock } from './clock.ts';
import { failureFacts } from './decision-applier.ts';

/** So many different mailboxes without an answer, and no answer in between, mean that the server is away. */
const AWAY_AFTER_MAILBOXES = 5;
/** While it is away, one mailbox looks this often. The streams try as well; usually they are sooner. */
const SCOUT_MS = 20_000;
/** After an answer to a scout the streams get this long to open: a look before that would have to be repeated. */
const STREAMS_FIRST_MS = 5_000;

/** Failures that say nothing about the mailbox. */
const SPEAKS_OF_SERVER: ReadonlySet<FailureKind> = new Set(['unavailable', 'timeout']);

export interface OutageListener {
  /** The server is taken for away. */
  onAway(failure: FailureFacts): void;
  /** One mailbox should look although the server is away. */
  onScout(): void;
  onReturn(): void;
}

export class Outage {
  readonly #clock: Clock;
  readonly #listener: OutageListener;
  readonly #unanswered = new Set<MailboxAddress>();
  #isAway = false;
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

  close(): void {
    this.#cancel?.();
  }

  #noteFailure(mailbox: MailboxAddress, failure: FailureFacts): void {
    if (failure.kind === 'aborted') return;
    // A refusal is an answer, too.
    if (!SPEAKS_OF_SERVER.has(failure.kind)) {
      this.#noteAnswer();
      return;
    }
    this.#unanswered.add(mailbox);
    if (this.isAway || this.#unanswered.size < AWAY_AFTER_MAILBOXES) return;
    this.#isAway = true;
    this.#scoutLater();
    this.#listener.onAway(failure);
  }

  #noteAnswer(): void {
    this.#unanswered.clear();
    if (this.isAway) this.#after(STREAMS_FIRST_MS, () => this.#return());
  }

  #scoutLater(): void {
    this.#after(SCOUT_MS, () => {
      this.#scoutLater();
      this.#listener.onScout();
    });
  }

  #return(): void {
    this.close();
    this.#isAway = false;
    this.#listener.onReturn();
  }

  #after(ms: number, callback: () => void): void {
    this.close();
    this.#cancel = this.#clock.startTimer(ms, callback);
  }
}
