/**
 * What could not be found out just now decides nothing: the meeting waits, and is asked about again. SPEC.md §4.1 R11, R47.
 */
import type { ConferenceBinding } from '../model/meeting.ts';
import { isManaged, isSameConference } from '../standing/assess.ts';
import type { Draft } from './draft.ts';
import { markEnded } from './mark-ended.ts';

/** R11: what could not be read is asked again; starts already owed stay owed. */
export function unreachable(draft: Draft): void {
  markEnded(draft);
  draft.block('R11', 'serverUnreachable');
  draft.startable = lastKnown(draft);
}

export function unsure(draft: Draft): void {
  markEnded(draft);
  draft.block('R47', 'accountsUnknown');
  draft.startable = lastKnown(draft);
}

/** A managed conference keeps following the meeting's times even while its server does not answer. */
function lastKnown({ assessment, base }: Draft): ConferenceBinding | 'keep' | 'none' {
  if (assessment.exchange === 'cancelled' || assessment.exchange === 'deleted' || base.removed) return 'none';
  const { binding } = base;
  if (!binding || !assessment.wanted || !isSameConference(binding, assessment.wanted)) return 'none';
  return isManaged(base) ? binding : 'keep';
}
