/** Issue 7, point 6: a time-out after the server had already acted never makes a second conference, start or invitation. */

import { describe, expect, it } from 'vitest';
import { TrueConfError } from '../src/index.ts';
import { APIS, ID, NEVER, roomSpec, startBench, user } from './support/fake-server.ts';

const SHORT = { timeouts: { requestMs: 150 } };
const LOST = ['timeoutAfterCommit', 'resetAfterCommit', 'halfJson', 'brokenJson'] as const;

async function failureOf(work: Promise<unknown>): Promise<TrueConfError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrueConfError)) throw new Error('expected a TrueConfError');
  return error;
}

describe.each(APIS)('an answer of %s that never arrives', (apiVersion) => {
  it.each(LOST)('after a create (%s): the conference is found instead of made again', async (kind) => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    fake.faults.add({ kind, operation: 'createConference', count: 1 });
    expect(await target.createConference(roomSpec(), NEVER)).toMatchObject({
      outcome: 'already',
      conference: { id: ID },
    });
    expect(fake.journal.count({ operation: 'createConference' })).toBe(1);
  });

  it.each(LOST)('after a start (%s): the running conference is seen and not started again', async (kind) => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    await target.createConference(roomSpec(), NEVER);
    fake.faults.add({ kind, operation: 'runConference', count: 1 });
    expect(await target.runConference(ID, NEVER)).toBe('done');
    expect(await target.runConference(ID, NEVER)).toBe('already');
    expect(fake.journal.count({ operation: 'runConference' })).toBe(1);
    expect(fake.world.sessions.list()).toHaveLength(1);
  });

  it.each(LOST)('after a removal (%s): it is gone', async (kind) => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    await target.createConference(roomSpec(), NEVER);
    fake.faults.add({ kind, operation: 'deleteConference', count: 1 });
    expect(['done', 'already']).toContain(await target.removeConference(ID, NEVER));
    expect(fake.journal.count({ operation: 'deleteConference' })).toBe(1);
  });

  it('after an invitation: it says that it may have been done, and a second call sends none', async () => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    await target.createConference(roomSpec({ participants: [] }), NEVER);
    fake.faults.add({ kind: 'timeoutAfterCommit', operation: 'addInvitation', count: 1 });
    const failure = await failureOf(target.addParticipants(ID, [{ id: user('user2') }], NEVER));
    expect(failure).toMatchObject({ kind: 'timeout', maybeDone: true, retriable: true });
    expect(await target.addParticipants(ID, [{ id: user('user2') }], NEVER)).toBe('done');
    expect(fake.journal.count({ operation: 'addInvitation' })).toBe(1);
  });

  it('after a change: it says that it may have been done', async () => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    await target.createConference(roomSpec(), NEVER);
    fake.faults.add({ kind: 'resetAfterCommit', operation: 'updateConference', count: 1 });
    const failure = await failureOf(target.updateConference(ID, { topic: 'New' }, NEVER));
    expect(failure).toMatchObject({ kind: 'unavailable', maybeDone: true });
  });

  it('after a ring: people are not rung again', async () => {
    const { fake, target } = await startBench({ apiVersion, ...SHORT });
    await target.createConference(roomSpec(), NEVER);
    await target.runConference(ID, NEVER);
    fake.faults.add({ kind: 'timeoutAfterCommit', operation: 'inviteParticipants', count: 1 });
    expect(await failureOf(target.ring(ID, [user('user2')], NEVER))).toMatchObject({
      kind: 'timeout',
      maybeDone: true,
    });
    expect(fake.journal.count({ operation: 'inviteParticipants' })).toBe(1);
  });
});

describe('a request that never came through', () => {
  it('says that nothing was done when nobody listens', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    await fake.close();
    const failure = await failureOf(target.createConference(roomSpec(), NEVER));
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
    expect(failure.maybeDone).toBeUndefined();
  });

  it('leaves open what happened when server and look afterwards are both silent', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4', ...SHORT });
    await target.probe(NEVER);
    fake.faults.add({ kind: 'hang' });
    const failure = await failureOf(target.createConference(roomSpec(), NEVER));
    expect(failure).toMatchObject({ kind: 'timeout', operation: 'createConference', maybeDone: true });
  });

  it('repeats a read whose kept connection was closed, and no write', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    await target.createConference(roomSpec(), NEVER);
    fake.faults.add({ kind: 'reset', operation: 'getConference', count: 1 });
    expect(await target.findConference(ID, NEVER)).toMatchObject({ id: ID });
    fake.faults.add({ kind: 'reset', operation: 'notifyConference', count: 1 });
    expect(await failureOf(target.notify(ID, NEVER))).toMatchObject({ kind: 'unavailable', maybeDone: true });
    expect(fake.journal.count({ operation: 'notifyConference' })).toBe(1);
  });

  it('gives up when the caller does, and says that a write may have happened', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    await target.probe(NEVER);
    fake.faults.add({ kind: 'timeoutAfterCommit', operation: 'createConference' });
    const controller = new AbortController();
    const creating = failureOf(target.createConference(roomSpec(), controller.signal));
    await fake.journal.waitFor({ operation: 'createConference' });
    controller.abort();
    expect(await creating).toMatchObject({ kind: 'aborted', maybeDone: true, retriable: false });
    const late = await failureOf(target.findConference(ID, AbortSignal.abort()));
    expect(late).toMatchObject({ kind: 'aborted' });
  });

  it('ends what is in flight when it is closed', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    await target.probe(NEVER);
    fake.faults.add({ kind: 'hang', operation: 'getConference' });
    const finding = failureOf(target.findConference(ID, NEVER));
    await target.close();
    expect(await finding).toMatchObject({ kind: 'aborted' });
  });
});
