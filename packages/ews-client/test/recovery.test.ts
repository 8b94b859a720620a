/**
 * Eight things that happen to every Exchange sooner or later, on real sockets against the fake: each heals by itself or
 * says in one sentence what is wrong and what to do, and mailboxes it does not concern do not notice.
 */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { startFakeExchange } from '@calendar-connector/fakes';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, type EwsSource, type EwsTimings, systemClock } from '../src/index.ts';
import { failureOf } from './support/failure.ts';
import { certificate, Listener, resolveUser, startFake } from './support/fake.ts';
import { hurried, never } from './support/source.ts';

const QUICK: EwsTimings = { reopenMs: 10, reopenMaxMs: 50, regroupMs: 10, streamSilenceMs: 400, scoutMs: 50 };
const DRAFT = { subject: 'x', start: Date.parse('2026-12-01T09:00:00Z'), end: Date.parse('2026-12-01T10:00:00Z') };
const USER1 = 'user1@example.test';
const USER2 = 'user2@example.test';

const sync = (source: EwsSource, mailbox: ResolvedMailbox) => source.fetchChanges(mailbox, undefined, never);

async function watching(source: EwsSource, mailboxes: readonly ResolvedMailbox[]): Promise<Listener> {
  const listener = new Listener();
  source.openHints(listener).watch(mailboxes);
  await listener.until(() => listener.states.length === mailboxes.length);
  return listener;
}

/** Changes something in each mailbox and waits until each has been told. */
async function expectHints(listener: Listener, change: (user: string) => void, users: readonly string[]) {
  const before = listener.hints.length;
  for (const user of users) change(user);
  const told = () => new Set(listener.hints.slice(before).map(({ mailbox }) => mailbox as string));
  await listener.until(() => users.every((user) => told().has(user)));
}

describe('half-open TCP', () => {
  it('costs the call its time-out, named with its length; another mailbox is answered meanwhile', async () => {
    await using started = await startFake();
    // The time-out of a call is over when the test says so.
    const overdue: (() => void)[] = [];
    const after = (ms: number, run: () => void) => (ms === 1_000 ? void overdue.push(run) : systemClock.after(ms, run));
    const clock: Clock = { now: () => Date.now(), after: (ms, run) => after(ms, run) ?? (() => undefined) };
    const source = started.source({ timings: { callMs: 1_000 }, clock });
    const [one, two] = [await resolveUser(source, 1), await resolveUser(source, 2)];
    started.fake.faults.add({ kind: 'halfOpen', mailbox: USER1, operation: 'SyncFolderItems', count: 1 });
    const dead = failureOf(sync(source, one));
    expect((await sync(source, two)).complete).toBe(true);
    for (const expire of overdue) expire();
    expect(await dead).toMatchObject({
      kind: 'timeout',
      retriable: true,
      mailbox: USER1,
      message: `SyncFolderItems for ${USER1}: the server did not answer within 1 s`,
    });
    expect((await sync(source, one)).complete).toBe(true);
  });
});

describe('a mute stream', () => {
  it('is given up with a reason and replaced; calls go on while it is mute', async () => {
    await using started = await startFake({ streaming: { heartbeatMs: 100 } });
    const source = started.source({ timings: QUICK });
    const mailbox = await resolveUser(source, 1);
    const reasons: string[] = [];
    const listener = new Listener();
    const stream = source.openHints({
      onHint: listener.onHint,
      onState: (address, state, failure) => {
        if (failure !== undefined) reasons.push((failure as { readonly message?: string }).message ?? '');
        listener.onState(address, state, failure);
      },
    });
    stream.watch([mailbox]);
    await listener.until(() => listener.states.length === 1);
    const mute = started.fake.faults.add({ kind: 'muteStream' });
    started.world.createItem(USER1, DRAFT);
    expect((await sync(source, mailbox)).complete).toBe(true);
    await listener.until(() => listener.states.some(({ state }) => state === 'down'));
    started.fake.faults.remove(mute);
    await listener.until(() => listener.states.at(-1)?.state === 'live');
    expect(reasons[0]).toBe('the notification stream was given up: nothing came for 400 ms');
    await expectHints(listener, (user) => started.world.createItem(user, DRAFT), [USER1]);
  });
});

describe('a rotated certificate', () => {
  it('of an authority nobody named stops calls and stream with the cure; both go on once it is trusted', async () => {
    const [old, fresh] = [certificate(), certificate()];
    await using started = await startFake({ tls: old });
    const source = started.source({ ca: [old.cert], timings: QUICK });
    const mailbox = await resolveUser(source, 1);
    const listener = await watching(source, [mailbox]);
    started.fake.changeCertificate(fresh);
    started.fake.cutConnections();
    const refused = await failureOf(sync(source, mailbox));
    expect(refused).toMatchObject({ kind: 'tls', retriable: false });
    expect(refused.message).toMatch(/certificate is not accepted .*Name its authority in caFile, or renew it\./);
    await listener.until(() => listener.states.some(({ kind }) => kind === 'tls'));
    started.fake.changeCertificate(old);
    await listener.until(() => listener.states.at(-1)?.state === 'live');
    expect((await sync(source, mailbox)).complete).toBe(true);
  });
});

describe('a server that is replaced', () => {
  it('under the same address is found; its subscriptions are new, and everybody is told to look', async () => {
    await using started = await startFake();
    const source = started.source({ timings: QUICK });
    const mailboxes = [await resolveUser(source, 1), await resolveUser(source, 2)];
    const listener = await watching(source, mailboxes);
    const { port } = started.fake;
    await started.fake.close();
    await listener.until(() => listener.states.filter(({ state }) => state === 'down').length === 2);
    const looks = listener.hints.length;
    const second = await startFakeExchange({ world: started.world, port });
    onTestFinished(() => second.close());
    await listener.until(() => listener.states.slice(-2).every(({ state }) => state === 'live'));
    expect(new Set(listener.hints.slice(looks).map(({ mailbox }) => mailbox))).toEqual(new Set([USER1, USER2]));
    await expectHints(listener, (user) => started.world.createItem(user, DRAFT), [USER1, USER2]);
  });
});

describe('a mailbox that moves', () => {
  it('to another back end is subscribed there, and everybody goes on being told of changes', async () => {
    await using started = await startFake({ backEnds: ['mbx1', 'mbx2'], world: { mailboxes: 6 } });
    const source = started.source({ timings: QUICK });
    const mailboxes = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => resolveUser(source, n)));
    const listener = await watching(source, mailboxes);
    for (const backEnd of ['mbx1', 'mbx2']) started.fake.moveMailbox(USER1, backEnd);
    started.fake.cutConnections();
    const all = mailboxes.map(({ address }) => address as string);
    await listener.until(() => all.every((user) => listener.reasons(user).length >= 2));
    await expectHints(listener, (user) => started.world.createItem(user, DRAFT), all);
    const fresh = await Promise.all(mailboxes.map((mailbox) => sync(source, mailbox)));
    expect(fresh.every(({ complete }) => complete)).toBe(true);
  });

  it('while the move lasts fails alone, to be tried again', async () => {
    await using started = await startFake();
    const source = started.source({ clock: hurried });
    const [one, two] = [await resolveUser(source, 1), await resolveUser(source, 2)];
    const move = started.fake.faults.add({ kind: 'mailboxMoved', mailbox: USER1 });
    const [moving, staying] = await Promise.allSettled([sync(source, one), sync(source, two)]);
    expect(moving).toMatchObject({ reason: { code: 'ErrorMailboxMoveInProgress', retriable: true, mailbox: USER1 } });
    expect(staying).toMatchObject({ value: { complete: true } });
    started.fake.faults.remove(move);
    expect((await sync(source, one)).complete).toBe(true);
  });
});

describe('a wrong password', () => {
  it('is tried twice by calls and streams together, then said, and taken up again when it is changed', async () => {
    await using started = await startFake({ auth: { lockoutThreshold: 3 } });
    let password = 'Passw0rd!';
    const credentials = [{ login: 'svc@example.test', password: () => password }];
    const source = started.source({ credentials, timings: QUICK });
    const mailbox = await resolveUser(source, 1);
    const listener = await watching(source, [mailbox]);
    password = 'changed';
    started.fake.cutConnections();
    await listener.until(() => listener.states.some(({ kind }) => kind === 'authFailed'));
    const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(sync(source, mailbox))));
    expect(errors.at(-1)?.message).toMatch(
      /refuses login or password of svc@example\.test .*no further tries .*not locked out. Set the right password\./,
    );
    expect(started.fake.counters.snapshot().authFailures).toBe(2);
    password = 'Passw0rd!';
    await listener.until(() => listener.states.at(-1)?.state === 'live');
    expect((await sync(source, mailbox)).complete).toBe(true);
  });

  it('of one of two accounts leaves its mailboxes to the other, until it is right', async () => {
    await using started = await startFake({ world: { mailboxes: 20 } });
    started.world.addMailbox('second@example.test', { password: 'Second1!' });
    let password = 'wrong';
    const credentials = [
      { login: 'svc@example.test', password: () => 'Passw0rd!' },
      { login: 'second@example.test', password: () => password },
    ];
    const source = started.source({ credentials, clock: hurried });
    const users = Array.from({ length: 20 }, (_, n) => mailboxAddress(`user${n + 1}@example.test`));
    const resolveAll = () => Promise.allSettled(users.map((user) => source.resolve(user, never)));
    await resolveAll();
    expect(started.fake.counters.snapshot().authFailures).toBe(2);
    expect((await resolveAll()).map(({ status }) => status)).toEqual(users.map(() => 'fulfilled'));
    expect(started.fake.counters.snapshot().authFailures).toBe(2);
    password = 'Second1!';
    await resolveAll();
    await resolveAll();
    const accounts = new Set(
      started.fake.journal.list().flatMap(({ account, status }) => (status === 401 ? [] : account)),
    );
    expect(accounts).toContain('second@example.test');
  });
});

describe('Extended Protection that is required', () => {
  it('is met with the channel binding of the connection, by calls and streams', async () => {
    const tls = certificate();
    await using started = await startFake({ tls, auth: { basic: false, ntlm: true, extendedProtection: 'require' } });
    const source = started.source({ auth: 'ntlm', ca: [tls.cert], timings: QUICK });
    const listener = await watching(source, [await resolveUser(source, 1)]);
    await expectHints(listener, (user) => started.world.createItem(user, DRAFT), [USER1]);
    expect(started.fake.counters.snapshot().authFailures).toBe(0);
  });
});

describe('impersonation denied for one of 200', () => {
  it('is reported for that one with the role it lacks; the others are live, and so is it once it may be', async () => {
    await using started = await startFake({ world: { mailboxes: 200, itemsPerMailbox: 0 } });
    const source = started.source({ timings: QUICK });
    const mailboxes = await Promise.all(Array.from({ length: 200 }, (_, n) => resolveUser(source, n + 1)));
    const denied = started.fake.faults.add({ kind: 'impersonationDenied', mailbox: 'user7@example.test' });
    const listener = new Listener();
    source.openHints(listener).watch(mailboxes);
    await listener.until(() => listener.states.length === 200);
    expect(listener.states.filter(({ state }) => state === 'down')).toMatchObject([
      { mailbox: 'user7@example.test', kind: 'impersonationDenied' },
    ]);
    const refused = await failureOf(sync(source, mailboxes[6] as ResolvedMailbox));
    expect(refused.message).toMatch(/user7@example\.test.*ApplicationImpersonation role for this mailbox/);
    await expectHints(listener, (user) => started.world.createItem(user, DRAFT), [USER1, USER2]);
    started.fake.faults.remove(denied);
    const seventh = () => listener.states.filter(({ mailbox }) => mailbox === 'user7@example.test');
    await listener.until(() => seventh().at(-1)?.state === 'live');
    expect(started.fake.counters.snapshot().subscriptions).toBe(200);
  });
});
