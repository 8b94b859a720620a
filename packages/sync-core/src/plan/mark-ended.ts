/** That a meeting ended outlives the copies that said so. SPEC.md §4.1 R06. */
import { conferenceIdFor } from '../standing/conference-id.ts';
import type { Draft } from './draft.ts';

/** The organizer's own word is remembered: the row that said it goes. */
export function markEnded(draft: Draft): void {
  const { exchange, view } = draft.assessment;
  if (exchange !== 'cancelled' && exchange !== 'deleted') return;
  const { key, wanted } = draft.assessment;
  const certain = view.source?.rank === 'organizer' || draft.base.ended !== undefined;
  draft.base = { ...draft.base, cancelled: exchange === 'cancelled', ...(certain && { ended: exchange }) };
  // Our own conference whose making was never settled: its id must outlive the row that asked for it.
  if (!draft.base.binding && wanted?.conferenceId === conferenceIdFor(key)) {
    draft.base = { ...draft.base, binding: { ...wanted, ownership: 'created' } };
  }
}
