/**
 * Subscribe and Unsubscribe for the members of one stream group, a few at a time. What fails waits for its next try; what
 * was subscribed is unsubscribed when it is not wanted any more, since leaked subscriptions use up a quota (facts §1.5).
 */
import type { HintListener } from '@calendar-connector/sync-core';
import { errorOfException } from '../errors/network.ts';
import { callOne, type OperationContext } from '../operations/context.ts';
import type { Target } from '../transport/ews-transport.ts';
import { subscribe, unsubscribe } from '../wire/subscription-requests.ts';
import type { Member } from './member.ts';

/** Subscribe calls at a time per group. */
const SUBSCRIBE_WIDTH = 4;
const UNSUBSCRIBE_MS = 5_000;

interface SubscriberOptions {
  readonly context: OperationContext;
  readonly listener: HintListener;
  /** the group is closed: calls under way are given up */
  readonly closing: AbortSignal;
  readonly isWanted: (member: Member) => boolean;
  readonly targetOf: (mailbox: string) => Target;
}

export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #farewells = new Set<Promise<void>>();
  /** whose Subscribe is under way */
  readonly #busy = new Set<Member>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Subscribes those of `members` that are not and whose time has come; throws the signal's reason when it is aborted. */
  async subscribe(members: Iterable<Member>, signal: AbortSignal): Promise<void> {
    const now = this.#options.context.options.clock.now();
    const isDue = (member: Member) =>
      member.subscriptionId === undefined && member.retryAt <= now && !this.#busy.has(member);
    const waiting = [...members].filter(isDue);
    const workers = Array.from({ length: Math.min(SUBSCRIBE_WIDTH, waiting.length) }, async () => {
      for (let member = waiting.shift(); member !== undefined && !signal.aborted; member = waiting.shift()) {
        if (this.#busy.has(member)) continue;
        this.#busy.add(member);
        await this.#subscribeOne(member, signal).finally(() => this.#busy.delete(member as Member));
      }
    });
    await Promise.all(workers);
    if (signal.aborted) throw signal.reason;
  }

  farewell(member: Member): void {
    const id = member.subscriptionId;
    if (id === undefined) return;
    member.subscriptionId = undefined;
    const { context, targetOf } = this.#options;
    const { address } = member.mailbox;
    const work = (async () => {
      const limit = AbortSignal.timeout(UNSUBSCRIBE_MS);
      await callOne(context, unsubscribe(await context.facade(), address, id), targetOf(address), limit);
    })().catch(() => undefined);
    this.#farewells.add(work);
    void work.finally(() => this.#farewells.delete(work));
  }

  /** Resolves when every farewell has been said. */
  async done(): Promise<void> {
    await Promise.all(this.#farewells);
  }

  async #subscribeOne(member: Member, signal: AbortSignal): Promise<void> {
    const { closing, context, isWanted, listener, targetOf } = this.#options;
    const { clock, timings } = context.options;
    const { address, folderId } = member.mailbox;
    try {
      const request = subscribe(await context.facade(), address, folderId);
      // A Subscribe under way is finished even when members change: its subscription must not leak.
      const message = await callOne(context, request, targetOf(address), closing);
      if (message.subscriptionId === '') throw new Error('the answer names no subscription');
      member.subscribed(message.subscriptionId);
      if (!isWanted(member)) this.farewell(member);
    } catch (error) {
      if (closing.aborted || signal.aborted) return;
      const failure = errorOfException(error, { operation: 'Subscribe', mailbox: address }, false);
      member.subscribeFailed(clock.now(), failure, timings.reopenMs, timings.reopenMaxMs);
      member.down(listener, failure);
    }
  }
}
