/**
 * Who may call Exchange now: a limit for the service account, one per mailbox, one for sync calls, and gates for announced
 * back-offs. Mailboxes take turns (one waiting call each per round), a priority lane goes first, waits can be aborted.
 */
import { EwsError, type ThrottleScope } from '../errors/ews-error.ts';
import { abortedError, type Clock } from '../transport/clock.ts';
import type { EwsObserver } from '../transport/observer.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { Gates } from './gates.ts';

export interface LimiterOptions {
  readonly clock: Clock;
  readonly observer: EwsObserver;
  readonly startConcurrency: number;
  readonly maxConcurrency: number;
  readonly mailboxConcurrency: number;
  readonly syncConcurrency: number;
  /** calls that may wait before further ones are refused */
  readonly maxWaiting: number;
  /** a call waits for a gate this long at most; beyond it throws `throttled` at once */
  readonly patienceMs: number;
}

export interface Claim {
  readonly mailbox: string;
  readonly priority: boolean;
  readonly isSync: boolean;
  readonly operation: string;
  readonly signal: AbortSignal;
}

interface Waiting extends Claim {
  readonly go: () => void;
  readonly fail: (error: EwsError) => void;
}

interface Lane {
  readonly queues: Map<string, Waiting[]>;
}

export class Limiter {
  readonly #options: LimiterOptions;
  readonly #gates = new Gates();
  readonly #account: AdaptiveLimit;
  readonly #mailboxes = new Map<string, AdaptiveLimit>();
  readonly #lanes: readonly [Lane, Lane] = [{ queues: new Map() }, { queues: new Map() }];
  #syncInFlight = 0;
  #waiting = 0;
  #cancelWake: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#account = new AdaptiveLimit({ start: options.startConcurrency, max: options.maxConcurrency });
  }

  get waiting(): number {
    return this.#waiting;
  }

  get inFlight(): number {
    return this.#account.inFlight;
  }

  get limit(): number {
    return this.#account.limit;
  }

  /** Runs `call` when it is its turn. What `call` throws tells the limiter about the budgets. */
  async run<T>(claim: Claim, call: () => Promise<T>): Promise<T> {
    await this.#admit(claim);
    const mailbox = this.#mailboxLimit(claim.mailbox);
    try {
      const result = await call();
      this.#settle(claim, mailbox, undefined);
      return result;
    } catch (error) {
      this.#settle(claim, mailbox, error instanceof EwsError ? error : undefined);
      throw error;
    } finally {
      this.#dispatch();
    }
  }

  /** Milliseconds until these budgets may be used; 0: now. */
  closedForMs(mailbox: string): number {
    const now = this.#options.clock.now();
    return Math.max(0, this.#gates.closedUntil(budgetsOf(mailbox), now) - now);
  }

  /** A refusal inside an answer that was good otherwise: the budget rests, the call counts as good. */
  note(mailbox: string, error: EwsError): void {
    this.#rest(mailbox, error.budget ?? 'mailbox', error);
  }

  #admit(claim: Claim): Promise<void> {
    if (claim.signal.aborted) return Promise.reject(abortedError(claim.operation));
    const closedMs = this.closedForMs(claim.mailbox);
    if (closedMs > this.#options.patienceMs) return Promise.reject(restError(claim, closedMs));
    if (this.#waiting >= this.#options.maxWaiting) return Promise.reject(fullError(claim));
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#remove(waiting);
        reject(abortedError(claim.operation));
      };
      const waiting: Waiting = {
        ...claim,
        go: () => {
          claim.signal.removeEventListener('abort', onAbort);
          resolve();
        },
        fail: (error) => {
          claim.signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      claim.signal.addEventListener('abort', onAbort, { once: true });
      const { queues } = this.#lane(claim);
      const queue = queues.get(claim.mailbox);
      if (queue === undefined) queues.set(claim.mailbox, [waiting]);
      else queue.push(waiting);
      this.#waiting++;
      this.#dispatch();
    });
  }

  #lane(claim: Claim): Lane {
    return this.#lanes[claim.priority ? 0 : 1];
  }

  #remove(waiting: Waiting): void {
    const { queues } = this.#lane(waiting);
    const queue = queues.get(waiting.mailbox);
    const at = queue?.indexOf(waiting) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    this.#waiting--;
    if (queue.length === 0) queues.delete(waiting.mailbox);
  }

  /** Starts whatever may start. A mailbox that got its turn goes to the end of the round. */
  #dispatch(): void {
    for (const { queues } of this.#lanes) {
      if (!this.#account.hasRoom) return;
      for (const mailbox of [...queues.keys()]) {
        if (!this.#account.hasRoom) return;
        this.#offer(queues, mailbox);
      }
      // Mailboxes with several calls and room for them get further turns in the next round.
      if (this.#account.hasRoom && this.#canStartMore(queues)) this.#dispatch();
    }
  }

  #canStartMore(queues: Lane['queues']): boolean {
    for (const queue of queues.values()) if (queue[0] !== undefined && this.#mayStart(queue[0])) return true;
    return false;
  }

  #offer(queues: Lane['queues'], mailbox: string): void {
    const queue = queues.get(mailbox);
    const at = queue?.findIndex((entry) => this.#mayStart(entry)) ?? -1;
    const next = queue?.[at];
    if (queue === undefined || next === undefined) return;
    queue.splice(at, 1);
    queues.delete(mailbox);
    if (queue.length > 0) queues.set(mailbox, queue);
    this.#waiting--;
    const closedMs = this.closedForMs(mailbox);
    if (closedMs > this.#options.patienceMs) {
      next.fail(restError(next, closedMs));
      return;
    }
    this.#account.enter();
    this.#mailboxLimit(mailbox).enter();
    if (next.isSync) this.#syncInFlight++;
    next.go();
  }

  #mayStart(entry: Waiting): boolean {
    const closedMs = this.closedForMs(entry.mailbox);
    if (closedMs > this.#options.patienceMs) return true;
    if (closedMs > 0) {
      this.#wakeIn(closedMs);
      return false;
    }
    if (entry.isSync && this.#syncInFlight >= this.#options.syncConcurrency) return false;
    return this.#mailboxLimit(entry.mailbox).hasRoom;
  }

  #wakeIn(ms: number): void {
    const { clock } = this.#options;
    const at = clock.now() + ms;
    if (at >= this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = at;
    this.#cancelWake = clock.after(ms + 1, () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#dispatch();
    });
  }

  #mailboxLimit(mailbox: string): AdaptiveLimit {
    let limit = this.#mailboxes.get(mailbox);
    if (limit === undefined) {
      const { startConcurrency, mailboxConcurrency } = this.#options;
      limit = new AdaptiveLimit({ start: startConcurrency, max: mailboxConcurrency });
      this.#mailboxes.set(mailbox, limit);
    }
    return limit;
  }

  #settle(claim: Claim, mailbox: AdaptiveLimit, error: EwsError | undefined): void {
    const now = this.#options.clock.now();
    if (claim.isSync) this.#syncInFlight--;
    const scope = error?.kind === 'throttled' ? (error.budget ?? 'mailbox') : undefined;
    if (scope === undefined) {
      const good = error === undefined || error.httpStatus === 200;
      if (good) this.#grown('account', this.#account, now);
      else this.#account.leave();
      if (good) this.#grown(`mailbox:${claim.mailbox}`, mailbox, now);
      else mailbox.leave();
    } else this.#refused(claim, mailbox, scope, error as EwsError, now);
    if (mailbox.isFresh && mailbox.inFlight === 0) this.#mailboxes.delete(claim.mailbox);
  }

  #grown(budget: string, limit: AdaptiveLimit, now: number): void {
    if (limit.leaveGood(now)) this.#options.observer.limitChanged?.({ budget, limit: limit.limit, reason: 'grown' });
  }

  #refused(claim: Claim, mailbox: AdaptiveLimit, scope: ThrottleScope, error: EwsError, now: number): void {
    // Too many at once: of this mailbox's calls if it had several, otherwise of the whole account's.
    const ofAccount = scope === 'server' || (scope === 'concurrency' && mailbox.inFlight <= 1);
    const limit = ofAccount ? this.#account : mailbox;
    const other = ofAccount ? mailbox : this.#account;
    other.leave();
    const budget = ofAccount ? 'account' : `mailbox:${claim.mailbox}`;
    const counts = scope !== 'mailboxSync' && limit.inFlight > 1;
    if (!counts) limit.leave();
    else if (limit.leaveRefused(now)) {
      this.#options.observer.limitChanged?.({ budget, limit: limit.limit, reason: 'rejected' });
    }
    this.#rest(claim.mailbox, scope, error);
  }

  #rest(mailbox: string, scope: ThrottleScope, error: EwsError): void {
    const restMs = error.retryAfterMs ?? 0;
    if (restMs <= 0) return;
    const budget = gateOf(scope, mailbox);
    const untilMs = this.#options.clock.now() + restMs;
    this.#gates.close(budget, untilMs);
    this.#options.observer.throttled?.({ budget, untilMs, code: error.code });
  }
}

function budgetsOf(mailbox: string): readonly string[] {
  return ['server', `mailbox:${mailbox}`];
}

/** A pause announced for sync calls rests the mailbox as a whole: whether other calls were meant too, nobody says. */
function gateOf(scope: ThrottleScope, mailbox: string): string {
  return scope === 'server' ? 'server' : `mailbox:${mailbox}`;
}

function restError(claim: Claim, ms: number): EwsError {
  return new EwsError({
    kind: 'throttled',
    code: 'BackOff',
    message: `${claim.operation} for ${claim.mailbox} waits: Exchange asked for a pause of ${Math.ceil(ms / 1000)} s more`,
    retryAfterMs: ms,
    mailbox: claim.mailbox,
  });
}

function fullError(claim: Claim): EwsError {
  return new EwsError({
    kind: 'throttled',
    code: 'TooManyWaiting',
    message: `${claim.operation} for ${claim.mailbox} was not even queued: too many calls wait for Exchange already`,
    mailbox: claim.mailbox,
  });
}
