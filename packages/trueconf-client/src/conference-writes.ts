/**
 * Writes that may be called twice: read what is, send what is missing, and when an answer is lost or refuses, read again
 * before saying anything. Nothing here repeats a request that may have been carried out.
 * Source: facts/trueconf.md §8 points 3, 5, 9.
 */
import type { Conference, ConferenceId } from '@calendar-connector/calendar-model';
import type { CancelSignal, ConferencePatch, ConferenceSpec } from '@calendar-connector/sync-core';
import type { Dialect, ReadConference } from './dialect.ts';
import { TrueConfError } from './error.ts';
import { checkSchedule } from './wire/schedules.ts';
import { fitTopic } from './wire/topic.ts';

type Created = { readonly outcome: 'done' | 'already'; readonly conference: Conference };

const ID = /^[A-Za-z0-9_]{1,128}$/;

/**
 * Undefined means: certainly not there. A 404 without the server's own reason may come from a proxy or a wrong path, and
 * taking it for an absent conference would make a second one; so it counts only while the API answers otherwise.
 */
export async function findConference(
  dialect: Dialect,
  id: ConferenceId,
  signal: CancelSignal,
): Promise<ReadConference | undefined> {
  try {
    return await dialect.fetchConference(id, signal);
  } catch (error) {
    if (!(error instanceof TrueConfError) || error.kind !== 'notFound') throw error;
    if (error.code === `http${error.httpStatus}`) await proveApi(dialect, signal);
    return undefined;
  }
}

async function proveApi(dialect: Dialect, signal: CancelSignal): Promise<void> {
  try {
    await dialect.fetchConferencePage(1, 1, signal);
  } catch (cause) {
    if (!(cause instanceof TrueConfError) || cause.kind !== 'notFound') throw cause;
    throw new TrueConfError('findConference: the address answers, but not with the TrueConf Server API', {
      kind: 'unavailable',
      code: 'apiNotFound',
      operation: 'findConference',
      cause,
    });
  }
}

/** A 404 in answer to a write: `absent` when a look agrees. */
async function confirmAbsent(
  dialect: Dialect,
  id: ConferenceId,
  error: unknown,
  signal: CancelSignal,
): Promise<'absent'> {
  if ((await findConference(dialect, id, signal)) === undefined) return 'absent';
  throw error;
}

/**
 * The id is ours, so a second conference is impossible: the server refuses it, and the first one is read instead. A
 * server that gave an id of its own would get one more conference with each repetition: that one is removed.
 */
export async function createConference(dialect: Dialect, spec: ConferenceSpec, signal: CancelSignal): Promise<Created> {
  checkSpec(spec);
  const made = await sendOrFind(dialect, spec, signal);
  if (made.conference.id === spec.id) return made;
  await dialect.sendRemoval(made.conference.id, signal).catch(() => {});
  throw refused('createConference', 'foreignId', 'the server gave the conference another id; it was removed again');
}

async function sendOrFind(dialect: Dialect, spec: ConferenceSpec, signal: CancelSignal): Promise<Created> {
  try {
    const { conference } = await dialect.sendConference(spec, signal);
    return { outcome: 'done', conference };
  } catch (error) {
    if (!mayHaveBeenMade(error)) throw error;
    const found = await readAfter(error, () => findConference(dialect, spec.id, signal));
    if (!found) throw error;
    return { outcome: 'already', conference: found.conference };
  }
}

/** Whether the conference may exist although the create failed: a lost answer, or a refusal because of the id. */
function mayHaveBeenMade(error: unknown): boolean {
  if (!(error instanceof TrueConfError) || error.kind === 'aborted') return false;
  return error.maybeDone === true || ['alreadyExists', 'conflict', 'invalidRequest'].includes(error.kind);
}

/** While it runs only the description may change; that much is done, the rest has to wait. */
export async function updateConference(
  dialect: Dialect,
  id: ConferenceId,
  patch: ConferencePatch,
  signal: CancelSignal,
): Promise<'done' | 'running' | 'absent'> {
  checkPatch(patch);
  const before = await findConference(dialect, id, signal);
  if (!before) return 'absent';
  const { description, ...rest } = patch;
  const wantsMore = Object.values(rest).some((value) => value !== undefined);
  if (!wantsMore && description === undefined) return 'done';
  if (before.conference.state === 'running')
    return await updateRunning(dialect, before, description, wantsMore, signal);
  try {
    await dialect.sendPatch(before, patch, signal);
    return 'done';
  } catch (error) {
    if (isKind(error, 'notFound')) return await confirmAbsent(dialect, id, error, signal);
    if (!isRefusal(error)) throw error;
    const now = await readAfter(error, () => findConference(dialect, id, signal));
    if (!now) return 'absent';
    if (now.conference.state !== 'running') throw error;
    return await updateRunning(dialect, now, description, wantsMore, signal);
  }
}

async function updateRunning(
  dialect: Dialect,
  before: ReadConference,
  description: string | undefined,
  wantsMore: boolean,
  signal: CancelSignal,
): Promise<'done' | 'running' | 'absent'> {
  try {
    if (description !== undefined && description !== before.conference.description) {
      await dialect.sendDescription(before, description, signal);
    }
  } catch (error) {
    if (isKind(error, 'notFound')) return await confirmAbsent(dialect, before.conference.id, error, signal);
    throw error;
  }
  return wantsMore ? 'running' : 'done';
}

/**
 * Start and stop: look first, so that a running conference is not started (and people rung) a second time. `seenOther`:
 * the caller has looked, and it was in the other state.
 */
export async function changeState(
  dialect: Dialect,
  id: ConferenceId,
  wanted: Conference['state'],
  signal: CancelSignal,
  seenOther = false,
): Promise<'done' | 'already' | 'absent'> {
  if (!seenOther) {
    const before = await findConference(dialect, id, signal);
    if (!before) return 'absent';
    if (before.conference.state === wanted) return 'already';
  }
  try {
    await (wanted === 'running' ? dialect.sendRun(id, signal) : dialect.sendStop(id, signal));
    return 'done';
  } catch (error) {
    if (isKind(error, 'notFound')) return await confirmAbsent(dialect, id, error, signal);
    if (!isRefusal(error) && !isMaybeDone(error)) throw error;
    const after = await readAfter(error, () => findConference(dialect, id, signal));
    if (!after) return 'absent';
    if (after.conference.state !== wanted) throw error;
    return isMaybeDone(error) ? 'done' : 'already';
  }
}

export async function removeConference(
  dialect: Dialect,
  id: ConferenceId,
  signal: CancelSignal,
): Promise<'done' | 'already'> {
  try {
    await dialect.sendRemoval(id, signal);
    return 'done';
  } catch (error) {
    if (isKind(error, 'notFound')) {
      await confirmAbsent(dialect, id, error, signal);
      return 'already';
    }
    if (!isRefusal(error) && !isMaybeDone(error)) throw error;
    const after = await readAfter(error, () => findConference(dialect, id, signal));
    if (!after) return 'done';
    throw after.conference.state === 'running' && isRefusal(error) ? stillRunning(error) : error;
  }
}

/** When the look afterwards fails too, the first failure tells more: it carries `maybeDone`. */
async function readAfter<Value>(failure: unknown, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch {
    throw failure;
  }
}

function stillRunning(cause: unknown): TrueConfError {
  return new TrueConfError('removeConference: the conference is running; stop it first', {
    kind: 'conflict',
    code: 'conferenceIsRunning',
    operation: 'removeConference',
    cause,
  });
}

function checkSpec(spec: ConferenceSpec): void {
  if (!ID.test(spec.id)) throw refused('createConference', 'idInvalid', 'an id has 1 to 128 letters, digits or _');
  checkTopic(spec.topic, 'createConference');
  checkSchedule(spec.schedule, 'createConference');
}

function checkPatch(patch: ConferencePatch): void {
  if (patch.topic !== undefined) checkTopic(patch.topic, 'updateConference');
  if (patch.schedule !== undefined) checkSchedule(patch.schedule, 'updateConference');
}

function checkTopic(topic: string, operation: string): void {
  if (fitTopic(topic) === '') throw refused(operation, 'topicEmpty', 'a conference needs a topic');
}

function refused(operation: string, code: string, why: string): TrueConfError {
  return new TrueConfError(`${operation}: ${why}`, { kind: 'invalidRequest', code, operation });
}

function isKind(error: unknown, kind: TrueConfError['kind']): boolean {
  return error instanceof TrueConfError && error.kind === kind;
}

/** The server decided against it; nothing was done. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof TrueConfError && ['invalidRequest', 'conflict', 'alreadyExists', 'forbidden'].includes(error.kind)
  );
}

function isMaybeDone(error: unknown): boolean {
  return error instanceof TrueConfError && error.maybeDone === true && error.kind !== 'aborted';
}
