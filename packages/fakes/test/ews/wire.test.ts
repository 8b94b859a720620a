/** The small print of the wire: HTTP, schema positions, versions, ids, occurrences, times, autodiscover. */

import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { basic, closeAndValidate, envelope, openExchange, toReply } from './support/ews-caller.ts';

const USER = 'user1@example.test';
const START = Date.UTC(2026, 2, 3, 9);
const HOUR = 3_600_000;
const GET_FOLDER =
  '<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>';
const getItem = (ids: string, shape = '<t:BaseShape>AllProperties</t:BaseShape>'): string =>
  `<m:GetItem><m:ItemShape>${shape}</m:ItemShape><m:ItemIds>${ids}</m:ItemIds></m:GetItem>`;
const update = (
  id: string,
  changes: string,
  attributes = 'ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"',
): string =>
  `<m:UpdateItem ${attributes}><m:ItemChanges><t:ItemChange>${id}<t:Updates>${changes}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;
const set = (uri: string, value: string): string =>
  `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${value}</t:CalendarItem></t:SetItemField>`;

const { exchange, world, call } = await openExchange();

function raw(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${exchange.url}${path}`, { method, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('HTTP', () => {
  const headers = { authorization: basic(USER), 'content-type': 'text/xml; charset=utf-8' };
  const body = envelope(GET_FOLDER, { login: USER });

  it('finds the endpoint in any case, wants POST, a length and XML', async () => {
    const length = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    expect((await raw('POST', '/ews/EXCHANGE.ASMX', length, body)).status).toBe(200);
    expect((await raw('GET', '/EWS/Exchange.asmx', headers)).status).toBe(405);
    expect((await raw('GET', '/EWS/Exchange.asmx', {})).status).toBe(401);
    expect((await raw('POST', '/EWS/Exchange.asmx', { ...headers, 'transfer-encoding': 'chunked' }, body)).status).toBe(
      411,
    );
    expect(
      (await raw('POST', '/EWS/Exchange.asmx', { ...length, 'content-type': 'application/json' }, body)).status,
    ).toBe(415);
    expect((await raw('GET', '/owa/', {})).status).toBe(404);
  });

  it('compresses when asked to, and streams big answers', async () => {
    for (let index = 0; index < 60; index += 1)
      world.createItem('user9@example.test', { subject: `Много ${index}`, start: START, end: START + HOUR });
    const view = envelope(
      '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>',
      { login: 'x' },
    );
    const own = { ...headers, authorization: basic('user9'), 'content-length': String(Buffer.byteLength(view)) };
    const plain = await raw('POST', '/EWS/Exchange.asmx', own, view);
    const packed = await raw('POST', '/EWS/Exchange.asmx', { ...own, 'accept-encoding': 'gzip' }, view);
    expect([plain.headers['transfer-encoding'], packed.headers['content-encoding']]).toEqual(['chunked', 'gzip']);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    expect(plain.body.length).toBeGreaterThan(100_000);
  });

  it('reads UTF-16 and a byte order mark', async () => {
    const utf16 = Buffer.from(`\uFEFF${body.replace('utf-8', 'utf-16')}`, 'utf16le');
    const reply = await fetch(exchange.ewsUrl, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/xml; charset=utf-16' },
      body: utf16,
    });
    expect(reply.status).toBe(200);
    const marked = await fetch(exchange.ewsUrl, { method: 'POST', headers, body: `\uFEFF${body}` });
    expect(marked.status).toBe(200);
  });
});

describe('requests', () => {
  const fault = async (body: string, version?: string) => {
    const reply = await call(body, version === undefined ? {} : { version });
    return {
      status: reply.status,
      code: reply.codes[0],
      violation: reply.first('Violation'),
      line: Number(reply.first('LineNumber')),
      hasHeader: reply.all('ServerVersionInfo').length > 0,
    };
  };

  it('in another order, with an unknown value or attribute are refused with position and reason', async () => {
    const order = await fault(
      '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Start>2026-03-05T09:00:00Z</t:Start><t:Subject>Late</t:Subject></t:CalendarItem></m:Items></m:CreateItem>',
    );
    expect(order).toMatchObject({ status: 500, code: 'ErrorSchemaValidation', line: 1, hasHeader: false });
    expect(order.violation).toContain(
      "The element 'CalendarItem' in namespace 'http://schemas.microsoft.com/exchange/services/2006/types' has invalid child element 'Subject'",
    );
    expect(order.violation).toContain("List of possible elements expected: 'End, ");
    const value = await fault(GET_FOLDER.replace('"calendar"', '"calender"'));
    expect(value.violation).toBe(
      "The 'Id' attribute is invalid - The value 'calender' is invalid according to its datatype 'http://schemas.microsoft.com/exchange/services/2006/types:DistinguishedFolderIdNameType' - The Enumeration constraint failed.",
    );
    expect((await fault(GET_FOLDER.replace('Id="calendar"', 'Id="calendar" Colour="red"'))).violation).toBe(
      "The 'Colour' attribute is not declared.",
    );
    expect((await fault(GET_FOLDER.replace('Id="calendar"', ''))).violation).toBe(
      "The required attribute 'Id' is missing.",
    );
    expect(
      (await fault('<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape></m:GetFolder>'))
        .violation,
    ).toContain("has incomplete content. List of possible elements expected: 'FolderIds'");
    expect((await fault('<m:MakeCoffee/>')).violation).toContain("has invalid child element 'MakeCoffee'");
  });

  it('of an unknown version, with document types, or that are no XML are refused', async () => {
    expect(await fault(GET_FOLDER, 'Exchange2007_SP2')).toMatchObject({
      status: 500,
      code: 'ErrorInvalidServerVersion',
    });
    expect((await fault(GET_FOLDER, 'V2017_07_11')).code).toBe('NoError');
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>';
    for (const text of [bomb, '<s:Envelope', 'hello', `${'<a>'.repeat(200)}`]) {
      expect(toReply(500, (await call(text, { raw: true, login: USER })).text).codes).toEqual([
        'ErrorSchemaValidation',
      ]);
    }
  });

  it('change one property per element, with the right key, and say whom to tell', async () => {
    const item = world.createItem(USER, { subject: 'Keyed', start: START, end: START + HOUR });
    const id = `<t:ItemId Id="${item.id}"/>`;
    const keyed = `<t:ItemId Id="${item.id}" ChangeKey="${item.changeKey}"/>`;
    const subject = set('item:Subject', '<t:Subject>New</t:Subject>');
    const code = async (body: string) => (await call(body)).codes[0];
    expect(
      await code(
        update(id, subject, 'ConflictResolution="AutoResolve" SendMeetingInvitationsOrCancellations="SendToNone"'),
      ),
    ).toBe('ErrorChangeKeyRequiredForWriteOperations');
    expect(await code(update(keyed, subject, 'ConflictResolution="AutoResolve"'))).toBe(
      'ErrorSendMeetingInvitationsOrCancellationsRequired',
    );
    expect(
      await code(update(id, set('item:Subject', '<t:Subject>a</t:Subject><t:Sensitivity>Normal</t:Sensitivity>'))),
    ).toBe('ErrorIncorrectUpdatePropertyCount');
    expect(await code(update(id, set('item:Subject', '<t:Location>a</t:Location>')))).toBe(
      'ErrorUpdatePropertyMismatch',
    );
    expect(await code(update(id, set('calendar:ModifiedOccurrences', '<t:ModifiedOccurrences/>')))).toBe(
      'ErrorSchemaValidation',
    );
    expect(await code(update(id, set('calendar:IsCancelled', '<t:IsCancelled>true</t:IsCancelled>')))).toBe(
      'ErrorInvalidPropertySet',
    );
    expect(
      await code(
        update(keyed, subject, 'ConflictResolution="AutoResolve" SendMeetingInvitationsOrCancellations="SendToNone"'),
      ),
    ).toBe('NoError');
    expect(
      await code(
        update(keyed, subject, 'ConflictResolution="AutoResolve" SendMeetingInvitationsOrCancellations="SendToNone"'),
      ),
    ).toBe('ErrorIrresolvableConflict');
    expect(await code(`<m:DeleteItem DeleteType="HardDelete"><m:ItemIds>${id}</m:ItemIds></m:DeleteItem>`)).toBe(
      'ErrorSendMeetingCancellationsRequired',
    );
    expect(
      await code(
        '<m:CreateItem><m:Items><t:CalendarItem><t:Subject>x</t:Subject></t:CalendarItem></m:Items></m:CreateItem>',
      ),
    ).toBe('ErrorSendMeetingInvitationsRequired');
    expect(await code(update(id, set('calendar:End', '<t:End>2026-03-01T09:00:00Z</t:End>')))).toBe(
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    );
  });
});

describe('occurrences', () => {
  const series = world.createItem(USER, {
    subject: 'Series',
    start: START,
    end: START + HOUR,
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: '2026-03-03', numberOfOccurrences: 4 },
    },
  });
  const code = async (ids: string) => (await call(getItem(ids))).codes[0];

  it('are addressed by index, by their own id, and lead to their master', async () => {
    const second = await call(getItem(`<t:OccurrenceItemId RecurringMasterId="${series.id}" InstanceIndex="2"/>`));
    expect([second.first('CalendarItemType'), second.first('Start')]).toEqual(['Occurrence', '2026-03-04T09:00:00Z']);
    const id = second.all('ItemId')[0]?.attribute('Id') ?? '';
    const master = await call(getItem(`<t:RecurringMasterItemId OccurrenceId="${id}"/>`));
    expect([master.first('CalendarItemType'), master.first('IsRecurring')]).toEqual(['RecurringMaster', 'false']);
    expect(await code(`<t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="1"/>`)).toBe(
      'ErrorCalendarCannotUseIdForRecurringMasterId',
    );
    expect(await code(`<t:RecurringMasterItemId OccurrenceId="${series.id}"/>`)).toBe(
      'ErrorCalendarCannotUseIdForOccurrenceId',
    );
    expect(await code(`<t:OccurrenceItemId RecurringMasterId="${series.id}" InstanceIndex="5"/>`)).toBe(
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
    );
  });

  it('may not cross their neighbours', async () => {
    const crossing = await call(
      update(
        `<t:OccurrenceItemId RecurringMasterId="${series.id}" InstanceIndex="2"/>`,
        set('calendar:Start', '<t:Start>2026-03-05T09:30:00Z</t:Start>') +
          set('calendar:End', '<t:End>2026-03-05T10:30:00Z</t:End>'),
      ),
    );
    expect(crossing.codes).toEqual(['ErrorOccurrenceCrossingBoundary']);
  });

  it('changed or deleted show as an update of the master, and nothing else', async () => {
    const sync = async (state: string) =>
      call(
        `<m:SyncFolderItems><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`,
      );
    const state = (await sync('')).first('SyncState') ?? '';
    expect(state.startsWith('H4sIAAAA')).toBe(true);
    expect(state.length).toBeGreaterThan(500);
    world.updateItem(USER, series.id, { subject: 'Once' }, { occurrence: START + 24 * HOUR });
    world.deleteItem(USER, series.id, { occurrence: START + 48 * HOUR });
    const changes = await sync(state);
    expect(changes.all('Changes')[0]?.children.map((change) => change.name)).toEqual(['Update']);
    for (const name of ['Body', 'Recurrence', 'RequiredAttendees', 'ModifiedOccurrences', 'DeletedOccurrences']) {
      expect(changes.text).not.toContain(`<t:${name}`);
    }
    for (const damaged of [
      state.slice(0, -8),
      `${state.slice(0, 100)}${state[100] === 'A' ? 'B' : 'A'}${state.slice(101)}`,
      'H4sI',
      '!!!',
    ])
      expect((await sync(damaged)).codes).toEqual(['ErrorInvalidSyncStateData']);
    world.getMailbox(USER).epoch += 1;
    expect((await sync(state)).codes).toEqual(['ErrorInvalidSyncStateData']);
  });
});

describe('times', () => {
  const create = (inner: string): string =>
    `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>T</t:Subject>${inner}</t:CalendarItem></m:Items></m:CreateItem>`;
  const read = async (reply: Awaited<ReturnType<typeof call>>, timeZone?: string) =>
    call(
      getItem(`<t:ItemId Id="${reply.all('ItemId')[0]?.attribute('Id')}"/>`),
      timeZone === undefined ? {} : { timeZone },
    );

  it('without offset are wall time of the item’s zone, of the context, or UTC; answers follow the context', async () => {
    const times = '<t:Start>2026-07-01T10:00:00</t:Start><t:End>2026-07-01T11:00:00</t:End>';
    const inZone = await call(
      create(`${times}<t:StartTimeZone Id="Russian Standard Time"/><t:EndTimeZone Id="Russian Standard Time"/>`),
    );
    expect((await read(inZone)).first('Start')).toBe('2026-07-01T07:00:00Z');
    expect((await read(inZone, 'W. Europe Standard Time')).first('Start')).toBe('2026-07-01T09:00:00+02:00');
    const inContext = await call(create(times), { timeZone: 'W. Europe Standard Time' });
    const shown = await read(inContext);
    expect([shown.first('Start'), shown.all('StartTimeZone')[0]?.attribute('Id')]).toEqual([
      '2026-07-01T08:00:00Z',
      'W. Europe Standard Time',
    ]);
    expect((await read(await call(create(times)))).first('Start')).toBe('2026-07-01T10:00:00Z');
  });

  it('before 1601 and after 4500 are out of range', async () => {
    for (const year of ['0001', '1600', '4501', '9999']) {
      const times = `<t:Start>${year}-01-01T10:00:00</t:Start><t:End>${year}-01-01T11:00:00</t:End><t:StartTimeZone Id="Russian Standard Time"/>`;
      expect((await call(create(times))).codes).toEqual(['ErrorCalendarOutOfRange']);
    }
    expect(
      (await call(create('<t:Start>4499-12-31T10:00:00Z</t:Start><t:End>4499-12-31T11:00:00Z</t:End>'))).codes,
    ).toEqual(['NoError']);
  });

  it('of another zone alone keep the wall time', async () => {
    const item = world.createItem(USER, {
      subject: 'Zone',
      start: START,
      end: START + HOUR,
      startZone: { id: 'Russian Standard Time' },
    });
    await call(update(`<t:ItemId Id="${item.id}"/>`, set('calendar:StartTimeZone', '<t:StartTimeZone Id="UTC"/>')));
    expect(world.getItem(USER, item.id)?.start).toBe(START + 3 * HOUR);
  });

  it('of all-day items cover whole days of the zone', async () => {
    const reply = await call(
      create(
        '<t:Start>2026-07-01T08:00:00Z</t:Start><t:End>2026-07-02T08:00:00Z</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:StartTimeZone Id="Russian Standard Time"/>',
      ),
    );
    const shown = await read(reply);
    expect([shown.first('Start'), shown.first('End'), shown.first('LegacyFreeBusyStatus')]).toEqual([
      '2026-06-30T21:00:00Z',
      '2026-07-02T21:00:00Z',
      'Free',
    ]);
  });
});

describe('autodiscover', () => {
  const soap = (users: readonly string[], version = 'Exchange2013'): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"><s:Header><a:RequestedServerVersion>${version}</a:RequestedServerVersion></s:Header><s:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>${users.map((user) => `<a:User><a:Mailbox>${user}</a:Mailbox></a:User>`).join('')}</a:Users><a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>GroupingInformation</a:Setting><a:Setting>PublicFolderServer</a:Setting></a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></s:Body></s:Envelope>`;
  const ask = async (server: typeof exchange, body: string, path = '/autodiscover/autodiscover.svc') => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: basic('svc@example.test'), 'content-type': 'text/xml' },
      body,
    });
    return toReply(response.status, await response.text());
  };

  it('answers many users with errors at three levels', async () => {
    const reply = await ask(exchange, soap([USER, 'ghost@example.test']));
    expect(reply.all('UserResponse').map((user) => user.childText('ErrorCode'))).toEqual(['NoError', 'InvalidUser']);
    expect(reply.all('UserSetting').map((setting) => setting.childText('Name'))).toEqual([
      'ExternalEwsUrl',
      'GroupingInformation',
    ]);
    expect(reply.all('UserSettingError')[0]?.childText('ErrorCode')).toBe('SettingIsNotAvailable');
    expect((await ask(exchange, soap([USER], 'V2015_10_05'))).first('ErrorCode')).toBe('InvalidRequest');
  });

  it('redirects by address and by URL, in SOAP and in the older form', async () => {
    const other = await openExchange({
      autodiscover: {
        redirectAddress: { 'old@example.test': 'user1@example.test' },
        redirectUrl: { 'far@example.test': 'https://elsewhere.example/autodiscover/autodiscover.svc' },
      },
    });
    const reply = await ask(other.exchange, soap(['old@example.test', 'far@example.test']));
    expect(
      reply.all('UserResponse').map((user) => [user.childText('ErrorCode'), user.childText('RedirectTarget')]),
    ).toEqual([
      ['RedirectAddress', 'user1@example.test'],
      ['RedirectUrl', 'https://elsewhere.example/autodiscover/autodiscover.svc'],
    ]);
    const pox = (address: string): string =>
      `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
    const path = '/Autodiscover/Autodiscover.xml';
    expect((await ask(other.exchange, pox(USER), path)).first('EwsUrl')).toBe(other.exchange.ewsUrl);
    expect((await ask(other.exchange, pox('old@example.test'), path)).first('RedirectAddr')).toBe('user1@example.test');
    const bad = await ask(other.exchange, '<nonsense', path);
    expect([bad.status, bad.first('ErrorCode')]).toEqual([200, '600']);
  });
});

closeAndValidate();
