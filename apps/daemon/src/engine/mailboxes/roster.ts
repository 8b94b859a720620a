/**
 * The mailboxes this node holds, and the only place where their state machines move. Remembers whose status changed
 * since the statuses were saved last.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import { type MailboxEvent, mailboxStep } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import type { Held } from './held-mailbox.ts';

interface RosterOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onState: (mailbox: MailboxAddress, from: string, to: string) => void;
}

export class Roster {
  readonly #options: RosterOptions;
  readonly #held = new Map<MailboxAddress, Held>();
  readonly #changed = new Set<MailboxAddress>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  find(mailbox: MailboxAddress): Held | undefined {
    return this.#held.get(mailbox);
  }

  /** Still this very one: a mailbox may have been let go and taken again meanwhile. */
  has(held: Held): boolean {
    return this.#held.get(held.address) === held;
  }

  list(): readonly Held[] {
    return [...this.#held.values()];
  }

  of(provider: string): readonly Held[] {
    return this.list().filter((held) => held.provider === provider);
  }

  add(held: Held): void {
    this.#held.set(held.address, held);
    this.#changed.add(held.address);
  }

  remove(held: Held): void {
    this.#held.delete(held.address);
    this.#changed.delete(held.address);
  }

  step(held: Held, event: MailboxEvent): void {
    const { clock, random, onState } = this.#options;
    const before = held.machine.state;
    held.machine = mailboxStep(held.machine, event, clock.now(), random());
    if (this.has(held)) this.#changed.add(held.address);
    if (held.machine.state !== before) onState(held.address, before, held.machine.state);
  }

  /** Those whose status changed since the last call. */
  takeChanged(): readonly Held[] {
    const changed = [...this.#changed].flatMap((address) => this.#held.get(address) ?? []);
    this.#changed.clear();
    return changed;
  }

  /** Counts by state and by stream, for metrics and the status line. */
  census(): { readonly states: ReadonlyMap<string, number>; readonly live: number; readonly down: number } {
    const states = new Map<string, number>();
    let live = 0;
    for (const { machine } of this.#held.values()) {
      states.set(machine.state, (states.get(machine.state) ?? 0) + 1);
      if (machine.stream === 'live') live += 1;
    }
    return { states, live, down: this.#held.size - live };
  }
}
