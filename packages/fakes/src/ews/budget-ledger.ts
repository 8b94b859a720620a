/**
 * Budgets as Exchange keeps them: charged to the mailbox that is acted on, refused in the shapes real servers use, and every
 * request inside an announced back-off counted. Facts "Throttling" and goals §4.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { WorldClock } from '../world/clock.ts';
import type { Counters } from './probes.ts';
import type { Budgets } from './server-options.ts';
import { EwsError, EwsFault } from './wire/ews-error.ts';

interface Account {
  inFlight: number;
  syncInFlight: number;
  hanging: number;
  windowStart: Instant;
  windowCount: number;
  backOffUntil: Instant;
  readonly waiting: (() => void)[];
}

/** Room taken in a budget; give it back when the request is over. */
export interface BudgetSlot {
  release(): void;
}

const MINUTE_MS = 60_000;
const DEFAULT_BACK_OFF_MS = 60_000;
const SYNC_BACK_OFF_MS = 5_000;
const DEFAULT_HANGING_LIMIT = 10;
const SYNC_OPERATIONS = new Set(['SyncFolderItems', 'SyncFolderHierarchy']);

export class BudgetLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #clock: WorldClock;
  readonly #counters: Counters;
  #inFlight = 0;
  /** can be changed while the server runs */
  budgets: Budgets;

  constructor(options: { readonly clock: WorldClock; readonly counters: Counters; readonly budgets: Budgets }) {
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.budgets = options.budgets;
  }

  /** Takes room for a request; throws the fault or error a real server answers when there is none. */
  async enter(key: string, operation: string): Promise<BudgetSlot> {
    const account = this.#account(key);
    this.#checkBackOff(account);
    this.#checkRate(account);
    const isSync = SYNC_OPERATIONS.has(operation);
    const isHanging = operation === 'GetStreamingEvents';
    if (isHanging) this.#checkHanging(account);
    if (isSync) this.#checkSync(account);
    if (!isHanging) await this.#takeSlot(account);
    this.#count(key, account, isSync, isHanging, 1);
    let isReleased = false;
    return {
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#count(key, account, isSync, isHanging, -1);
        account.waiting.shift()?.();
      },
    };
  }

  /** Notes a back-off that was announced some other way (an injected fault). */
  announce(key: string, ms: number): void {
    this.#counters.backOffsAnnounced += 1;
    const account = this.#account(key);
    account.backOffUntil = Math.max(account.backOffUntil, this.#clock.now() + ms);
  }

  #account(key: string): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const fresh: Account = {
      inFlight: 0,
      syncInFlight: 0,
      hanging: 0,
      windowStart: 0,
      windowCount: 0,
      backOffUntil: 0,
      waiting: [],
    };
    this.#accounts.set(key, fresh);
    return fresh;
  }

  #checkBackOff(account: Account): void {
    if (account.backOffUntil > this.#clock.now()) this.#counters.backOffViolations += 1;
  }

  #checkRate(account: Account): void {
    const limit = this.budgets.requestsPerMinute ?? 0;
    if (limit === 0) return;
    const now = this.#clock.now();
    if (now - account.windowStart >= MINUTE_MS) {
      account.windowStart = now;
      account.windowCount = 0;
    }
    account.windowCount += 1;
    const isBusy = account.windowCount > limit;
    if (!isBusy) return;
    const ms = this.budgets.backOffMs ?? DEFAULT_BACK_OFF_MS;
    this.#counters.backOffsAnnounced += 1;
    account.backOffUntil = now + ms;
    // after the back-off the budget is full again
    account.windowStart = now + ms - MINUTE_MS;
    throw serverBusy(ms);
  }

  #checkHanging(account: Account): void {
    const limit = this.budgets.hangingConnections ?? DEFAULT_HANGING_LIMIT;
    if (account.hanging >= limit) throw connectionCount('HangingConnectionLimit', limit);
  }

  #checkSync(account: Account): void {
    const limit = this.budgets.concurrentSyncCalls;
    if (limit === undefined || account.syncInFlight < limit) return;
    this.#counters.backOffsAnnounced += 1;
    account.backOffUntil = this.#clock.now() + SYNC_BACK_OFF_MS;
    throw new EwsError(
      'ErrorServerBusy',
      `The server cannot service this request right now. Policy: ConcurrentSyncCalls, Value: ${limit}. Suggested backoff time ${SYNC_BACK_OFF_MS} ms.`,
      {
        values: { Policy: 'ConcurrentSyncCalls', BackOffMilliseconds: String(SYNC_BACK_OFF_MS) },
      },
    );
  }

  async #takeSlot(account: Account): Promise<void> {
    const limit = this.budgets.maxConcurrency;
    if (limit === undefined || account.inFlight < limit) return;
    if (this.budgets.overConcurrency !== 'queue') throw connectionCount('MaxConcurrency', limit);
    await new Promise<void>((resolve) => account.waiting.push(resolve));
  }

  #count(key: string, account: Account, isSync: boolean, isHanging: boolean, step: 1 | -1): void {
    if (isHanging) {
      account.hanging += step;
      this.#counters.openStreams += step;
      return;
    }
    account.inFlight += step;
    this.#inFlight += step;
    if (isSync) account.syncInFlight += step;
    if (step === 1) this.#counters.noteConcurrency(key, account.inFlight, this.#inFlight);
  }
}

/** The first shape of busy: a fault with the time to stay away. */
export function serverBusy(ms: number): EwsFault {
  return new EwsFault('ErrorServerBusy', 'The server cannot service this request right now. Try again later.', {
    values: { BackOffMilliseconds: String(ms) },
  });
}

/** Another: too much at a time, without a time. */
export function connectionCount(policy: string, limit: number): EwsFault {
  return new EwsFault(
    'ErrorExceededConnectionCount',
    `You have exceeded the available concurrent connections for your account. Try again once your other requests have completed. Policy: ${policy}, limit ${limit}. Suggested backoff time 0 ms.`,
    {
      values: { Policy: policy, MaxConcurrencyLimit: String(limit), BackOffMilliseconds: '0' },
    },
  );
}
