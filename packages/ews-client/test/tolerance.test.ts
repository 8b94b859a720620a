/**
 * Servers that speak EWS in other ways than the one at hand: other prefixes, orders and versions, other framing of HTTP,
 * other faults, other autodiscover. Shapes: public traces of Exchange 2010 to SE and of gateways before it.
 */
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type Clock, type EwsSourceOptions, systemClock } from '../src/index.ts';
import { failureOf } from './support/failure.ts';
import { Listener } from './support/fake.ts';
import { startRawServer } from './support/raw-server.ts';
import { answer, gotItem, type Reply, startSoapServer, success } from './support/soap-server.ts';
import { hurried, mailboxAt, never, sourceTo } from './support/source.ts';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const MESSAGES = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const TYPES = 'http://schemas.microsoft.com/exchange/services/2006/types';
const ERRORS = 'http://schemas.microsoft.com/exchange/services/2006/errors';
const GOOD = String(answer('GetItem', gotItem('A')).body);

/** What reading item A comes to when the server answers so. */
async function readFrom(reply: Reply, options: Partial<EwsSourceOptions> = {}) {
  await using server = await startSoapServer(() => reply);
  await using source = sourceTo(server.port, options);
  return await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
}

describe('an answer written in another way', () => {
  const item = (inner: string) => `<ItemId ChangeKey="ck" Id="A"/>${inner}`;
  const fields =
    '<End>2026-03-02T10:00:00Z</End><Start>2026-03-02T09:00:00Z</Start><CalendarItemType>Single</CalendarItemType><Subject>Subject of A</Subject>';
  const defaults = `<Envelope xmlns="${SOAP}"><Body><GetItemResponse xmlns="${MESSAGES}"><ResponseMessages><GetItemResponseMessage ResponseClass="Success"><Items><CalendarItem xmlns="${TYPES}">${item(fields)}</CalendarItem></Items><ResponseCode>NoError</ResponseCode></GetItemResponseMessage></ResponseMessages></GetItemResponse></Body></Envelope>`;
  const VERSION = /<h:ServerVersionInfo[^>]*\/>/;

  it.each([
    ['without any prefix, its fields in another order, the optional ones missing', defaults],
    ['with prefixes of its own', GOOD.replace(/(<\/?|xmlns:)(s|m|t|h)([:=])/g, '$1very-long_$2.x$3')],
    ['with a byte order mark and comments', `\uFEFF${GOOD.replace('<s:Body', '<!-- front end 3 --><s:Body')}`],
    ['without an XML declaration, ended by blank lines', `${GOOD.replace(/^<\?xml[^>]*\?>/, '')}\r\n\r\n`],
    ['indented', GOOD.replaceAll('><', '>\r\n  <')],
    ['without ServerVersionInfo', GOOD.replace(VERSION, '')],
    [
      'with a ServerVersionInfo of elements',
      GOOD.replace(
        VERSION,
        `<h:ServerVersionInfo xmlns:h="${TYPES}"><h:MajorVersion>15</h:MajorVersion><h:Version>Exchange2016</h:Version></h:ServerVersionInfo>`,
      ),
    ],
    [
      'with an odd version',
      GOOD.replace(VERSION, `<h:ServerVersionInfo MajorVersion="next" Extra="1" xmlns:h="${TYPES}"/>`),
    ],
    [
      'with headers nobody knows',
      GOOD.replace(VERSION, '<w:Trace xmlns:w="urn:w" s:mustUnderstand="0"><w:Id>1</w:Id></w:Trace>'),
    ],
    [
      'with elements of a newer schema',
      GOOD.replace('<t:UID>', '<t:HoloLink><t:Deep a="1">x</t:Deep></t:HoloLink><t:UID>'),
    ],
    ['in SOAP 1.2', GOOD.replaceAll(SOAP, 'http://www.w3.org/2003/05/soap-envelope')],
  ])('%s is read', async (_name, body) => {
    const read = await readFrom({ body });
    expect(read).toMatchObject({ itemId: 'A', subject: 'Subject of A', start: Date.parse('2026-03-02T09:00:00Z') });
  });

  it.each([
    'text/xml',
    'text/xml; charset="UTF-8"',
    'application/soap+xml; charset=utf-8',
    'application/xml',
    'TEXT/XML',
  ])('called %s is read', async (type) => {
    expect((await readFrom({ body: GOOD, headers: { 'content-type': type } }))?.itemId).toBe('A');
  });

  it('that is not called anything is read', async () => {
    const length = `Content-Length: ${Buffer.byteLength(GOOD)}\r\n`;
    await using server = await startRawServer(() => `HTTP/1.1 200 OK\r\nConnection: close\r\n${length}\r\n${GOOD}`);
    await using source = sourceTo(server.port);
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  const NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"';
  it.each(['/>', '></t:', ` ${NIL}/>`, '> \r\n </t:'])(
    'with elements that say nothing ("%s") is read as if they were not there',
    async (end) => {
      const names = [
        'LastModifiedTime',
        'OriginalStart',
        'AppointmentSequenceNumber',
        'AppointmentState',
        'IsCancelled',
      ];
      const lists = ['RequiredAttendees', 'Resources', 'Recurrence', 'ModifiedOccurrences', 'StartTimeZone'];
      const empty = ['IsMeeting', 'IsAllDayEvent', 'Organizer', 'UID', ...lists, ...names].map(
        (name) => `<t:${name}${end}${end.endsWith('/>') ? '' : `${name}>`}`,
      );
      const body = GOOD.replace(/<t:(UID|IsAllDayEvent)>.*?<\/t:\1>/g, '').replace(
        '</t:Subject>',
        `$&${empty.join('')}`,
      );
      const read = await readFrom({ body });
      expect(read).toMatchObject({
        kind: 'single',
        itemId: 'A',
        attendees: [],
        uid: 'A',
        allDay: false,
        isMeeting: false,
        isCancelled: false,
      });
      for (const field of ['lastModified', 'sequence', 'organizer']) expect(read).not.toHaveProperty(field);
    },
  );

  it.each(['constructor', 'toString', '__proto__'])(
    'in words that mean nothing ("%s") is read as if they were unknown',
    async (word) => {
      const all = ['Sensitivity', 'LegacyFreeBusyStatus', 'MyResponseType', 'StartTimeZoneId'];
      const odd = all.map((name) => `<t:${name}>${word}</t:${name}>`).join('');
      const read = await readFrom({ body: GOOD.replace(/<t:MyResponseType>.*?<\/t:MyResponseType>/, odd) });
      expect(read).toMatchObject({ sensitivity: 'normal', freeBusy: 'noData', myResponse: 'none' });
      const entity = await failureOf(readFrom({ body: GOOD.replace('Subject of', `&${word};`) }));
      expect(entity).toMatchObject({ code: 'Xml_malformed' });
    },
  );

  it('with attendees of whom it says nothing names the others', async () => {
    const people =
      '<t:Attendee/><t:Attendee><t:Mailbox><t:Name>Boris</t:Name></t:Mailbox></t:Attendee><t:Attendee> </t:Attendee>';
    const body = GOOD.replace('<t:UID>', `<t:RequiredAttendees>${people}</t:RequiredAttendees><t:UID>`);
    expect((await readFrom({ body }))?.attendees.map(({ name }) => name)).toEqual(['Boris']);
  });

  it.each(['DailyRegeneration', 'WeeklyRegeneration', 'MonthlyRegeneration', 'YearlyRegeneration'])(
    'with %s, which is for tasks, is no event anybody could place',
    async (pattern) => {
      const range = '<t:NoEndRecurrence><t:StartDate>2026-03-02</t:StartDate></t:NoEndRecurrence>';
      const rule = `<t:Recurrence><t:${pattern}><t:Interval>2</t:Interval></t:${pattern}>${range}</t:Recurrence>`;
      const error = await failureOf(readFrom({ body: GOOD.replace('<t:UID>', `${rule}<t:UID>`) }));
      expect(error).toMatchObject({ code: 'InvalidItem', message: expect.stringContaining('recurrence') });
    },
  );

  it('with a zone whose transitions lead straight to a period is dated by it', async () => {
    const period = (id: string, bias: string) => `<t:Period Id="${id}" Name="Standard" Bias="${bias}"/>`;
    const to = (id: string) => `<t:To Kind="Period">${id}</t:To>`;
    const until = `<t:AbsoluteDateTransition>${to('new')}<t:DateTime>2020-01-01T00:00:00</t:DateTime></t:AbsoluteDateTransition>`;
    const rules = `<t:Periods>${period('old', 'PT3H')}${period('new', '-PT5H30M')}</t:Periods><t:TransitionsGroups/><t:Transitions><t:Transition>${to('old')}</t:Transition>${until}</t:Transitions>`;
    const zones = ['StartTimeZone', 'EndTimeZone'].map(
      (name) => `<t:${name} Id="tzone://Microsoft/Custom">${rules}</t:${name}>`,
    );
    const body = GOOD.replace('<t:IsAllDayEvent>false', `${zones.join('')}<t:IsAllDayEvent>true`)
      .replace('2026-03-02T09:00:00Z', '2026-03-01T18:30:00Z')
      .replace('2026-03-02T10:00:00Z', '2026-03-02T18:30:00Z');
    expect(await readFrom({ body })).toMatchObject({ startDate: '2026-03-02', endDate: '2026-03-03' });
  });

  it.each([
    // Egypt, 24 April 2026: the clock goes from 00:00 to 01:00; what is no wall time is told in the offset before or after.
    ['that ends where the clock jumps over midnight', '2026-04-22T22:00:00Z', '2026-04-23T22:00:00Z', '23', '24'],
    ['that ends there, told in summer time', '2026-04-22T22:00:00Z', '2026-04-23T21:00:00Z', '23', '24'],
    ['that begins there', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z', '24', '25'],
    ['that begins there, told in summer time', '2026-04-23T21:00:00Z', '2026-04-24T21:00:00Z', '24', '25'],
    ['over the jump', '2026-04-22T22:00:00Z', '2026-04-24T21:00:00Z', '23', '25'],
    ['over the jump back', '2026-10-28T21:00:00Z', '2026-10-30T22:00:00Z', '29', '31'],
  ])('with a whole-day event %s has its dates', async (_name, start, end, first, last) => {
    const zones = ['StartTimeZone', 'EndTimeZone'].map((name) => `<t:${name} Id="Africa/Cairo"/>`).join('');
    const body = GOOD.replace('<t:IsAllDayEvent>false', `${zones}<t:IsAllDayEvent>true`)
      .replace('2026-03-02T09:00:00Z', start)
      .replace('2026-03-02T10:00:00Z', end);
    const month = start.slice(0, 8);
    expect(await readFrom({ body })).toMatchObject({ startDate: month + first, endDate: month + last });
  });

  it('with an item that says nothing about its start is no item', async () => {
    const body = GOOD.replace(/<t:Start>.*?<\/t:Start>/, '<t:Start/>');
    expect(await failureOf(readFrom({ body }))).toMatchObject({ code: 'InvalidItem' });
  });
});

describe('the same answer framed in another way', () => {
  const bytes = Buffer.from(GOOD);

  it.each([
    ['in chunks of one byte', 1],
    ['in chunks of 7 bytes', 7],
    ['in chunks of 1000 bytes', 1_000],
  ])('%s is read', async (_name, size) => {
    await using server = await startSoapServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      response.end();
      return undefined;
    });
    await using source = sourceTo(server.port);
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (plain: Buffer) => plain],
  ] as const)('compressed as %s, in pieces, is read', async (coding, pack) => {
    const packed = pack(bytes);
    await using server = await startSoapServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': coding });
      for (let at = 0; at < packed.length; at += 11) response.write(packed.subarray(at, at + 11));
      response.end();
      return undefined;
    });
    await using source = sourceTo(server.port);
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it('compressed and cut short is no success', async () => {
    const packed = gzipSync(bytes);
    const headers = { 'content-encoding': 'gzip' };
    const error = await failureOf(readFrom({ headers, body: packed.subarray(0, packed.length - 20) }));
    expect(error).toMatchObject({ kind: 'unavailable', retriable: true });
  });

  it('compressed in a way nobody knows, or not as it says, is told as such', async () => {
    const unknown = await failureOf(readFrom({ headers: { 'content-encoding': 'zstd' }, body: bytes }));
    expect(unknown).toMatchObject({ kind: 'protocol', code: 'NoSoapAnswer', message: expect.stringContaining('zstd') });
    const plain = await failureOf(readFrom({ headers: { 'content-encoding': 'gzip' }, body: bytes }));
    expect(plain).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('not compressed as it says') });
  });

  it.each([1, 9, 31, 1_000])(
    'after a "100 Continue" nobody asked for, or two, in pieces of %i bytes, is read',
    async (size) => {
      const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nServer: x\r\n\r\n';
      await using server = await startSoapServer(({ socket }) => {
        const head = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${bytes.length}\r\n\r\n`;
        const all = Buffer.concat([Buffer.from(interim + head), bytes]);
        for (let at = 0; at < all.length; at += size) socket.write(all.subarray(at, at + size));
        return undefined;
      });
      await using source = sourceTo(server.port);
      for (let i = 0; i < 3; i++) {
        expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
      }
      expect(server.connections()).toBe(1);
    },
  );

  it.each([
    ['after each answer, having said so', 'Connection: close\r\n', true],
    ['after each answer, without a word', '', true],
    ['by the end of the connection alone, as HTTP/1.0 does', 'Connection: close\r\n', false],
  ])('on connections the server closes %s, call after call is answered', async (_name, header, counted) => {
    const length = counted ? `Content-Length: ${bytes.length}\r\n` : '';
    await using server = await startRawServer(
      () => `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n${header}${length}\r\n${GOOD}`,
    );
    await using source = sourceTo(server.port);
    for (let i = 0; i < 5; i++) {
      expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
    }
  });
});

describe('a notification stream framed in another way', () => {
  const envelope = (content: string) =>
    String(answer('GetStreamingEvents', success('GetStreamingEvents', content)).body).replace(/^<\?xml[^>]*\?>/, '');
  const opened = envelope('<m:ConnectionStatus>OK</m:ConnectionStatus>');
  const event = (id: string) =>
    envelope(
      `<m:Notifications><m:Notification>${id}<t:CreatedEvent><t:Watermark/><t:TimeStamp>2026-03-02T09:00:00Z</t:TimeStamp><t:ItemId Id="A"/></t:CreatedEvent></m:Notification></m:Notifications>`,
    );
  const said = event('<t:SubscriptionId>s1</t:SubscriptionId>');
  const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

  it.each([
    ['with blank lines between its envelopes', `${opened}\r\n\r\n${said}\r\n`, false],
    ['with a declaration before each envelope', `${DECLARATION}${opened}\n${DECLARATION}${said}`, false],
    ['with a byte order mark before each envelope', `\uFEFF${opened}\uFEFF${DECLARATION}${said}`, false],
    ['with notifications that do not say whose they are', opened + event(''), false],
    ['compressed though nobody asked for it', opened + said, true],
  ])('%s rings', async (_name, text, isCompressed) => {
    await using server = await startSoapServer(({ operation }, response) => {
      if (operation === 'Unsubscribe') return answer('Unsubscribe', success('Unsubscribe'));
      if (operation === 'Subscribe') {
        return answer('Subscribe', success('Subscribe', '<m:SubscriptionId>s1</m:SubscriptionId>'));
      }
      const coding = isCompressed ? { 'content-encoding': 'gzip' } : {};
      response.writeHead(200, { 'content-type': 'text/xml', ...coding });
      if (!isCompressed) response.write(text);
      else {
        const gzip = createGzip();
        gzip.pipe(response);
        gzip.write(text);
        gzip.flush();
      }
      return undefined;
    });
    await using source = sourceTo(server.port);
    const listener = new Listener();
    source.openHints(listener).watch([mailboxAt(server.port)]);
    await listener.until(() => listener.hints.length >= 2);
    expect(listener.hints.map(({ reason }) => reason)).toEqual(['streamOpened', 'notification']);
  });
});

describe('a refusal written in another way', () => {
  const exchange = `<e:ResponseCode xmlns:e="${ERRORS}">ErrorServerBusy</e:ResponseCode><e:Message xmlns:e="${ERRORS}">later</e:Message><q:MessageXml xmlns:q="${TYPES}"><q:Value Name="BackOffMilliseconds">61000</q:Value></q:MessageXml>`;
  const fault11 = (ns: string, inner: string) =>
    `<E:Envelope xmlns:E="${SOAP}"><E:Body><E:Fault${ns}>${inner}</E:Fault></E:Body></E:Envelope>`;
  const fault12 = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang="en">later</e:Text></e:Reason><e:Detail>${exchange}</e:Detail></e:Fault></e:Body></e:Envelope>`;
  const plain = `<faultcode>E:Client</faultcode><faultstring>later</faultstring><detail>${exchange}</detail>`;
  const busy = { kind: 'throttled', code: 'ErrorServerBusy', retryAfterMs: 61_000 };

  it.each([
    ['in SOAP 1.1 with HTTP 500', { status: 500, body: fault11('', plain) }],
    ['in SOAP 1.1 with HTTP 200', { status: 200, body: fault11('', plain) }],
    ['in SOAP 1.1 with HTTP 400', { status: 400, body: fault11('', plain) }],
    ['in SOAP 1.1 with HTTP 503', { status: 503, body: fault11('', plain) }],
    [
      'with its detail first',
      { status: 500, body: fault11('', `<detail>${exchange}</detail><faultcode>x</faultcode>`) },
    ],
    ['with a default namespace', { status: 500, body: fault11(` xmlns="${SOAP}"`, plain) }],
    ['in SOAP 1.2', { status: 500, headers: { 'content-type': 'application/soap+xml' }, body: fault12 }],
    ['compressed', { status: 500, headers: { 'content-encoding': 'gzip' }, body: gzipSync(fault11('', plain)) }],
  ] as const)('%s says what it is', async (_name, reply) => {
    expect(await failureOf(readFrom(reply))).toMatchObject(busy);
  });

  it.each([
    ['SOAP 1.1', 'E:Server'],
    ['the web framework of Exchange', 'a:InternalServiceFault'],
    ['SOAP 1.2', 'E:Receiver'],
  ])('in the words of %s alone is a failure of the server that may pass', async (_name, code) => {
    const body = fault11('', `<faultcode>${code}</faultcode><faultstring>internal error</faultstring><detail/>`);
    const reply = { status: 500, body };
    await using server = await startSoapServer(() => reply);
    await using source = sourceTo(server.port, { clock: hurried });
    const error = await failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), never));
    expect(error).toMatchObject({ kind: 'unavailable', retriable: true, httpStatus: 500 });
    expect(server.requests).toHaveLength(4);
  });

  it('in the words of SOAP alone, but for our fault, is not repeated', async () => {
    const body = fault11('', '<faultcode>E:Client</faultcode><faultstring>bad request</faultstring>');
    expect(await failureOf(readFrom({ status: 500, body }))).toMatchObject({ kind: 'protocol', code: 'Client' });
  });

  it.each(['constructor', 'toString', '__proto__'])('with the code "%s" is one nobody knows', async (code) => {
    const error = await failureOf(
      readFrom({ status: 500, body: fault11('', plain.replaceAll('ErrorServerBusy', code)) }),
    );
    expect(error).toMatchObject({ kind: 'protocol', code, retriable: false });
    expect(error.message).not.toContain('native code');
  });

  it('with a Retry-After beside a fault that names no pause keeps that pause', async () => {
    const body = fault11('', plain.replace(/<q:MessageXml.*<\/q:MessageXml>/, ''));
    const reply = { status: 503, headers: { 'retry-after': '77' }, body };
    expect(await failureOf(readFrom(reply))).toMatchObject({ ...busy, retryAfterMs: 77_000 });
  });

  it.each([
    [502, '<html>Bad gateway</html>', 'unavailable'],
    [500, 'Internal error', 'unavailable'],
    [500, '<notes/>', 'unavailable'],
    [403, '<?xml version="1.0"?><error>blocked</error>', 'forbidden'],
  ])('with HTTP %i and "%s" is judged by its status', async (status, body, kind) => {
    const headers = { 'content-type': body.startsWith('<html') ? 'text/html' : 'text/xml' };
    // Four tries, as after any hiccup, without their pauses.
    expect(await failureOf(readFrom({ status, headers, body }, { clock: hurried }))).toMatchObject({
      kind,
      httpStatus: status,
    });
  });
});

describe('cookies', () => {
  it('come back to the mailbox they were set for, the newest of each name, until they are taken away', async () => {
    const sent: (string | undefined)[] = [];
    const set = [
      ['X-BackEndCookie=a=1; path=/EWS; secure; HttpOnly', 'ClientId=QX; expires=Mon, 22 Nov 2027 07:28:00 GMT'],
      ['X-BackEndCookie=b; path=/EWS'],
      ['ClientId=; expires=Thu, 01 Jan 1970 00:00:00 GMT', 'broken', '=nameless'],
      [],
    ];
    await using server = await startSoapServer(({ headers }) => {
      sent.push(headers.cookie);
      return { body: GOOD, headers: { 'set-cookie': set[sent.length - 1] ?? [] } };
    });
    await using source = sourceTo(server.port);
    for (let i = 0; i < 4; i++) await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    expect(sent).toEqual([
      undefined,
      'X-BackEndCookie=a=1; ClientId=QX',
      'ClientId=QX; X-BackEndCookie=b',
      'X-BackEndCookie=b',
    ]);
  });
});

describe('a cookie', () => {
  const at = (ms: number) => new Date(Date.now() + ms).toUTCString();
  it.each([
    ['that has expired by a date not long ago', `expires=${at(-86_400_000)}`, false],
    ['with a date as .NET writes it, with hyphens', `expires=${at(-60_000).replace(/ (\w{3}) /, '-$1-')}`, false],
    ['with a date to come', `expires=${at(60_000)}; path=/EWS; secure; HttpOnly`, true],
    ['that lives on by Max-Age, whatever its date', `Max-Age=60; expires=${at(-60_000)}`, true],
    ['that is over by Max-Age, whatever its date', `expires=${at(60_000)}; max-age=0`, false],
    ['with nonsense for a date', 'expires=soon', true],
  ])('%s is kept accordingly', async (_name, attributes, isKept) => {
    const headers = { 'set-cookie': [`X-BackEndCookie=a; ${attributes}`] };
    await using server = await startSoapServer(() => ({ body: GOOD, headers }));
    await using source = sourceTo(server.port);
    for (let i = 0; i < 2; i++) await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    expect(server.requests[1]?.headers.cookie).toBe(isKept ? 'X-BackEndCookie=a' : undefined);
  });

  it('is not sent once its time is over', async () => {
    let now = Date.now();
    const clock: Clock = { now: () => now, after: systemClock.after };
    const set = ['X-BackEndCookie=a; Max-Age=600', 'X-Other=b'];
    await using server = await startSoapServer(() => ({ body: GOOD, headers: { 'set-cookie': set.splice(0) } }));
    await using source = sourceTo(server.port, { clock });
    for (const wait of [0, 599_000, 2_000]) {
      now += wait;
      await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    }
    const sent = server.requests.map(({ headers }) => headers.cookie);
    expect(sent).toEqual([undefined, 'X-BackEndCookie=a; X-Other=b', 'X-Other=b']);
  });
});

describe('autodiscover as Exchange 2016 and 2019 answer it', () => {
  const NS = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';
  const setting = (name: string, value: string) =>
    `<UserSetting i:type="StringSetting"><Name>${name}</Name><Value>${value}</Value></UserSetting>`;
  const settings = (url: string) =>
    `<s:Envelope xmlns:s="${SOAP}" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">${NS}/Autodiscover/GetUserSettingsResponse</a:Action><h:ServerVersionInfo xmlns:h="${NS}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><h:MajorVersion>15</h:MajorVersion><h:MinorVersion>2</h:MinorVersion><h:MajorBuildNumber>1118</h:MajorBuildNumber><h:MinorBuildNumber>7</h:MinorBuildNumber><h:Version>Exchange2015</h:Version></h:ServerVersionInfo></s:Header><s:Body><GetUserSettingsResponseMessage xmlns="${NS}"><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ErrorCode>NoError</ErrorCode><ErrorMessage/><UserResponses><UserResponse><ErrorCode>NoError</ErrorCode><ErrorMessage>No error.</ErrorMessage><RedirectTarget i:nil="true"/><UserSettingErrors><UserSettingError><ErrorCode>SettingIsNotAvailable</ErrorCode><ErrorMessage>The requested setting, 'CasVersion', is not available.</ErrorMessage><SettingName>CasVersion</SettingName></UserSettingError></UserSettingErrors><UserSettings>${setting('UserDisplayName', 'Anna A.')}${setting('ExternalEwsUrl', url)}${setting('GroupingInformation', 'Site1')}${setting('AutoDiscoverSMTPAddress', 'Anna@Example.test')}</UserSettings></UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`;
  const endpoint = (port: number) => ({
    scheme: 'http' as const,
    host: '127.0.0.1',
    port,
    autodiscoverPath: '/autodiscover/autodiscover.svc',
  });

  it('tells address, name, group and URL though some settings are missing', async () => {
    await using server = await startSoapServer(() => ({ body: settings(url) }));
    const url = `http://127.0.0.1:${server.port}/EWS/Exchange.asmx`;
    await using source = sourceTo(server.port, { endpoint: endpoint(server.port) });
    expect(await source.getUserSettings(mailboxAddress('anna@example.test'), never)).toEqual({
      address: 'anna@example.test',
      displayName: 'Anna A.',
      group: `Site1 ${url}`,
      url,
    });
  });

  it.each([301, 302, 307])('is followed through HTTP %i to an allowed place', async (status) => {
    await using server = await startSoapServer(({ path }) =>
      path === '/autodiscover/autodiscover.svc'
        ? { status, headers: { location: '/moved/autodiscover.svc' } }
        : { body: settings('https://127.0.0.1/EWS/Exchange.asmx') },
    );
    await using source = sourceTo(server.port, { endpoint: endpoint(server.port) });
    const found = await source.getUserSettings(mailboxAddress('anna@example.test'), never);
    expect(found?.url).toBe('https://127.0.0.1/EWS/Exchange.asmx');
  });

  const POX =
    '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response><Error Time="13:30:11.5" Id="2477272013"><ErrorCode>600</ErrorCode><Message>Invalid Request</Message><DebugData/></Error></Response></Autodiscover>';
  it.each([
    [
      'an HTTP redirect to a stranger',
      { status: 302, headers: { location: 'https://evil.example.test/a.svc' } },
      'HostNotAllowed',
    ],
    ['the old protocol with its error 600', { body: POX }, 'Xml_unexpectedRoot'],
    ['nothing at this path', { status: 404 }, 'Http404'],
    [
      'an unknown address',
      { body: settings('').replace('<UserResponse><ErrorCode>NoError', '<UserResponse><ErrorCode>InvalidUser') },
      'InvalidUser',
    ],
  ] as const)('that answers %s is warned about, and the configured address stands', async (_name, reply, code) => {
    await using server = await startSoapServer(() => reply);
    const warnings: string[] = [];
    const observer = { warning: (record: { readonly code: string }) => void warnings.push(record.code) };
    await using source = sourceTo(server.port, { endpoint: endpoint(server.port), observer });
    expect(await source.getUserSettings(mailboxAddress('anna@example.test'), never)).toBeUndefined();
    expect(warnings).toEqual([code]);
  });
});
