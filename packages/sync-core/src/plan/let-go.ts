/**
 * The rules by which a living meeting leaves its conference: its link went, or names another one. SPEC.md §4.1 R08, R09, R15.
 */
import type { Conference } from '@calendar-connector/calendar-model';
import type { ConferenceBinding } from '../model/meeting.ts';
import { foundConference } from '../standing/lookups.ts';
import { unbind } from './binding.ts';
import { unreachable } from './doubt.ts';
import type { Draft } from './draft.ts';

/** R09: made by the connector, wanted by nobody any more. */
export function retire(draft: Draft): void {
  const { binding } = draft.base;
  if (!binding) return;
  stopAndUnbind(draft, binding, foundConference(draft.lookups.conference), 'R09');
}

/** R15: the old conference is let go, or removed when the connector had made it; the new one is taken up afterwards. */
export function rebind(draft: Draft): void {
  const { binding } = draft.base;
  if (!binding) return;
  const { previous } = draft.lookups;
  if (
    binding.ownership === 'created' &&
    (previous === undefined || previous === 'unreachable' || previous === 'notWanted')
  ) {
    unreachable(draft);
    return;
  }
  if (binding.ownership === 'created' && foundConference(previous ?? 'absent')) {
    stopAndUnbind(draft, binding, foundConference(previous ?? 'absent'), 'R15');
    return;
  }
  draft.fire('R15', 'linkChanged');
  unbind(draft);
  draft.again.push(draft.now);
}

function stopAndUnbind(
  draft: Draft,
  binding: ConferenceBinding,
  conference: Conference | undefined,
  rule: 'R09' | 'R15',
): void {
  const why = rule === 'R15' ? 'linkChanged' : draft.assessment.why;
  const on = { serverId: binding.serverId, conferenceId: binding.conferenceId } as const;
  if (conference?.state === 'running') draft.decide({ kind: 'stopConference', rule, why, ...on });
  draft.decide({ kind: 'removeConference', rule, why, ...on, leaves: 'unbound' });
}
