/** What a server says to a client that asks for the impossible: codes of the documentation, never a torn connection or a 500 without a code. */
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAndValidate, envelope, openExchange } from './support/ews-caller.ts';

const { call, world, exchange } = await openExchange();
const USER = 'user1@example.test';
const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 5, 10);
const SHAPE = '<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>';
const CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>';
const code = async (body: string): Promise<string | undefined> => (await call(body)).codes[0];
const get = (id: string): string => `<m:GetItem>${SHAPE}<m:ItemIds>${id}</m:ItemIds></m:GetItem>`;
const find = (view: string, folder = 'calendar'): string =>
  `<m:FindItem Traversal="Shallow">${SHAPE}${view}<m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`;
const update = (id: string, changes: string, how: string): string =>
  `<m:UpdateItem ConflictResolution="${how}" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange>${id}<t:Updates>${changes}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;
const set = (uri: string, value: string): string =>
  `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${value}</t:CalendarItem></t:SetItemField>`;
const remove = (id: string): string =>
  `<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds>${id}</m:ItemIds></m:DeleteItem>`;

describe('ids', () => {
  it.each([
    ['nothing', '', 'ErrorInvalidIdEmpty'],
    ['blanks', '  ', 'ErrorInvalidIdMalformed'],
    ['half an id', 'AAMk', 'ErrorInvalidIdMalformed'],
    ['no base64', '%%%%', 'ErrorInvalidIdMalformed'],
  ])('%s is %s: %s', async (_what, id, expected) => {
    expect(await code(get(`<t:ItemId Id="${id}"/>`))).toBe(expected);
  });

  it('of a folder is no id of an item, and of a stranger’s item leads nowhere', async () => {
    const folder = await call(
      `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>${CALENDAR}</m:FolderIds></m:GetFolder>`,
    );
    const id = folder.all('FolderId')[0]?.attribute('Id') ?? '';
    expect(await code(get(`<t:ItemId Id="${id}"/>`))).toBe('ErrorCannotUseFolderIdForItemId');
    const theirs = world.createItem('user2@example.test', { subject: 'Theirs', start: START, end: START + HOUR });
    expect(await code(get(`<t:ItemId Id="${theirs.id}"/>`))).toBe('ErrorItemNotFound');
    expect(await code(get(`<t:ItemId Id="${theirs.id.toLowerCase()}"/>`))).toBe('ErrorInvalidIdMalformed');
  });
});

describe('occurrences', () => {
  let master = '';
  const occurrence = (index: number): string =>
    `<t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/>`;

  beforeAll(() => {
    master = world.createItem(USER, {
      subject: 'Daily',
      start: START,
      end: START + HOUR,
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'Numbered', startDate: '2027-01-05', numberOfOccurrences: 3 },
      },
    }).id;
  });

  it('have indices from one to the last', async () => {
    for (const index of [0, -1, 4, 99_999_999])
      expect(await code(get(occurrence(index)))).toBe('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
    expect(await code(get(occurrence(3)))).toBe('NoError');
  });

  it('belong to a series: a single item has none and is none', async () => {
    const single = world.createItem(USER, { subject: 'Single', start: START, end: START + HOUR }).id;
    expect(await code(get(`<t:OccurrenceItemId RecurringMasterId="${single}" InstanceIndex="1"/>`))).toBe(
      'ErrorCalendarCannotUseIdForRecurringMasterId',
    );
    expect(await code(get(`<t:RecurringMasterItemId OccurrenceId="${single}"/>`))).toBe(
      'ErrorCalendarCannotUseIdForOccurrenceId',
    );
  });

  it('stay in their folder, do not jump over their neighbours and have no pattern of their own', async () => {
    const id = (await call(get(occurrence(2)))).all('ItemId')[0]?.attribute('Id') ?? '';
    const named = `<t:ItemId Id="${id}"/>`;
    expect(
      await code(
        `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds>${named}</m:ItemIds></m:MoveItem>`,
      ),
    ).toBe('ErrorCalendarCannotMoveOrCopyOccurrence');
    const later =
      set('calendar:Start', '<t:Start>2027-01-07T12:00:00Z</t:Start>') +
      set('calendar:End', '<t:End>2027-01-07T13:00:00Z</t:End>');
    expect(await code(update(named, later, 'AlwaysOverwrite'))).toBe('ErrorOccurrenceCrossingBoundary');
    const pattern =
      '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2027-01-05</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
    expect(await code(update(named, set('calendar:Recurrence', pattern), 'AlwaysOverwrite'))).toBe(
      'ErrorCalendarInvalidPropertyState',
    );
  });

  it('go with their master, which may be deleted by any of them', async () => {
    const id = (await call(get(occurrence(2)))).all('ItemId')[0]?.attribute('Id') ?? '';
    expect(await code(remove(`<t:RecurringMasterItemId OccurrenceId="${id}"/>`))).toBe('NoError');
    expect(await code(get(`<t:ItemId Id="${id}"/>`))).toBe('ErrorItemNotFound');
    expect(await code(get(occurrence(1)))).toBe('ErrorItemNotFound');
    expect(await code(get(`<t:RecurringMasterItemId OccurrenceId="${id}"/>`))).toBe('ErrorItemNotFound');
    expect(await code(remove(`<t:ItemId Id="${master}"/>`))).toBe('ErrorItemNotFound');
  });
});

describe('two people change one item', () => {
  const subject = (text: string): string => set('item:Subject', `<t:Subject>${text}</t:Subject>`);
  const location = (text: string): string => set('calendar:Location', `<t:Location>${text}</t:Location>`);

  it.each([
    ['AutoResolve', 'another property', 'NoError'],
    ['NeverOverwrite', 'another property', 'ErrorIrresolvableConflict'],
    ['AlwaysOverwrite', 'another property', 'NoError'],
    ['AutoResolve', 'the same property', 'ErrorIrresolvableConflict'],
    ['NeverOverwrite', 'the same property', 'ErrorIrresolvableConflict'],
    ['AlwaysOverwrite', 'the same property', 'NoError'],
  ])('%s with %s changed meanwhile: %s', async (how, which, expected) => {
    const item = world.createItem(USER, { subject: 'Before', start: START, end: START + HOUR });
    world.updateItem(USER, item.id, which === 'the same property' ? { subject: 'Theirs' } : { location: 'Theirs' });
    const old = `<t:ItemId Id="${item.id}" ChangeKey="${item.changeKey}"/>`;
    expect(await code(update(old, subject('Mine'), how))).toBe(expected);
    const now = world.getItem(USER, item.id);
    expect(now?.subject).toBe(expected === 'NoError' ? 'Mine' : which === 'the same property' ? 'Theirs' : 'Before');
    if (which === 'another property') expect(now?.location).toBe('Theirs');
  });

  it('occurrences are merged apart from their master', async () => {
    const item = world.createItem(USER, {
      subject: 'Series',
      start: START,
      end: START + HOUR,
      recurrence: { pattern: { type: 'Daily', interval: 1 }, range: { type: 'NoEnd', startDate: '2027-01-05' } },
    });
    world.updateItem(USER, item.id, { location: 'Hall' }, { occurrence: START + 24 * HOUR });
    const old = `<t:ItemId Id="${item.id}" ChangeKey="${item.changeKey}"/>`;
    expect(await code(update(old, location('Everywhere'), 'AutoResolve'))).toBe('NoError');
    const second = `<t:OccurrenceItemId RecurringMasterId="${item.id}" InstanceIndex="2" ChangeKey="${item.changeKey}"/>`;
    expect(await code(update(second, location('Room'), 'AutoResolve'))).toBe('ErrorIrresolvableConflict');
    expect(await code(update(second, subject('Own'), 'AutoResolve'))).toBe('NoError');
  });

  it('a key of nobody is no key, and a version long forgotten is a conflict', async () => {
    const item = world.createItem(USER, { subject: 'Busy', start: START, end: START + HOUR });
    const wrong = `<t:ItemId Id="${item.id}" ChangeKey="DwAAAA=="/>`;
    expect(await code(update(wrong, subject('x'), 'AutoResolve'))).toBe('ErrorInvalidChangeKey');
    for (let round = 0; round < 60; round += 1) world.updateItem(USER, item.id, { location: `Room ${round}` });
    const old = `<t:ItemId Id="${item.id}" ChangeKey="${item.changeKey}"/>`;
    expect(await code(update(old, subject('x'), 'AutoResolve'))).toBe('ErrorIrresolvableConflict');
  });
});

describe('views, pages and states', () => {
  const view = (from: string, to: string, more = ''): string =>
    `<m:CalendarView StartDate="${from}T00:00:00Z" EndDate="${to}T00:00:00Z"${more}/>`;

  it.each([
    ['two years', view('2026-01-01', '2028-01-01'), 'calendar', 'NoError'],
    ['more than two years', view('2026-01-01', '2028-01-04'), 'calendar', 'ErrorCalendarViewRangeTooBig'],
    ['backwards', view('2026-01-02', '2026-01-01'), 'calendar', 'ErrorCalendarEndDateIsEarlierThanStartDate'],
    ['of an inbox', view('2026-01-01', '2026-01-02'), 'inbox', 'ErrorCalendarFolderIsInvalidForCalendarView'],
    [
      'of no rows',
      view('2026-01-01', '2026-01-02', ' MaxEntriesReturned="0"'),
      'calendar',
      'ErrorInvalidPagingMaxRows',
    ],
    [
      'from before the first row',
      '<m:IndexedPageItemView Offset="-1" BasePoint="Beginning"/>',
      'calendar',
      'ErrorInvalidIndexedPagingParameters',
    ],
    [
      'of more than the whole',
      '<m:FractionalPageItemView Numerator="3" Denominator="2"/>',
      'calendar',
      'ErrorInvalidFractionalPagingParameters',
    ],
  ])('a view %s', async (_what, body, folder, expected) => {
    expect(await code(find(body, folder))).toBe(expected);
  });

  it('a page may begin at the first item that meets a condition', async () => {
    const subjects = ['Ant', 'Bee', 'Cat', 'Dog'];
    for (const subject of subjects)
      world.createItem('user5@example.test', { subject, start: START, end: START + HOUR });
    const seek = (from: string): string =>
      `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:SeekToConditionPageItemView BasePoint="${from}" MaxEntriesReturned="2"><t:Condition><t:IsGreaterThanOrEqualTo><t:FieldURI FieldURI="item:Subject"/><t:FieldURIOrConstant><t:Constant Value="Bee"/></t:FieldURIOrConstant></t:IsGreaterThanOrEqualTo></t:Condition></m:SeekToConditionPageItemView><m:SortOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Subject"/></t:FieldOrder></m:SortOrder><m:ParentFolderIds>${CALENDAR}</m:ParentFolderIds></m:FindItem>`;
    const shown = async (from: string): Promise<string[]> =>
      (await call(seek(from), { user: 'user5@example.test' })).all('Subject').map((element) => element.text);
    expect(await shown('Beginning')).toEqual(['Bee', 'Cat']);
    expect(await shown('End')).toEqual(['Cat', 'Dog']);
  });

  it('a state of folders is none of items, and 512 changes are the most', async () => {
    const folders = await call(
      '<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape></m:SyncFolderHierarchy>',
    );
    const sync = (state: string, max: number): string =>
      `<m:SyncFolderItems>${SHAPE}<m:SyncFolderId>${CALENDAR}</m:SyncFolderId>${state}<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;
    const foreign = `<m:SyncState>${folders.first('SyncState')}</m:SyncState>`;
    expect(await code(sync(foreign, 10))).toBe('ErrorInvalidSyncStateData');
    expect(await code(sync('', 512))).toBe('NoError');
    const tooMany = await call(sync('', 513));
    expect(tooMany.codes).toEqual(['ErrorSchemaValidation']);
    expect(Number(tooMany.first('LinePosition'))).toBeGreaterThan(0);
    expect(tooMany.first('Violation')).toContain('MaxChangesReturned');
  });
});

describe('a server started anew', () => {
  const sync = (state = ''): string =>
    `<m:SyncFolderItems>${SHAPE}<m:SyncFolderId>${CALENDAR}</m:SyncFolderId>${state && `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`;
  const start = () => openExchange({ worldOptions: { itemsPerMailbox: 20, seed: 3, base: START } });

  it('goes on from a state that knows what its seed makes, and refuses one that has seen more', async () => {
    const before = await start();
    const seeded = (await before.call(sync())).first('SyncState');
    before.world.createItem(USER, { subject: 'More', start: START, end: START + HOUR });
    const more = (await before.call(sync(seeded))).first('SyncState');
    const after = await start();
    for (const subject of ['Other', 'Another', 'Yet another'])
      after.world.createItem(USER, { subject, start: START, end: START + HOUR });
    expect((await after.call(sync(seeded))).all('Create')).toHaveLength(3);
    expect((await after.call(sync(more))).codes).toEqual(['ErrorInvalidSyncStateData']);
  });
});

describe('operations', () => {
  it('that this server does not offer are refused by name, auditors’ ones for want of a role', async () => {
    const reply = await call('<m:GetImItemList/>');
    expect([reply.status, ...reply.codes]).toEqual([500, 'ErrorInvalidOperation']);
    expect(await code('<m:GetSearchableMailboxes/>')).toBe('ErrorAccessDenied');
  });

  it('about the account have the answers of an organisation without rules', async () => {
    for (const operation of ['GetInboxRules', 'GetUserRetentionPolicyTags'])
      expect(await code(`<m:${operation}/>`), operation).toBe('NoError');
    expect((await call('<m:GetPasswordExpirationDate/>')).first('PasswordExpirationDate')).toBe('9999-12-31T23:59:59Z');
    const theirs = '<m:MailboxSmtpAddress>user2@example.test</m:MailboxSmtpAddress>';
    expect(await code(`<m:GetInboxRules>${theirs}</m:GetInboxRules>`)).toBe('ErrorAccessDenied');
  });

  it('a client without a Kerberos ticket gets all three challenges', async () => {
    for (const authorization of [
      'Negotiate',
      'Negotiate ',
      'Negotiate YIIGhgYGKwYBBQUC',
      'NTLM x',
      'Bearer x',
      'Basic !',
    ]) {
      const response = await fetch(exchange.ewsUrl, {
        method: 'POST',
        headers: { 'content-type': 'text/xml', authorization },
        body: envelope('<m:GetRoomLists/>'),
      });
      expect(response.status, authorization).toBe(401);
      expect(response.headers.get('www-authenticate'), authorization).toMatch(/^Negotiate, NTLM, Basic realm=/);
    }
  });
});

closeAndValidate();
