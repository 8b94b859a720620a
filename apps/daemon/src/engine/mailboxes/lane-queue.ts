/**
 * Which mailbox is looked at next: four lanes, first come first served inside a lane, a mailbox in one lane at most.
 * Urgent lanes go first, but after a run of urgent picks a waiting lower lane gets one, so that a mail-bombed mailbox
 * or a storm of clients never starves first syncs and sweeps (invariant I11).
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import { LOOK_LANES, type LookLane } from '@calendar-connector/sync-core';

/** After this many picks in a row above a waiting lane, that lane is served once. */
const MAX_PICKS_IN_A_ROW = 8;

export class LaneQueue {
  readonly #lanes: readonly Set<MailboxAddress>[] = LOOK_LANES.map(() => new Set<MailboxAddress>());
  readonly #laneOf = new Map<MailboxAddress, number>();
  #urgentPicks = 0;

  get size(): number {
    return this.#laneOf.size;
  }

  depth(lane: LookLane): number {
    return this.#lanes[LOOK_LANES.indexOf(lane)]?.size ?? 0;
  }

  /** Queues a mailbox; one that waits already only moves to a more urgent lane, never back. */
  add(mailbox: MailboxAddress, lane: LookLane): void {
    const wanted = LOOK_LANES.indexOf(lane);
    const present = this.#laneOf.get(mailbox);
    if (present !== undefined && present <= wanted) return;
    if (present !== undefined) this.#lanes[present]?.delete(mailbox);
    this.#lanes[wanted]?.add(mailbox);
    this.#laneOf.set(mailbox, wanted);
  }

  remove(mailbox: MailboxAddress): void {
    const lane = this.#laneOf.get(mailbox);
    if (lane === undefined) return;
    this.#lanes[lane]?.delete(mailbox);
    this.#laneOf.delete(mailbox);
  }

  take(): { readonly mailbox: MailboxAddress; readonly lane: LookLane } | undefined {
    const filled = this.#lanes.flatMap((lane, index) => (lane.size > 0 ? [index] : []));
    const [urgent, lower] = filled;
    if (urgent === undefined) return undefined;
    const starving = lower !== undefined && this.#urgentPicks >= MAX_PICKS_IN_A_ROW;
    const index = starving ? lower : urgent;
    this.#urgentPicks = starving || lower === undefined ? 0 : this.#urgentPicks + 1;
    const [mailbox] = this.#lanes[index] ?? [];
    const lane = LOOK_LANES[index];
    if (mailbox === undefined || lane === undefined) return undefined;
    this.remove(mailbox);
    return { mailbox, lane };
  }
}
