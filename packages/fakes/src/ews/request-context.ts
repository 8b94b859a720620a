/**
 * What an operation knows about the request it answers: who asks, for which mailbox, in which zone, and the server's probes.
 */
import type { Instant, TimeZoneRef } from '@calendar-connector/calendar-model';
import type { TimeZone } from '@calendar-connector/recurrence';
import type { ExchangeWorld } from '../world/exchange-world.ts';
import type { Mailbox } from '../world/mailbox.ts';
import { findZone } from '../world/zones.ts';
import type { FaultKind, FaultPlan, FaultRule } from './faults/fault-plan.ts';
import type { Budgets } from './server-options.ts';
import type { SubscriptionRegistry } from './streaming/subscription-registry.ts';
import type { SoapRequest } from './wire/envelope.ts';
import { EwsFault } from './wire/ews-error.ts';

/** Who is asking. */
export interface Caller {
  readonly login: string;
  /** the mailbox acted in: the impersonated one, else the account's own */
  readonly mailbox: Mailbox | undefined;
  readonly isImpersonating: boolean;
}

export interface RequestContextParts {
  readonly world: ExchangeWorld;
  readonly faults: FaultPlan;
  readonly budgets: Budgets;
  readonly subscriptions: SubscriptionRegistry;
  readonly caller: Caller;
  readonly request: SoapRequest;
  readonly backEnd: string;
  readonly started: Instant;
}

export class RequestContext {
  readonly world: ExchangeWorld;
  readonly budgets: Budgets;
  readonly subscriptions: SubscriptionRegistry;
  readonly caller: Caller;
  readonly request: SoapRequest;
  readonly backEnd: string;
  /** zone of naive times in the request and of all times in the answer */
  readonly zone: TimeZone | undefined;
  readonly zoneRef: TimeZoneRef | undefined;
  readonly codes: string[] = [];
  /** whether anything can go wrong on purpose; saves asking per item */
  readonly hasFaults: boolean;
  items = 0;
  readonly #faults: FaultPlan;
  readonly #started: Instant;

  constructor(parts: RequestContextParts) {
    this.world = parts.world;
    this.budgets = parts.budgets;
    this.subscriptions = parts.subscriptions;
    this.caller = parts.caller;
    this.request = parts.request;
    this.backEnd = parts.backEnd;
    this.#faults = parts.faults;
    this.#started = parts.started;
    this.hasFaults = !parts.faults.isEmpty;
    this.zoneRef = parts.request.timeZone;
    this.zone = this.#contextZone();
  }

  #contextZone(): TimeZone | undefined {
    if (this.zoneRef === undefined) return undefined;
    const zone = findZone(this.zoneRef);
    if (zone === undefined)
      throw new EwsFault('ErrorTimeZone', 'The time zone specified in the TimeZoneContext header is invalid.');
    return zone;
  }

  get operation(): string {
    return this.request.operation;
  }

  now(): Instant {
    return this.world.clock.now();
  }

  takeFault(kinds: readonly FaultKind[], mailbox = this.caller.mailbox?.address): FaultRule | undefined {
    return this.hasFaults ? this.#faults.take(kinds, { mailbox, operation: this.operation }) : undefined;
  }

  takeFaults(kinds: readonly FaultKind[], mailbox: string): FaultRule[] {
    return this.hasFaults ? this.#faults.takeAll(kinds, { mailbox, operation: this.operation }) : [];
  }

  noteCode(code: string): void {
    if (this.codes.length < 100) this.codes.push(code);
  }

  /** When a batch has taken too long and its tail is given up. */
  batchDeadline(): Instant {
    const limit = this.budgets.batchTimeMs;
    return limit === undefined ? Number.POSITIVE_INFINITY : this.#started + limit;
  }

  /** Pretended work for one item of a batch. */
  async spendItemTime(): Promise<void> {
    this.items += 1;
    const ms = this.budgets.itemTimeMs ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void this.world.clock.after(ms, resolve));
  }

  /** The caller's own mailbox, for folders named without one. */
  ownMailbox(): Mailbox {
    const box = this.caller.mailbox;
    if (box === undefined) {
      throw new EwsFault(
        'ErrorMissingEmailAddress',
        'When making a request as an account that does not have a mailbox, you must specify the mailbox primary SMTP address for any distinguished folder Ids.',
      );
    }
    return box;
  }
}
