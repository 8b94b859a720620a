/** Every budget, tripped; every violation of a back-off, counted (facts "Throttling", goals §4). */
import { describe, expect, it, vi } from 'vitest';
import { type Caller, closeAndValidate, openExchange } from './support/ews-caller.ts';
import { StreamReader } from './support/stream-reader.ts';

const USER = 'user1@example.test';
const GET_FOLDER =
  '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>';
const SYNC =
  '<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>';
const SUBSCRIBE =
  '<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>';
const view = (from: string, to: string): string =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:CalendarView StartDate="${from}T00:00:00Z" EndDate="${to}T00:00:00Z"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>`;

/** Starts calls that cannot end before the clock moves. */
async function heldUp(
  caller: Caller,
  body: string,
  count: number,
  user = USER,
): Promise<Promise<Awaited<ReturnType<Caller['call']>>>[]> {
  const before = caller.exchange.counters.snapshot().requests;
  const calls = Array.from({ length: count }, () => caller.call(body, { user }));
  await vi.waitFor(() => expect(caller.exchange.counters.snapshot().requests).toBe(before + count));
  return calls;
}

describe('budgets', () => {
  it('refuse more requests at a time than a mailbox may have, and no other mailbox', async () => {
    const caller = await openExchange({ budgets: { maxConcurrency: 4, serviceTimeMs: 1000 } });
    const held = await heldUp(caller, GET_FOLDER, 4);
    const refused = await caller.call(GET_FOLDER, { user: USER });
    expect([refused.status, refused.codes[0], refused.all('Value').map((value) => value.text)]).toEqual([
      500,
      'ErrorExceededConnectionCount',
      ['MaxConcurrency', '4', '0'],
    ]);
    const other = await heldUp(caller, GET_FOLDER, 1, 'user2@example.test');
    caller.world.clock.advance(1000);
    for (const reply of await Promise.all([...held, ...other])) expect(reply.codes).toEqual(['NoError']);
    const counters = caller.exchange.counters.snapshot();
    expect([counters.concurrencyHighWater, counters.concurrencyHighWaterByMailbox[USER]]).toEqual([5, 4]);
  });

  it('or let them wait their turn', async () => {
    const caller = await openExchange({
      budgets: { maxConcurrency: 1, overConcurrency: 'queue', serviceTimeMs: 1000 },
    });
    const held = await heldUp(caller, GET_FOLDER, 3);
    const ticking = setInterval(() => caller.world.clock.advance(1000), 1);
    for (const reply of await Promise.all(held)) expect(reply.codes).toEqual(['NoError']);
    clearInterval(ticking);
    expect(caller.exchange.counters.snapshot().concurrencyHighWater).toBe(1);
  });

  it('can be lowered while the server runs', async () => {
    const caller = await openExchange({ budgets: { maxConcurrency: 27, serviceTimeMs: 1000 } });
    const held = await heldUp(caller, GET_FOLDER, 5);
    caller.exchange.setBudgets({ maxConcurrency: 4, serviceTimeMs: 1000 });
    expect((await caller.call(GET_FOLDER)).codes).toEqual(['ErrorExceededConnectionCount']);
    caller.world.clock.advance(1000);
    await Promise.all(held);
  });

  it('answer too many synchronisations at a time with a message, HTTP 200', async () => {
    const caller = await openExchange({ budgets: { concurrentSyncCalls: 2, serviceTimeMs: 1000 } });
    const held = await heldUp(caller, SYNC, 2);
    const refused = await caller.call(SYNC, { user: USER });
    expect([refused.status, refused.codes[0]]).toEqual([200, 'ErrorServerBusy']);
    expect(refused.first('MessageText')).toContain('Suggested backoff time 5000 ms');
    caller.world.clock.advance(1000);
    await Promise.all(held);
  });

  it('announce a back-off for too many requests a minute and count what comes inside of it', async () => {
    const caller = await openExchange({ budgets: { requestsPerMinute: 3, backOffMs: 178_510 } });
    for (let index = 0; index < 3; index += 1) expect((await caller.call(GET_FOLDER)).codes).toEqual(['NoError']);
    const busy = await caller.call(GET_FOLDER);
    expect([busy.status, busy.codes[0], busy.first('Value')]).toEqual([500, 'ErrorServerBusy', '178510']);
    expect(caller.exchange.counters.snapshot().backOffViolations).toBe(0);
    await caller.call(GET_FOLDER);
    expect(caller.exchange.counters.snapshot().backOffViolations).toBe(1);
    expect((await caller.call(GET_FOLDER, { user: 'user2@example.test' })).codes).toEqual(['NoError']);
    caller.world.clock.advance(400_000);
    expect((await caller.call(GET_FOLDER)).codes).toEqual(['NoError']);
    expect(caller.exchange.counters.snapshot().backOffViolations).toBe(1);
  });

  it('limit hanging connections per anchor, subscriptions per connection and per mailbox', async () => {
    const caller = await openExchange({
      budgets: { hangingConnections: 2, subscriptionsPerConnection: 3, maxSubscriptions: 5 },
    });
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await caller.call(SUBSCRIBE)).first('SubscriptionId') ?? '');
    expect((await caller.call(SUBSCRIBE)).codes).toEqual(['ErrorExceededSubscriptionCount']);
    const streams = [
      new StreamReader(caller.exchange, [ids[0] ?? '']),
      new StreamReader(caller.exchange, [ids[1] ?? '']),
    ];
    for (const stream of streams) await stream.next();
    const third = await caller.call(
      `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${ids[2]}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`,
    );
    expect([third.status, third.codes[0]]).toEqual([500, 'ErrorExceededConnectionCount']);
    const byOther = new StreamReader(caller.exchange, [ids[2] ?? ''], { user: 'user2@example.test' });
    expect((await byOther.next())?.first('ConnectionStatus')).toBe('OK');
    for (const stream of [...streams, byOther]) stream.close();
    await vi.waitFor(() => expect(caller.exchange.counters.snapshot().openStreams).toBe(0));
    const crowded = new StreamReader(caller.exchange, ids.slice(0, 4));
    expect((await crowded.next())?.codes).toEqual(['ErrorInvalidSubscription']);
  });

  it('limit what a view finds and how wide it is', async () => {
    const caller = await openExchange({ budgets: { findCountLimit: 5 } });
    for (let day = 1; day <= 8; day += 1)
      caller.world.createItem(USER, {
        subject: `${day}`,
        start: Date.UTC(2026, 2, day, 9),
        end: Date.UTC(2026, 2, day, 10),
      });
    const full = await caller.call(view('2026-03-01', '2026-04-01'));
    expect([full.codes[0], full.first('Value')]).toEqual(['ErrorExceededFindCountLimit', '5']);
    expect((await caller.call(view('2026-03-01', '2026-03-05'))).all('CalendarItem').length).toBe(4);
    expect((await caller.call(view('2026-03-01', '2028-03-20'))).codes).toEqual(['ErrorCalendarViewRangeTooBig']);
    const page = await caller.call(
      '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned="100" Offset="0" BasePoint="Beginning"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>',
    );
    expect([page.all('CalendarItem').length, page.all('RootFolder')[0]?.attribute('IncludesLastItemInRange')]).toEqual([
      5,
      'false',
    ]);
  });

  it('give up the tail of a batch that takes too long', async () => {
    const caller = await openExchange({ budgets: { itemTimeMs: 400, batchTimeMs: 1000 } });
    const { id } = caller.world.createItem(USER, {
      subject: 'x',
      start: Date.UTC(2026, 2, 3, 9),
      end: Date.UTC(2026, 2, 3, 10),
    });
    const reply = caller.call(
      `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds>${`<t:ItemId Id="${id}"/>`.repeat(4)}</m:ItemIds></m:GetItem>`,
    );
    const ticking = setInterval(() => caller.world.clock.advance(400), 1);
    expect((await reply).codes).toEqual([
      'NoError',
      'NoError',
      'ErrorBatchProcessingStopped',
      'ErrorBatchProcessingStopped',
    ]);
    clearInterval(ticking);
  });

  it('take at most 512 changes a call and 200 subscriptions a stream, by the schema and by the server', async () => {
    const caller = await openExchange();
    expect((await caller.call(SYNC.replace('512', '513'))).codes).toEqual(['ErrorSchemaValidation']);
    const many = new StreamReader(
      caller.exchange,
      Array.from({ length: 201 }, (_, index) => `id${index}`),
    );
    expect((await many.next())?.codes).toEqual(['ErrorInvalidSubscription']);
  });

  closeAndValidate();
});
