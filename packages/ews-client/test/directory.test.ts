/**
 * What a mailbox's surroundings tell, asked of the fake Exchange over real sockets: delegates, free/busy, names, time
 * zones; and what each does when the server refuses, is busy or answers nonsense.
 */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import type { EwsSource } from '../src/index.ts';
import { resolveUser, startFake } from './support/fake.ts';
import { answer, startSoapServer } from './support/soap-server.ts';
import { hurried, mailboxAt, never, sourceTo } from './support/source.ts';

const at = (text: string) => Date.parse(text);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const USER1 = 'user1@example.test';
const USER2 = 'user2@example.test';
const USER3 = 'user3@example.test';

describe('delegates of a mailbox', () => {
  it.each([
    ['Editor', 'edit'],
    ['Author', 'create'],
    ['Reviewer', 'read'],
    ['Custom', 'read'],
  ] as const)('are those who have a right to its calendar: %s may %s', async (calendar, right) => {
    await using started = await startFake();
    started.world.addDelegate(USER1, USER2, { calendar });
    started.world.addDelegate(USER1, USER3, { calendar: 'None', inbox: 'Editor' });
    const source = started.source();
    expect(await source.fetchDelegates(await resolveUser(source, 1), never)).toEqual([{ address: USER2, right }]);
    started.world.removeDelegate(USER1, USER2);
    expect(await source.fetchDelegates(await resolveUser(source, 1), never)).toEqual([]);
  });

  it('are nobody for a mailbox that has none', async () => {
    await using started = await startFake();
    const source = started.source();
    expect(await source.fetchDelegates(await resolveUser(source, 2), never)).toEqual([]);
  });

  it('leave out one the server cannot name any more, and keep the others', async () => {
    const user = (address: string) =>
      `<m:DelegateUserResponseMessageType ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:DelegateUser><t:UserId><t:PrimarySmtpAddress>${address}</t:PrimarySmtpAddress></t:UserId><t:DelegatePermissions><t:CalendarFolderPermissionLevel>Reviewer</t:CalendarFolderPermissionLevel></t:DelegatePermissions></m:DelegateUser></m:DelegateUserResponseMessageType>`;
    const broken =
      '<m:DelegateUserResponseMessageType ResponseClass="Error"><m:MessageText>gone</m:MessageText><m:ResponseCode>ErrorDelegateNoUser</m:ResponseCode></m:DelegateUserResponseMessageType>';
    await using server = await startSoapServer(() => {
      const { body } = answer('GetDelegate', user('b@example.test'), broken, user('C@Example.test'));
      return {
        body: String(body).replace('<m:GetDelegateResponse ', '<m:GetDelegateResponse ResponseClass="Success" '),
      };
    });
    await using source = sourceTo(server.port);
    const delegates = await source.fetchDelegates(mailboxAt(server.port), never);
    expect(delegates.map(({ address }) => address)).toEqual(['b@example.test', 'c@example.test']);
  });
});

describe('free/busy', () => {
  it('tells when people are busy, and of an unknown one why nothing is known', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const start = at('2026-12-01T09:00:00Z');
    const source = started.source();
    started.world.createItem(USER2, { subject: 'secret', start, end: start + HOUR_MS });
    const people = [USER2, 'nobody@example.test', USER3].map(mailboxAddress);
    const window = { from: at('2026-12-01T00:00:00Z'), to: at('2026-12-02T00:00:00Z') };
    const found = await source.getUserAvailability(await resolveUser(source, 1), people, window, never);
    expect(found).toMatchObject([
      { address: USER2, busy: [{ start, end: start + HOUR_MS, status: 'busy' }] },
      { address: 'nobody@example.test', busy: [], failure: { code: expect.stringMatching(/^Error/) } },
      { address: USER3, busy: [] },
    ]);
    expect(found[2]).not.toHaveProperty('failure');
  });

  it('is asked in portions: a hundred people and two months at a time, which is all Exchange takes', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const start = at('2027-03-01T09:00:00Z');
    started.world.createItem(USER1, { subject: 'far', start, end: start + HOUR_MS });
    const people = Array.from({ length: 150 }, (_, n) => mailboxAddress(n === 149 ? USER1 : `p${n}@example.test`));
    const window = { from: start - 60 * DAY_MS, to: start + 60 * DAY_MS };
    const found = await source.getUserAvailability(await resolveUser(source, 1), people, window, never);
    expect(found.map(({ address }) => address)).toEqual(people);
    expect(found[149]?.busy).toEqual([{ start, end: start + HOUR_MS, status: 'busy' }]);
  });

  it('names a meeting across the border of two portions once', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const from = at('2027-01-01T00:00:00Z');
    const start = from + 62 * DAY_MS - HOUR_MS;
    started.world.createItem(USER1, { subject: 'night', start, end: start + 2 * HOUR_MS });
    const window = { from, to: from + 100 * DAY_MS };
    const found = await source.getUserAvailability(
      await resolveUser(source, 1),
      [mailboxAddress(USER1)],
      window,
      never,
    );
    expect(found[0]?.busy).toEqual([{ start, end: start + 2 * HOUR_MS, status: 'busy' }]);
  });
});

describe('names', () => {
  it('are found by address and by part of the name; nobody is an empty list', async () => {
    await using started = await startFake();
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    expect((await source.resolveNames(mailbox, USER2, never)).map(({ address }) => address)).toEqual([USER2]);
    expect(await source.resolveNames(mailbox, 'no such person', never)).toEqual([]);
    const many = await source.resolveNames(mailbox, 'user', never);
    expect(many.length).toBeGreaterThanOrEqual(3);
    expect(many.every(({ name, address }) => name !== '' && address?.includes('@'))).toBe(true);
  });
});

describe('time zones of the server', () => {
  it('are listed with their names', async () => {
    await using started = await startFake();
    const source = started.source();
    const zones = await source.getServerTimeZones(await resolveUser(source, 1), never);
    expect(zones.length).toBeGreaterThan(100);
    expect(zones).toContainEqual({ id: 'Russian Standard Time', name: expect.stringContaining('Moscow') });
  });
});

describe('each of these questions', () => {
  const window = { from: at('2026-12-01T00:00:00Z'), to: at('2026-12-02T00:00:00Z') };
  type Mailbox = Awaited<ReturnType<typeof resolveUser>>;
  const QUESTIONS: readonly {
    readonly operation: string;
    ask(source: EwsSource, mailbox: Mailbox): Promise<unknown>;
  }[] = [
    { operation: 'GetDelegate', ask: (source, mailbox) => source.fetchDelegates(mailbox, never) },
    {
      operation: 'GetUserAvailability',
      ask: (source, mailbox) => source.getUserAvailability(mailbox, [mailboxAddress(USER2)], window, never),
    },
    { operation: 'ResolveNames', ask: (source, mailbox) => source.resolveNames(mailbox, USER2, never) },
    { operation: 'GetServerTimeZones', ask: (source, mailbox) => source.getServerTimeZones(mailbox, never) },
  ];

  it.each(QUESTIONS)('$operation is repeated through a hiccup of the server', async ({ operation, ask }) => {
    await using started = await startFake();
    const source = started.source({ clock: hurried });
    const mailbox = await resolveUser(source, 1);
    const calm = await ask(source, mailbox);
    started.fake.faults.add({ kind: 'status', status: 502, operation, count: 1 });
    expect(await ask(source, mailbox)).toEqual(calm);
  });

  it.each(QUESTIONS)('$operation keeps an announced pause and says whose it is', async ({ operation, ask }) => {
    await using started = await startFake();
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    started.fake.faults.add({ kind: 'busyFault', operation, backOffMs: 60_000, count: 1 });
    await expect(ask(source, mailbox)).rejects.toMatchObject({
      kind: 'throttled',
      mailbox: USER1,
      retryAfterMs: 60_000,
    });
    await expect(ask(source, mailbox)).rejects.toMatchObject({ kind: 'throttled', code: 'BackOff' });
    expect(started.fake.counters.snapshot().backOffViolations).toBe(0);
  });

  it.each(QUESTIONS)('$operation calls a server in maintenance away, not busy', async ({ operation, ask }) => {
    await using started = await startFake();
    const source = started.source({ clock: hurried });
    const mailbox = await resolveUser(source, 1);
    started.fake.faults.add({ kind: 'status', status: 503, operation });
    await expect(ask(source, mailbox)).rejects.toMatchObject({ kind: 'unavailable', httpStatus: 503 });
  });

  it.each(QUESTIONS)('$operation says when it may not be asked', async ({ operation, ask }) => {
    await using started = await startFake();
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    started.fake.faults.add({ kind: 'impersonationDenied', mailbox: USER1, operation });
    const denied = { kind: 'impersonationDenied', mailbox: USER1, message: expect.stringContaining(USER1) };
    await expect(ask(source, mailbox)).rejects.toMatchObject(denied);
  });

  it.each(QUESTIONS)('$operation takes a login page and a cut answer for what they are', async ({ operation, ask }) => {
    await using started = await startFake();
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const page = started.fake.faults.add({ kind: 'html', operation });
    await expect(ask(source, mailbox)).rejects.toMatchObject({ kind: 'protocol', code: 'NoSoapAnswer' });
    started.fake.faults.remove(page);
    started.fake.faults.add({ kind: 'truncate', operation, bytes: 200 });
    await expect(ask(source, mailbox)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
