/** Notifications: streams with all their habits, queues while nobody listens, pulls (facts "Notifications"). */
import { describe, expect, it, vi } from 'vitest';
import { type Caller, closeAndValidate, openExchange } from './support/ews-caller.ts';
import { eventsIn, StreamReader } from './support/stream-reader.ts';

const USER = 'user1@example.test';
const START = Date.UTC(2026, 2, 3, 9);
const draft = (subject: string) => ({ subject, start: START, end: START + 3_600_000 });

const EVENTS = ['CreatedEvent', 'ModifiedEvent', 'DeletedEvent', 'MovedEvent', 'CopiedEvent', 'FreeBusyChangedEvent']
  .map((name) => `<t:EventType>${name}</t:EventType>`)
  .join('');
const folders = (ids: string): string => `<t:FolderIds>${ids}</t:FolderIds><t:EventTypes>${EVENTS}</t:EventTypes>`;
const CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>';

export async function subscribe(
  caller: Caller,
  user = USER,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const reply = await caller.call(
    `<m:Subscribe><m:StreamingSubscriptionRequest>${folders(CALENDAR)}</m:StreamingSubscriptionRequest></m:Subscribe>`,
    { user, headers },
  );
  expect(reply.codes).toEqual(['NoError']);
  return reply.first('SubscriptionId') ?? '';
}

describe('streaming notifications', () => {
  it('begin with OK, bring a change with its free/busy and folder events, beat, and close at the connection time-out', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    expect(Buffer.from(id, 'base64').toString('latin1')).toContain('exch01.example.test');
    const stream = new StreamReader(caller.exchange, [id], { minutes: 1 });
    const first = await stream.next();
    expect(first?.first('ConnectionStatus')).toBe('OK');
    expect(first?.text.startsWith('<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/">')).toBe(true);
    caller.world.createItem(USER, draft('A'));
    const second = await stream.next();
    expect(eventsIn(second)).toEqual(['CreatedEvent', 'FreeBusyChangedEvent', 'ModifiedEvent']);
    expect(second?.all('ItemId').every((item) => item.attribute('ChangeKey') === 'DwAAAA==')).toBe(true);
    expect(second?.all('ConnectionStatus')).toEqual([]);
    caller.world.clock.advance(45_000);
    expect(eventsIn(await stream.next())).toEqual(['StatusEvent']);
    caller.world.clock.advance(15_000);
    expect((await stream.next())?.first('ConnectionStatus')).toBe('Closed');
    expect(await stream.next()).toBeUndefined();
    expect(stream.isPolite).toBe(true);
  });

  it('queue while no connection is open, and die of age', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    caller.world.createItem(USER, draft('While away'));
    const stream = new StreamReader(caller.exchange, [id]);
    await stream.next();
    expect(eventsIn(await stream.next())).toContain('CreatedEvent');
    stream.close();
    await vi.waitFor(() => expect(caller.exchange.counters.snapshot().openStreams).toBe(0));
    caller.world.clock.advance(31 * 60_000);
    const late = new StreamReader(caller.exchange, [id]);
    expect((await late.next())?.codes).toEqual(['ErrorSubscriptionNotFound']);
  });

  it('send at most fifty events a message', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    for (let index = 0; index < 20; index += 1) caller.world.createItem(USER, draft(`Item ${index}`));
    const stream = new StreamReader(caller.exchange, [id]);
    await stream.next();
    expect(eventsIn(await stream.next()).length).toBe(50);
    expect(eventsIn(await stream.next()).length).toBe(10);
    stream.close();
  });

  it('tell of occurrences through their master, of moves with the old id, of hard deletion as such', async () => {
    const caller = await openExchange();
    const { world } = caller;
    const series = world.createItem(USER, {
      ...draft('Series'),
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'Numbered', startDate: '2026-03-03', numberOfOccurrences: 3 },
      },
    });
    const single = world.createItem(USER, draft('Single'));
    const id = await subscribe(caller);
    const stream = new StreamReader(caller.exchange, [id]);
    await stream.next();
    world.updateItem(USER, series.id, { subject: 'Once' }, { occurrence: START });
    const change = await stream.next();
    expect(change?.all('ModifiedEvent')[0]?.child('ItemId')?.attribute('Id')).toBe(series.id);
    world.deleteItem(USER, single.id);
    const move = await stream.next();
    expect(eventsIn(move)).toEqual(['MovedEvent', 'FreeBusyChangedEvent', 'ModifiedEvent']);
    expect(move?.all('OldItemId')[0]?.attribute('Id')).toBe(single.id);
    world.deleteItem(USER, series.id, { hard: true });
    expect(eventsIn(await stream.next())[0]).toBe('DeletedEvent');
    stream.close();
  });

  it('one bad id among good ones spoils the connection and is named', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    const bad = Buffer.from('nothing').toString('base64');
    const stream = new StreamReader(caller.exchange, [id, bad]);
    const reply = await stream.next();
    expect(reply?.codes).toEqual(['ErrorInvalidSubscription']);
    expect(reply?.all('ErrorSubscriptionIds')[0]?.children.map((child) => child.text)).toEqual([bad]);
    expect(reply?.first('ConnectionStatus')).toBe('Closed');
    expect(await stream.next()).toBeUndefined();
  });

  it('what is no id of a subscription at all is told apart from one that is over', async () => {
    const caller = await openExchange();
    const over = await subscribe(caller);
    const unsubscribe = (id: string) =>
      caller.call(`<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`);
    await unsubscribe(over);
    const codesOf = async (id: string) => (await new StreamReader(caller.exchange, [id]).next())?.codes;
    expect(await codesOf(over)).toEqual(['ErrorSubscriptionNotFound']);
    expect(await codesOf('AAA-')).toEqual(['ErrorInvalidSubscription']);
    expect((await unsubscribe('AAA-')).first('MessageText')).toBe('Subscription is invalid.');
  });

  it('a push subscription is not ended by Unsubscribe, but by whom it calls', async () => {
    const caller = await openExchange();
    const push = `<t:StatusFrequency>5</t:StatusFrequency><t:URL>http://127.0.0.1:9/</t:URL>`;
    const made = await caller.call(
      `<m:Subscribe><m:PushSubscriptionRequest>${folders(CALENDAR)}${push}</m:PushSubscriptionRequest></m:Subscribe>`,
    );
    const id = `<m:SubscriptionId>${made.first('SubscriptionId')}</m:SubscriptionId>`;
    expect((await caller.call(`<m:Unsubscribe>${id}</m:Unsubscribe>`)).codes).toEqual(['ErrorInvalidSubscription']);
  });

  it('a second connection for a subscription ends the first', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    const first = new StreamReader(caller.exchange, [id]);
    await first.next();
    const second = new StreamReader(caller.exchange, [id]);
    await second.next();
    expect((await first.next())?.codes).toEqual(['ErrorNewEventStreamConnectionOpened']);
    caller.world.createItem(USER, draft('B'));
    expect(eventsIn(await second.next())).toContain('CreatedEvent');
    second.close();
  });

  it('belong to the account that subscribed; a group’s stream is opened as its anchor', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    const anchor = new StreamReader(caller.exchange, [id], { user: 'user2@example.test' });
    expect((await anchor.next())?.first('ConnectionStatus')).toBe('OK');
    anchor.close();
    const stranger = new StreamReader(caller.exchange, [id], { login: 'user2@example.test' });
    expect((await stranger.next())?.codes).toEqual(['ErrorSubscriptionAccessDenied']);
    const foreign = await caller.call(
      `<m:Subscribe><m:StreamingSubscriptionRequest>${folders('<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>user2@example.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>')}</m:StreamingSubscriptionRequest></m:Subscribe>`,
      { user: USER },
    );
    expect(foreign.codes).toEqual(['ErrorItemNotFound']);
  });

  it('end with Unsubscribe', async () => {
    const caller = await openExchange();
    const id = await subscribe(caller);
    const unsubscribe = `<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`;
    expect((await caller.call(unsubscribe)).codes).toEqual(['NoError']);
    expect((await caller.call(unsubscribe)).codes).toEqual(['ErrorSubscriptionNotFound']);
  });

  it('are pulled with watermarks, fifty at a time', async () => {
    const caller = await openExchange();
    const reply = await caller.call(
      `<m:Subscribe><m:PullSubscriptionRequest>${folders(CALENDAR)}<t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>`,
    );
    const id = reply.first('SubscriptionId');
    for (let index = 0; index < 20; index += 1) caller.world.createItem(USER, draft(`Item ${index}`));
    const pull = (watermark: string) =>
      caller.call(
        `<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${watermark}</m:Watermark></m:GetEvents>`,
      );
    const first = await pull(reply.first('Watermark') ?? '');
    expect([eventsIn(first).length, first.first('MoreEvents')]).toEqual([50, 'true']);
    const second = await pull(first.all('Watermark').at(-1)?.text ?? '');
    expect([eventsIn(second).length, second.first('MoreEvents')]).toEqual([10, 'false']);
    const last = second.all('Watermark').at(-1)?.text ?? '';
    expect(eventsIn(await pull(last))).toEqual(['StatusEvent']);
    expect((await pull(Buffer.alloc(28, 1).toString('base64'))).codes).toEqual(['ErrorInvalidWatermark']);
    caller.world.clock.advance(11 * 60_000);
    expect((await pull(last)).codes).toEqual(['ErrorSubscriptionNotFound']);
  });

  closeAndValidate();
});
