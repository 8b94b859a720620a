/**
 * Who may call Exchange now: a limit for the service account, one per mailbox, one for sync calls, and gates for announced
 * back-offs. Mailboxes take turns (one waiting call each per round), a priority lane goes first, waits can be aborted.
 */
import { EwsError, type ThrottleScope } from '../errors/ews-error.ts';
import { abortedError, type Clock } from '../transport/clock.ts';
import type { EwsObserver } from '../transport/observer.ts';
import { AdaptiveLimit, type Turn } from './adaptive-limit.ts';
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

/** A call that runs: its place in both budgets. */
interface Running {
  readonly claim: Claim;
  readonly ofAccount: Turn;
  readonly ofMailbox: Turn;
}

interface Waiting extends Claim {
  readonly go: (running: Running) => void;
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
  /** mailboxes with a sync call in flight: a second one at a time would only use up ConcurrentSyncCalls */
  readonly #syncing = new Set<string>();
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
    const running = await this.#admit(claim);
    try {
      const result = await call();
      this.#settle(running, undefined, true);
      return result;
    } catch (error) {
      this.#settle(running, error instanceof EwsError ? error : undefined, false);
      throw error;
    } finally {
      this.#dispatch();
      this.#forget(claim.mailbox);
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

  #admit(claim: Claim): Promise<Running> {
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
        go: (running) => {
          claim.signal.removeEventListener('abort', onAbort);
          resolve(running);
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
      // Mailboxes with several calls and room for them get further turns in further rounds.
      do {
        if (!this.#account.hasRoom) return;
        // Whoever has nothing running goes before those who have: a greedy mailbox makes nobody wait for its calls.
        this.#offerRound(queues, (running) => running === 0);
        this.#offerRound(queues, (running) => running > 0);
      } while (this.#canStartMore(queues));
    }
  }

  /** One turn each for the waiting mailboxes; one that takes it goes to the end, beyond this round. */
  #offerRound(queues: Lane['queues'], isMeant: (running: number) => boolean): void {
    let left = queues.size;
    for (const mailbox of queues.keys()) {
      if (left-- === 0 || !this.#account.hasRoom) return;
      if (isMeant(this.#mailboxes.get(mailbox)?.inFlight ?? 0)) this.#offer(queues, mailbox);
    }
  }

  #canStartMore(queues: Lane['queues']): boolean {
    for (const queue of queues.values()) if (queue[0] !== undefined && this.#mayStart(queue[0])) return true;
    return false;
  }

  #offer(queues: Lane['queues'], mailbox: string): void {
    const queue = queues.get(mailbox);
    // Asked once for the whole queue: thousands may wait in it, and each dispatch comes by here.
    if (queue === undefined || !this.#isReady(mailbox)) return;
    const at = queue.findIndex((entry) => this.#mayStart(entry));
    const next = queue[at];
    if (next === undefined) return;
    queue.splice(at, 1);
    queues.delete(mailbox);
    if (queue.length > 0) queues.set(mailbox, queue);
    this.#waiting--;
    const closedMs = this.closedForMs(mailbox);
    if (closedMs > this.#options.patienceMs) {
      next.fail(restError(next, closedMs));
      return;
    }
    if (next.isSync) {
      this.#syncInFlight++;
      this.#syncing.add(mailbox);
    }
    next.go({ claim: next, ofAccount: this.#account.enter(), ofMailbox: this.#mailboxLimit(mailbox).enter() });
  }

  /** Whether a mailbox has room for a call, or is closed for so long that its calls are let go. */
  #isReady(mailbox: string): boolean {
    const closedMs = this.closedForMs(mailbox);
    if (closedMs > this.#options.patienceMs) return true;
    if (closedMs > 0) this.#wakeIn(closedMs);
    return closedMs === 0 && this.#mailboxLimit(mailbox).hasRoom;
  }

  #mayStart({ isSync, mailbox }: Waiting): boolean {
    if (!this.#isReady(mailbox)) return false;
    if (!isSync || this.closedForMs(mailbox) > 0) return true;
    return this.#syncInFlight < this.#options.syncConcurrency && !this.#syncing.has(mailbox);
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
      // One call at a time finds no other one on its way when a pause is announced; more only after a good while.
      limit = new AdaptiveLimit({ start: 1, max: this.#options.mailboxConcurrency, cautious: true });
      this.#mailboxes.set(mailbox, limit);
    }
    return limit;
  }

  #settle(running: Running, error: EwsError | undefined, done: boolean): void {
    const { claim, ofAccount, ofMailbox } = running;
    const now = this.#options.clock.now();
    if (claim.isSync) {
      this.#syncInFlight--;
      this.#syncing.delete(claim.mailbox);
    }
    const mailbox = this.#mailboxLimit(claim.mailbox);
    if (error?.kind === 'throttled') this.#refused(running, mailbox, error, now);
    else if (done || error?.httpStatus === 200) {
      if (this.#account.leaveGood(ofAccount, now)) this.#changed('account', this.#account, 'grown');
      if (mailbox.leaveGood(ofMailbox, now)) this.#changed(`mailbox:${claim.mailbox}`, mailbox, 'grown');
    } else {
      this.#account.leave();
      mailbox.leave();
    }
  }

  /** Forgets a mailbox nobody waits for and about which nothing was learned. */
  #forget(mailbox: string): void {
    if (this.#lanes.some(({ queues }) => queues.has(mailbox))) return;
    if (this.#mailboxes.get(mailbox)?.isFresh) this.#mailboxes.delete(mailbox);
  }

  #changed(budget: string, limit: AdaptiveLimit, reason: 'grown' | 'rejected'): void {
    this.#options.observer.limitChanged?.({ budget, limit: limit.limit, reason });
  }

  #refused(running: Running, mailbox: AdaptiveLimit, error: EwsError, now: number): void {
    const { claim, ofAccount, ofMailbox } = running;
    const scope = error.budget ?? 'mailbox';
    // Too many at once: of this mailbox's calls if it had several, otherwise of the whole account's.
    const isAccounts = scope === 'server' || (scope === 'concurrency' && ofMailbox.level <= 1);
    const [budget, limit, turn, other] = isAccounts
      ? (['account', this.#account, ofAccount, mailbox] as const)
      : ([`mailbox:${claim.mailbox}`, mailbox, ofMailbox, this.#account] as const);
    other.leave();
    if (scope === 'mailboxSync' || turn.level <= 1) limit.leave();
    else if (limit.leaveRefused(turn, now)) this.#changed(budget, limit, 'rejected');
    this.#rest(claim.mailbox, scope, error);
  }

  #rest(mailbox: string, scope: ThrottleScope, error: EwsError): void {
    const restMs = error.retryAfterMs ?? 0;
    if (restMs <= 0) return;
    const budget = gateOf(scope, mailbox);
    const limit = this.#mailboxes.get(mailbox);
    if (scope !== 'server' && limit?.pauseAnnounced()) this.#changed(budget, limit, 'rejected');
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
