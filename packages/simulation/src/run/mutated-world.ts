/** Planted bugs between the engine and the worlds. */
import { type Cursor, conferenceId, cursor } from '@calendar-connector/calendar-model';
import type { CalendarSource, ChangePage, ConferenceTarget, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { Run } from './run-parts.ts';

export function mutatedTarget(target: ConferenceTarget, run: Run): ConferenceTarget {
  if (run.mutant === 'randomConferenceIds') {
    return {
      ...target,
      createConference: (spec, signal) => {
        const id = conferenceId(`${spec.id}_${run.chance.between(1, 1e9)}`);
        return target.createConference({ ...spec, id }, signal);
      },
    };
  }
  if (run.mutant === 'removalOnLookupFailure') {
    return { ...target, findConference: (id, signal) => target.findConference(id, signal).catch(() => undefined) };
  }
  return target;
}

type Place = { readonly source: CalendarSource; readonly resolved: ResolvedMailbox };

/** The mailbox as the meeting worker reaches it; looks have a way of their own. */
export function reachedPlace(
  place: Place | undefined,
  askAgain: CalendarSource['fetchChanges'],
  run: Run,
): Place | undefined {
  if (!place) return undefined;
  const fetchChanges = run.mutant === 'blindConfirmation' ? nothingNew : askAgain;
  return { ...place, source: { ...place.source, fetchChanges } };
}

async function nothingNew(_mailbox: ResolvedMailbox, at: Cursor | undefined): Promise<ChangePage> {
  return {
    changed: [],
    removed: [],
    unreadable: [],
    cursor: at ?? cursor('nothing'),
    complete: true,
  };
}
