/**
 * What providers report, and what follows for the mailboxes held: a hint, a stream that opened or was lost, a server
 * that is away and comes back.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { Hint } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import type { LookSchedule } from './look-schedule.ts';
import type { OutageFailure } from './outage.ts';
import type { ProviderListener } from './provider-links.ts';
import type { Roster } from './roster.ts';

/** A mailbox whose stream should open is looked at anyway after this long. */
export const STREAM_PATIENCE_MS = 5_000;
/** A stream that opens brings the events that were queued: one look, this long after, answers to all of it. */
const OPENING_MS = 250;

interface ProviderNewsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly roster: Roster;
  readonly schedule: LookSchedule;
}

export class ProviderNews implements ProviderListener {
  readonly #options: ProviderNewsOptions;

  constructor(options: ProviderNewsOptions) {
    this.#options = options;
  }

  onHint({ mailbox, reason }: Hint): void {
    const { clock, roster, schedule } = this.#options;
    const held = roster.find(mailbox);
    if (!held) return;
    const now = clock.now();
    held.lastEventAt = now;
    if (reason === 'streamOpened') schedule.hint(held, now + OPENING_MS);
    // Its new subscription is still to be opened, and then it has to be looked at again.
    else if (reason === 'resubscribed') schedule.hint(held, now + STREAM_PATIENCE_MS);
    else schedule.hint(held);
  }

  onStream(mailbox: MailboxAddress, state: 'live' | 'down'): void {
    const { clock, roster, schedule } = this.#options;
    const held = roster.find(mailbox);
    if (!held || held.machine.stream === state) return;
    held.streamChangedAt = clock.now();
    roster.step(held, { type: state === 'live' ? 'streamOpened' : 'streamLost' });
    // The opening itself comes with a hint, and its server answers again; a loss turns sweeping into polling.
    if (state === 'live') roster.step(held, { type: 'serverReturned' });
    else schedule.consider(held);
  }

  /** Nobody has to find out by itself that the server is away. */
  onAway(provider: string, failure: OutageFailure): void {
    const { roster, schedule } = this.#options;
    for (const held of roster.of(provider)) {
      if (held.looking) continue;
      if (held.machine.attempts === 0) roster.step(held, { type: 'lookFailed', failure });
      schedule.consider(held);
    }
  }

  onScout(provider: string): void {
    const { random, roster, schedule } = this.#options;
    const able = roster.of(provider).filter((held) => !held.paused && held.machine.state === 'retrying');
    const scout = able[Math.floor(random() * able.length)];
    if (scout) schedule.scout(scout);
  }

  /** Those whose stream is not open yet wait for it a little: one look, not two. */
  onReturn(provider: string): void {
    const { clock, roster, schedule } = this.#options;
    const soon = clock.now() + STREAM_PATIENCE_MS;
    for (const held of roster.of(provider)) {
      roster.step(held, { type: 'serverReturned' });
      if (held.machine.stream === 'live' || held.paused) schedule.consider(held);
      else schedule.lookAt(held, soon);
    }
  }
}
