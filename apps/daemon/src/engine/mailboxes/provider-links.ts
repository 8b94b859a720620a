/**
 * The calendar providers of this node: source, hint stream and outage of each. Keeps the streams watching exactly the
 * mailboxes that are held, resolved and not paused.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { CalendarSource, Hint, HintStream } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import type { Held } from './held-mailbox.ts';
import type { LookSource } from './look.ts';
import { Outage, type OutageFailure } from './outage.ts';
import type { Roster } from './roster.ts';

/** Changes of the set of watched mailboxes are handed to the streams together. */
const WATCH_DELAY_MS = 30;

export interface ProviderListener {
  onHint(hint: Hint): void;
  onStream(mailbox: MailboxAddress, state: 'live' | 'down'): void;
  onAway(provider: string, failure: OutageFailure): void;
  onScout(provider: string): void;
  onReturn(provider: string): void;
}

interface Link {
  readonly source: CalendarSource;
  readonly stream: HintStream;
  readonly outage: Outage;
}

export class ProviderLinks {
  readonly #clock: Clock;
  readonly #roster: Roster;
  /** set before the first source is opened */
  listener: ProviderListener | undefined;
  readonly #links = new Map<string, Link>();
  #cancelWatch: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, roster: Roster) {
    this.#clock = clock;
    this.#roster = roster;
  }

  source(provider: string): CalendarSource | undefined {
    return this.#links.get(provider)?.source;
  }

  /** No answer is to be expected: the server is away, or the provider is not configured any more. */
  isAway(provider: string): boolean {
    return this.#links.get(provider)?.outage.isAway ?? true;
  }

  /** The source as a look uses it: the outage hears whether it answers. */
  listened({ provider, address }: Held): LookSource {
    const link = this.#links.get(provider);
    if (!link) throw new Error(`provider ${provider} is not configured any more`);
    const { source, outage } = link;
    return {
      resolve: (mailbox, signal) => outage.hear(address, source.resolve(mailbox, signal)),
      fetchChanges: (mailbox, cursor, signal) => outage.hear(address, source.fetchChanges(mailbox, cursor, signal)),
    };
  }

  /**
   * Makes the providers equal to `sources`: unchanged ones keep their streams, new ones open theirs, those gone or
   * replaced are closed. Returns the names of the new ones, and when the old ones are closed.
   */
  update(sources: ReadonlyMap<string, CalendarSource>): {
    readonly opened: readonly string[];
    readonly closed: Promise<unknown>;
  } {
    const closing: Promise<void>[] = [];
    for (const [name, { source, stream, outage }] of [...this.#links]) {
      if (sources.get(name) === source) continue;
      this.#links.delete(name);
      outage.close();
      closing.push(stream.close().finally(() => source.close()));
    }
    const opened = [...sources].filter(([name]) => !this.#links.has(name));
    for (const [name, source] of opened) this.#open(name, source);
    return { opened: opened.map(([name]) => name), closed: Promise.allSettled(closing) };
  }

  #open(name: string, source: CalendarSource): void {
    const outage = new Outage(this.#clock, {
      onAway: (failure) => this.listener?.onAway(name, failure),
      onScout: () => this.listener?.onScout(name),
      onReturn: () => this.listener?.onReturn(name),
    });
    const stream = source.openHints({
      onHint: (hint) => this.listener?.onHint(hint),
      onState: (mailbox, state, failure) => {
        if (state === 'live') outage.noteStream();
        else if (failure) outage.noteStreamFailure(mailbox, failure);
        this.listener?.onStream(mailbox, state);
      },
    });
    this.#links.set(name, { source, stream, outage });
  }

  /** The set of mailboxes to watch has changed. */
  watchSoon(): void {
    if (this.#cancelWatch || this.#closed) return;
    this.#cancelWatch = this.#clock.startTimer(WATCH_DELAY_MS, () => {
      this.#cancelWatch = undefined;
      for (const [name, { stream }] of this.#links) {
        stream.watch(this.#roster.of(name).flatMap((held) => (held.paused || !held.resolved ? [] : held.resolved)));
      }
    });
  }

  /** Closes the streams; looks under way may still use the sources. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWatch?.();
    for (const { outage } of this.#links.values()) outage.close();
    await Promise.allSettled([...this.#links.values()].map(({ stream }) => stream.close()));
  }
}
