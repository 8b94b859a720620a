/**
 * Planned participants of a conference: adds who is missing, removes who is there, one request per person (the API has
 * no other), a few at a time. People the server refuses do not keep the others out: they are named at the end.
 */
import type { ConferenceId, ConferenceParticipant, TrueConfUserId } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { eachBounded } from './bounded-work.ts';
import { findConference } from './conference-writes.ts';
import type { Dialect } from './dialect.ts';
import { TrueConfError } from './error.ts';
import { LIMITS } from './options.ts';

export async function addParticipants(
  dialect: Dialect,
  id: ConferenceId,
  participants: readonly ConferenceParticipant[],
  signal: CancelSignal,
): Promise<'done' | 'absent'> {
  const before = await findConference(dialect, id, signal);
  if (!before) return 'absent';
  const present = new Set(before.conference.participants.map(({ id: known }) => key(known)));
  const wanted = new Map(participants.map((one) => [key(one.id), one]));
  const missing = [...wanted].filter(([id]) => !present.has(id)).map(([, one]) => one);
  return await forEachPerson(
    dialect,
    id,
    missing,
    signal,
    (one) => dialect.sendInvitation(id, one, signal),
    'addParticipants',
  );
}

export async function removeParticipants(
  dialect: Dialect,
  id: ConferenceId,
  participants: readonly TrueConfUserId[],
  signal: CancelSignal,
): Promise<'done' | 'absent'> {
  const before = await findConference(dialect, id, signal);
  if (!before) return 'absent';
  const unwanted = new Set(participants.map(key));
  const present = before.conference.participants.filter((known) => unwanted.has(key(known.id)));
  const send = (one: ConferenceParticipant) => dialect.sendInvitationRemoval(id, one.id, signal);
  return await forEachPerson(dialect, id, present, signal, send, 'removeParticipants');
}

async function forEachPerson(
  dialect: Dialect,
  id: ConferenceId,
  people: readonly ConferenceParticipant[],
  signal: CancelSignal,
  send: (one: ConferenceParticipant) => Promise<void>,
  operation: string,
): Promise<'done' | 'absent'> {
  const refusals = await eachBounded(people, LIMITS.callConcurrency, async (one) => {
    try {
      await send(one);
      return undefined;
    } catch (error) {
      if (error instanceof TrueConfError && error.kind === 'alreadyExists') return undefined;
      if (isAboutThePerson(error)) return { id: one.id, error };
      throw error;
    }
  });
  const refused = refusals.filter((refusal) => refusal !== undefined);
  if (refused.length === 0) return 'done';
  const now = await findConference(dialect, id, signal);
  if (!now) return 'absent';
  const wantsPresent = operation === 'addParticipants';
  const present = new Set(now.conference.participants.map(({ id: known }) => key(known)));
  const open = refused.filter((refusal) => present.has(key(refusal.id)) !== wantsPresent);
  if (open.length === 0) return 'done';
  throw someRefused(operation, open);
}

function isAboutThePerson(error: unknown): error is TrueConfError {
  return error instanceof TrueConfError && ['invalidRequest', 'notFound', 'conflict'].includes(error.kind);
}

function someRefused(operation: string, refused: readonly { readonly error: TrueConfError }[]): TrueConfError {
  const [first] = refused;
  const message = `${operation}: the server refused ${refused.length} of the participants (${first?.error.code ?? ''})`;
  return new TrueConfError(message, {
    kind: 'invalidRequest',
    code: 'participantsRefused',
    operation,
    cause: first?.error,
  });
}

/** Ids compare without case: the server keeps the spelling a person chose. */
function key(id: string): string {
  return id.toLowerCase();
}
