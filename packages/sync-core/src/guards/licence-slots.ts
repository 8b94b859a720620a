/**
 * Which mailboxes get a licence slot: priority users first, then the configured order; a mailbox that has a slot keeps it
 * before one that never had, so that a reload does not throw anybody out. SPEC.md §6.2; features A8.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';

/** A mailbox that wants one of the licensed places. */
export interface SlotCandidate {
  readonly address: MailboxAddress;
  /** smaller is served first */
  readonly priority: number;
  readonly hadSlot: boolean;
}

/** The addresses that get one of `slots`; undefined means no limit. Independent of the order of the candidates. */
export function assignSlots(
  candidates: readonly SlotCandidate[],
  slots: number | undefined,
): ReadonlySet<MailboxAddress> {
  const unique = new Map(candidates.map((candidate) => [candidate.address, candidate]));
  const ordered = [...unique.values()].sort(
    (a, b) => a.priority - b.priority || Number(b.hadSlot) - Number(a.hadSlot) || (a.address < b.address ? -1 : 1),
  );
  return new Set(ordered.slice(0, slots === undefined ? undefined : Math.max(0, slots)).map(({ address }) => address));
}
