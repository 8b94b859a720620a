/** All subscriptions of the organisation, each living on one mailbox server (back end). */

import type { WorldClock } from '../../world/clock.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import { guidBytes, guidOf } from '../../world/random.ts';
import type { Counters } from '../probes.ts';
import { Subscription, type SubscriptionOptions } from './subscription.ts';

export interface NewSubscription extends Omit<SubscriptionOptions, 'id' | 'now'> {}

const FILETIME_EPOCH = 116444736000000000n;

export class SubscriptionRegistry {
  readonly #byId = new Map<string, Subscription>();
  readonly #clock: WorldClock;
  readonly #counters: Counters;
  readonly #domain: string;
  readonly #seed: number;
  #next = 1;

  constructor(options: {
    readonly clock: WorldClock;
    readonly counters: Counters;
    readonly domain: string;
    readonly seed: number;
  }) {
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#domain = options.domain;
    this.#seed = options.seed;
  }

  open(options: NewSubscription): Subscription {
    const now = this.#clock.now();
    this.#sweep();
    const subscription = new Subscription({ ...options, id: this.#newId(options), now });
    this.#byId.set(subscription.id, subscription);
    this.#counters.subscriptions = this.#byId.size;
    return subscription;
  }

  /** Length + server name in clear, GUID, time, mailbox GUID: the layout of Exchange 2016 and later. */
  #newId({ backEnd, box }: NewSubscription): string {
    const name = Buffer.from(`${backEnd}.${this.#domain}`, 'latin1');
    const id = Buffer.alloc(2 + name.length + 4 + 16 + 8 + 4 + 16);
    let at = id.writeUInt16LE(name.length, 0);
    at += name.copy(id, at);
    at = id.writeUInt32LE(16, at);
    at += guidBytes(guidOf(this.#seed, 0x737562, this.#next++)).copy(id, at);
    at = id.writeBigUInt64LE(FILETIME_EPOCH + BigInt(this.#clock.now()) * 10000n, at);
    at = id.writeUInt32LE(16, at);
    guidBytes(box.profile.guid).copy(id, at);
    return id.toString('base64');
  }

  /** Whether a text could be the id of a subscription at all. */
  isReadable(text: string): boolean {
    const id = Buffer.from(text.trim(), 'base64');
    if (id.toString('base64') !== text.trim() || id.length < 2) return false;
    const at = 2 + id.readUInt16LE(0);
    return id.length === at + 48 && id.readUInt32LE(at) === 16 && id.readUInt32LE(at + 28) === 16;
  }

  find(id: string): Subscription | undefined {
    const found = this.#byId.get(id.trim());
    if (found === undefined) return undefined;
    if (!found.isExpired(this.#clock.now())) return found;
    this.close(found.id);
    return undefined;
  }

  close(id: string): boolean {
    const found = this.#byId.get(id.trim());
    if (found === undefined) return false;
    found.close();
    this.#byId.delete(found.id);
    this.#counters.subscriptions = this.#byId.size;
    return true;
  }

  countOf(box: Mailbox): number {
    let count = 0;
    for (const subscription of this.#byId.values()) if (subscription.box === box) count += 1;
    return count;
  }

  /** A mailbox server went down: its subscriptions are gone. */
  closeBackEnd(backEnd: string): number {
    const lost = [...this.#byId.values()].filter((subscription) => subscription.backEnd === backEnd);
    for (const subscription of lost) this.close(subscription.id);
    return lost.length;
  }

  closeMailbox(box: Mailbox): number {
    const lost = [...this.#byId.values()].filter((subscription) => subscription.box === box);
    for (const subscription of lost) this.close(subscription.id);
    return lost.length;
  }

  closeAll(): void {
    for (const id of [...this.#byId.keys()]) this.close(id);
  }

  #sweep(): void {
    if (this.#next % 64 !== 0) return;
    const now = this.#clock.now();
    for (const subscription of [...this.#byId.values()]) if (subscription.isExpired(now)) this.close(subscription.id);
  }
}
