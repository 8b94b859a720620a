/** Every fault the plan knows, seen on the wire (facts "Fake Exchange fidelity checklist" 8, goals §7). */
import { request } from 'node:http';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { FAULT_KINDS, type FaultKind, type FaultRule } from '../../src/ews/index.ts';
import { basic, closeAndValidate, envelope, openExchange, type Reply } from './support/ews-caller.ts';
import { eventsIn, StreamReader } from './support/stream-reader.ts';

const USER = 'user1@example.test';
const START = Date.UTC(2026, 2, 3, 9);
const draft = (subject: string) => ({ subject, start: START, end: START + 3_600_000 });
const GET_FOLDER =
  '<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>';
const SUBSCRIBE =
  '<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType><t:EventType>DeletedEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>';
const getItem = (id: string): string =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:GetItem>`;
const sync = (state = ''): string =>
  `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`;

const { exchange, world, call } = await openExchange();
const seen = new Set<FaultKind>();

function inject(rule: FaultRule): void {
  exchange.faults.clear();
  exchange.faults.add({ count: 1, ...rule });
  seen.add(rule.kind);
}

/** Strikes once, then the same call works. */
async function once(rule: FaultRule, body: string, check: (reply: Reply) => void): Promise<void> {
  inject(rule);
  check(await call(body));
  expect((await call(body)).codes).toEqual(['NoError']);
}

interface RawAnswer {
  readonly status: number | undefined;
  readonly body: string;
  readonly complete: boolean;
}

/** A call whose end is of interest. */
function raw(body: string): {
  readonly answer: Promise<RawAnswer>;
  readonly abort: () => void;
  readonly hasAnswer: () => boolean;
} {
  const text = envelope(body);
  let status: number | undefined;
  let abort = (): void => undefined;
  const answer = new Promise<RawAnswer>((resolve) => {
    const outgoing = request(
      exchange.ewsUrl,
      {
        method: 'POST',
        agent: false,
        headers: {
          authorization: basic('svc@example.test'),
          'content-type': 'text/xml',
          'content-length': Buffer.byteLength(text),
        },
      },
      (response) => {
        status = response.statusCode;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('close', () =>
          resolve({ status, body: Buffer.concat(chunks).toString(), complete: response.complete }),
        );
        response.on('error', () => undefined);
      },
    );
    outgoing.on('error', () => resolve({ status, body: '', complete: false }));
    abort = () => void outgoing.destroy();
    outgoing.end(text);
  });
  return { answer, abort: () => abort(), hasAnswer: () => status !== undefined };
}

const notSeen = (reply: Reply, status: number, code: string): void =>
  expect([reply.status, reply.codes[0]]).toEqual([status, code]);

describe('faults before the work', () => {
  it('answer another HTTP status, with Retry-After', () =>
    once({ kind: 'status', status: 503, backOffMs: 7000 }, GET_FOLDER, (reply) => {
      expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '7']);
    }));

  it('throttle in all five shapes', async () => {
    await once({ kind: 'busyFault', backOffMs: 178_510 }, GET_FOLDER, (reply) => {
      notSeen(reply, 500, 'ErrorServerBusy');
      expect(reply.all('Value')[0]?.attribute('Name')).toBe('BackOffMilliseconds');
      expect(reply.first('Value')).toBe('178510');
    });
    expect(exchange.counters.snapshot().backOffViolations).toBe(1);
    world.clock.advance(200_000);
    await once({ kind: 'busyMessage' }, sync(), (reply) => {
      notSeen(reply, 200, 'ErrorServerBusy');
      expect(reply.first('MessageText')).toContain('ConcurrentSyncCalls');
    });
    await once({ kind: 'busyInner' }, GET_FOLDER, (reply) => {
      notSeen(reply, 200, 'ErrorInternalServerError');
      expect(reply.text).toContain('ErrorServerBusy');
    });
    await once({ kind: 'connectionCount' }, GET_FOLDER, (reply) => {
      notSeen(reply, 500, 'ErrorExceededConnectionCount');
      expect(reply.first('Message')).toContain('Suggested backoff time 0 ms');
    });
    await once({ kind: 'tooManyObjects' }, GET_FOLDER, (reply) => notSeen(reply, 500, 'ErrorTooManyObjectsOpened'));
  });

  it('show a login page, an empty body, any fault, any response code, a mailbox on the move', async () => {
    await once({ kind: 'html' }, GET_FOLDER, (reply) =>
      expect([reply.status, reply.text.includes('<!DOCTYPE html>')]).toEqual([200, true]),
    );
    await once({ kind: 'emptyBody' }, GET_FOLDER, (reply) => expect([reply.status, reply.text]).toEqual([200, '']));
    await once({ kind: 'soapFault', code: 'ErrorInternalServerTransientError' }, GET_FOLDER, (reply) =>
      notSeen(reply, 500, 'ErrorInternalServerTransientError'),
    );
    await once({ kind: 'responseError', code: 'ErrorMailboxStoreUnavailable' }, GET_FOLDER, (reply) =>
      notSeen(reply, 200, 'ErrorMailboxStoreUnavailable'),
    );
    await once({ kind: 'mailboxMoved' }, GET_FOLDER, (reply) => notSeen(reply, 200, 'ErrorMailboxMoveInProgress'));
  });

  it('refuse the credentials or the impersonation', async () => {
    await once({ kind: 'unauthorized' }, GET_FOLDER, (reply) =>
      expect([reply.status, reply.headers.get('www-authenticate')?.includes('Basic')]).toEqual([401, true]),
    );
    await once({ kind: 'impersonationDenied', mailbox: USER }, GET_FOLDER, (reply) =>
      notSeen(reply, 500, 'ErrorImpersonateUserDenied'),
    );
  });

  it('reset the connection, leave it half open, or answer late', async () => {
    inject({ kind: 'reset' });
    expect((await raw(GET_FOLDER).answer).status).toBeUndefined();
    inject({ kind: 'halfOpen' });
    const silent = raw(GET_FOLDER);
    await vi.waitFor(() => expect(exchange.journal.list().at(-1)?.fault).toBe('halfOpen'));
    world.clock.advance(3_600_000);
    expect(silent.hasAnswer()).toBe(false);
    silent.abort();
    inject({ kind: 'delay', ms: 30_000 });
    const late = raw(GET_FOLDER);
    await vi.waitFor(() => expect(exchange.faults.list()[0]?.struck).toBe(1));
    expect(late.hasAnswer()).toBe(false);
    world.clock.advance(30_000);
    expect((await late.answer).status).toBe(200);
  });
});

describe('faults after the work', () => {
  const create = (subject: string): string =>
    `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>2026-03-05T09:00:00Z</t:Start><t:End>2026-03-05T10:00:00Z</t:End></t:CalendarItem></m:Items></m:CreateItem>`;

  it('lose the answer although the item was made', async () => {
    inject({ kind: 'timeoutAfterCommit', ms: 1000 });
    const lost = raw(create('Committed'));
    await vi.waitFor(() => expect(world.listItems(USER).some((item) => item.subject === 'Committed')).toBe(true));
    expect(lost.hasAnswer()).toBe(false);
    await vi.waitFor(() => {
      world.clock.advance(1000);
      expect(exchange.faults.list()[0]?.struck).toBe(1);
    });
    expect((await lost.answer).status).toBeUndefined();
  });

  it('cut the answer in the middle', async () => {
    inject({ kind: 'truncate', bytes: 300 });
    const answer = await raw(GET_FOLDER).answer;
    expect([answer.status, answer.body.length, answer.complete]).toEqual([200, 300, false]);
  });

  it('drip the answer byte by byte', async () => {
    inject({ kind: 'slowBody', bytes: 400, ms: 1000 });
    const slow = raw(GET_FOLDER);
    await vi.waitFor(() => expect(slow.hasAnswer()).toBe(true));
    const answer = slow.answer;
    const ticking = setInterval(() => world.clock.advance(1000), 1);
    expect((await answer).complete).toBe(true);
    clearInterval(ticking);
  });

  it('put control characters into subjects', async () => {
    const { id } = world.createItem(USER, draft('Bell'));
    inject({ kind: 'controlCharacters' });
    const answer = await raw(getItem(id)).answer;
    expect(answer.body).toContain('<t:Subject>&#xB;&#x1F;Bell');
  });
});

describe('faults on a stream', () => {
  async function stream(): Promise<StreamReader> {
    exchange.faults.clear();
    const id = (await call(SUBSCRIBE)).first('SubscriptionId') ?? '';
    const reader = new StreamReader(exchange, [id]);
    await reader.next();
    return reader;
  }

  it('mute it: no events, no heartbeat, and still open', async () => {
    const reader = await stream();
    inject({ kind: 'muteStream' });
    world.createItem(USER, draft('Unheard'));
    world.clock.advance(120_000);
    expect(exchange.counters.snapshot().openStreams).toBeGreaterThan(0);
    expect(reader.rest).toBe('');
    reader.close();
  });

  it('cut it, or cut it in the middle of an envelope', async () => {
    const first = await stream();
    inject({ kind: 'cutStream' });
    world.createItem(USER, draft('Cut'));
    expect([await first.next(), first.isPolite]).toEqual([undefined, false]);
    const second = await stream();
    inject({ kind: 'cutChunk' });
    world.createItem(USER, draft('Half'));
    expect(await second.next()).toBeUndefined();
    expect(second.rest).toMatch(/^<Envelope/);
    expect(second.rest).not.toContain('</Envelope>');
  });

  it('split envelopes into tiny chunks', async () => {
    const reader = await stream();
    inject({ kind: 'splitChunks', bytes: 5 });
    const before = reader.chunks.length;
    world.createItem(USER, draft('Tiny'));
    expect(eventsIn(await reader.next())).toEqual(['CreatedEvent']);
    expect(reader.chunks.length).toBeGreaterThan(before);
    reader.close();
  });

  it('duplicate, reorder, drop, merge and delay events', async () => {
    const reader = await stream();
    inject({ kind: 'duplicateEvents' });
    const item = world.createItem(USER, draft('Twice'));
    expect(eventsIn(await reader.next())).toEqual(['CreatedEvent', 'CreatedEvent']);
    inject({ kind: 'dropEvents' });
    world.createItem(USER, draft('Dropped'));
    inject({ kind: 'mergeEvents', ms: 1000 });
    const merged = world.createItem(USER, draft('Merged'));
    world.deleteItem(USER, merged.id, { hard: true });
    world.clock.advance(1000);
    expect(eventsIn(await reader.next())).toEqual(['CreatedEvent', 'DeletedEvent']);
    inject({ kind: 'delayEvents', ms: 5000, count: 1 });
    exchange.faults.add({ kind: 'reorderEvents', count: 1 });
    seen.add('reorderEvents');
    world.createItem(USER, draft('First'));
    world.deleteItem(USER, item.id, { hard: true });
    expect(reader.rest).toBe('');
    world.clock.advance(5000);
    expect(eventsIn(await reader.next())).toEqual(['DeletedEvent', 'CreatedEvent']);
    reader.close();
  });

  it('answer an error on the stream, or tell that events were missed', async () => {
    const first = await stream();
    inject({ kind: 'streamError', code: 'ErrorReadEventsFailed' });
    world.createItem(USER, draft('Bad'));
    expect((await first.next())?.codes).toEqual(['ErrorReadEventsFailed']);
    const second = await stream();
    inject({ kind: 'missedEvents' });
    world.createItem(USER, draft('Missed'));
    expect((await second.next())?.codes).toEqual(['ErrorMissedNotificationEvents']);
  });

  it('forget a subscription', async () => {
    exchange.faults.clear();
    const id = (await call(SUBSCRIBE)).first('SubscriptionId') ?? '';
    inject({ kind: 'subscriptionNotFound' });
    const reader = new StreamReader(exchange, [id]);
    expect((await reader.next())?.codes).toEqual(['ErrorSubscriptionNotFound']);
  });
});

describe('faults of items', () => {
  it('an event comes before its item can be read', async () => {
    const { id } = world.createItem(USER, draft('Not yet'));
    await once({ kind: 'notReadableYet' }, getItem(id), (reply) => notSeen(reply, 200, 'ErrorItemNotFound'));
  });

  it('one item of a batch is broken', async () => {
    const { id } = world.createItem(USER, draft('Broken'));
    await once({ kind: 'itemError', code: 'ErrorItemCorrupt' }, getItem(id), (reply) =>
      notSeen(reply, 200, 'ErrorItemCorrupt'),
    );
  });

  it('the time zone is empty, an IANA name or a custom definition', async () => {
    const { id } = world.createItem(USER, draft('Zoned'));
    const zoneOf = async (kind: FaultKind) => {
      let zone: string | undefined;
      await once({ kind }, getItem(id), (reply) => {
        zone = reply.all('StartTimeZone')[0]?.attribute('Id');
      });
      return zone;
    };
    expect([await zoneOf('emptyTimeZone'), await zoneOf('ianaTimeZone'), await zoneOf('customTimeZone')]).toEqual([
      '',
      'Europe/Moscow',
      'tzone://Microsoft/Custom',
    ]);
  });

  it('two items have one UID; attendees are many; addresses are X.500 names', async () => {
    const { id } = world.createItem(USER, {
      ...draft('Crowd'),
      attendees: [{ name: 'User 2', address: 'user2@example.test', role: 'required', response: 'Unknown' }],
    });
    await once({ kind: 'duplicateUid', text: 'same' }, getItem(id), (reply) => expect(reply.first('UID')).toBe('same'));
    await once({ kind: 'hugeAttendees', amount: 3000 }, getItem(id), (reply) =>
      expect(reply.all('Attendee').length).toBe(3001),
    );
    await once({ kind: 'legacyAddresses' }, getItem(id), (reply) =>
      expect(reply.all('Attendee')[0]?.child('Mailbox')?.childText('RoutingType')).toBe('EX'),
    );
  });

  it('the tail of a batch is given up', async () => {
    const { id } = world.createItem(USER, draft('Tail'));
    inject({ kind: 'batchStopped', skip: 1 });
    const reply = await call(
      `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds>${`<t:ItemId Id="${id}"/>`.repeat(3)}</m:ItemIds></m:GetItem>`,
    );
    expect(reply.codes).toEqual(['NoError', 'ErrorBatchProcessingStopped', 'ErrorBatchProcessingStopped']);
  });
});

describe('faults of states', () => {
  it('a sync state is invalid, the folder gone, a watermark unknown', async () => {
    const state = (await call(sync())).first('SyncState') ?? '';
    await once({ kind: 'invalidSyncState' }, sync(state), (reply) => notSeen(reply, 200, 'ErrorInvalidSyncStateData'));
    await once({ kind: 'syncFolderNotFound' }, sync(state), (reply) => notSeen(reply, 200, 'ErrorSyncFolderNotFound'));
    const pull = await call(
      '<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>',
    );
    const events = `<m:GetEvents><m:SubscriptionId>${pull.first('SubscriptionId')}</m:SubscriptionId><m:Watermark>${pull.first('Watermark')}</m:Watermark></m:GetEvents>`;
    await once({ kind: 'invalidWatermark' }, events, (reply) => notSeen(reply, 200, 'ErrorInvalidWatermark'));
  });

  it('autodiscover redirects in a loop', async () => {
    inject({ kind: 'redirectLoop', count: 2 });
    const ask = () =>
      fetch(exchange.autodiscoverUrl, {
        method: 'POST',
        redirect: 'manual',
        headers: { authorization: basic(USER), 'content-type': 'text/xml' },
        body: '<x/>',
      });
    const answer = await ask();
    expect([answer.status, answer.headers.get('location')]).toEqual([302, exchange.autodiscoverUrl]);
    expect((await ask()).status).toBe(302);
  });
});

describe('the plan', () => {
  it('strikes by mailbox, operation, count, skip and seeded probability, and can be taken back', async () => {
    exchange.faults.clear();
    const id = exchange.faults.add({
      kind: 'soapFault',
      mailbox: 'user2@example.test',
      operation: 'GetFolder',
      count: 2,
      skip: 1,
    });
    const status = async (user: string, body = GET_FOLDER): Promise<number> => (await call(body, { user })).status;
    expect([
      await status(USER),
      await status('user2@example.test', sync()),
      await status('user2@example.test'),
    ]).toEqual([200, 200, 200]);
    expect([
      await status('user2@example.test'),
      await status('user2@example.test'),
      await status('user2@example.test'),
    ]).toEqual([500, 500, 200]);
    expect(exchange.faults.list()[0]?.struck).toBe(2);
    expect([exchange.faults.remove(id), exchange.faults.remove(id), exchange.faults.list()]).toEqual([true, false, []]);
    exchange.faults.add({ kind: 'soapFault', probability: 0.5 });
    const pattern: number[] = [];
    for (let index = 0; index < 20; index += 1) pattern.push(await status(USER));
    expect(new Set(pattern)).toEqual(new Set([200, 500]));
    exchange.faults.clear();
  });

  afterAll(() => {
    exchange.faults.clear();
    expect(FAULT_KINDS.filter((kind) => !seen.has(kind))).toEqual([]);
  });
});

closeAndValidate();
