/**
 * The last look at a plan before it leaves: a read-only side never receives a write (I6), and a meeting that is written
 * over and over is stopped instead of fighting another program (failure mode 25). SPEC.md §6.
 */
import type { Decision } from '../model/decision.ts';
import type { Draft } from './draft.ts';

/** Takes out what may not be done; what was taken out stays visible as fired rules. */
export function guardDecisions(draft: Draft): void {
  guardAccess(draft);
  guardLoop(draft);
}

function guardAccess(draft: Draft): void {
  const { settings } = draft;
  const kept = draft.decisions.filter((decision) => {
    if (decision.kind === 'wait') return true;
    if (decision.kind === 'writeJoinLink') return settings.access === 'full';
    return settings.access !== 'freeBusy' && draft.server(decision.serverId)?.access !== 'read';
  });
  if (kept.length === draft.decisions.length) return;
  const calendar = draft.decisions.some((decision) => decision.kind === 'writeJoinLink' && !kept.includes(decision));
  draft.decisions.splice(0, draft.decisions.length, ...kept);
  draft.block('R44', calendar ? 'readAccess' : 'serverReadOnly');
}

/** Ending a meeting's conference is always allowed: it happens once. */
function guardLoop(draft: Draft): void {
  const { assessment, settings, now } = draft;
  const { writes } = assessment.baseline;
  const { loopWindowMs, writesPerWindow } = settings.limits;
  if (!writes || now >= writes.since + loopWindowMs || writes.count < writesPerWindow) return;
  const kept = draft.decisions.filter((decision) => !countsAsWrite(decision) || isEnding(decision));
  if (kept.length === draft.decisions.length) return;
  draft.decisions.splice(0, draft.decisions.length, ...kept);
  draft.block('R41', 'tooManyWrites');
  draft.again.push(writes.since + loopWindowMs);
  draft.anomalies.push({ kind: 'loop', meeting: assessment.key, facts: { writes: writes.count } });
}

/** Decisions that change a conference or an item lastingly. */
export function countsAsWrite(decision: Decision): boolean {
  return !['wait', 'ringParticipants', 'notifyParticipants', 'startConference'].includes(decision.kind);
}

function isEnding({ kind }: Decision): boolean {
  return kind === 'stopConference' || kind === 'removeConference';
}
