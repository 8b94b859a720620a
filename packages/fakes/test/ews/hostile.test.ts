/** Requests nobody sane would send: every one gets an answer of Exchange's kind, none a defect of the fake. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/world/random.ts';
import { closeAndValidate, openExchange } from './support/ews-caller.ts';

const USER = 'user1@example.test';
const START = Date.UTC(2026, 2, 3, 9);
const ROUNDS = Number(process.env.ROUNDS ?? 800);

const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '99999999999',
  '1e9',
  'NaN',
  'true',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '1601-01-01T00:00:00Z',
  '4500-09-01T00:00:00',
  '2026-02-30T00:00:00Z',
  '2026-03-03T25:00:00Z',
  '2026-03-03',
  '2026-03-29T02:30:00',
  'AAMk',
  '=',
  '\u0000',
  '&#x1F;',
  '&amp;',
  '<t:Subject/>',
  'Europe/Moscow',
  'No Such Zone',
  'x'.repeat(5000),
  'user2@example.test',
  '../..',
  '%s%n',
];

describe('hostile requests', async () => {
  const { world, call } = await openExchange();
  const single = world.createItem(USER, { subject: 'Single', start: START, end: START + 3_600_000 });
  const series = world.createItem(USER, {
    subject: 'Series',
    start: START,
    end: START + 3_600_000,
    attendees: [{ name: 'b', address: 'user2@example.test', role: 'required', response: 'Unknown' }],
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: '2026-03-03', numberOfOccurrences: 9 },
    },
  });
  const occurrence =
    world.listItems(USER, { from: START, to: START + 9 * 86_400_000 }).find((item) => item.kind === 'occurrence')?.id ??
    '';
  const state = (
    await call(
      '<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId><m:MaxChangesReturned>1</m:MaxChangesReturned></m:SyncFolderItems>',
    )
  ).first('SyncState');
  const shape = '<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>';
  const calendar = '<t:DistinguishedFolderId Id="calendar"/>';
  const set = (uri: string, value: string): string =>
    `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${value}</t:CalendarItem></t:SetItemField>`;
  const requests = [
    `<m:GetItem>${shape}<m:ItemIds><t:ItemId Id="${single.id}"/><t:ItemId Id="${occurrence}"/><t:OccurrenceItemId RecurringMasterId="${series.id}" InstanceIndex="2"/><t:RecurringMasterItemId OccurrenceId="${occurrence}"/></m:ItemIds></m:GetItem>`,
    `<m:FindItem Traversal="Shallow">${shape}<m:CalendarView MaxEntriesReturned="5" StartDate="2026-03-01T00:00:00Z" EndDate="2026-04-01T00:00:00Z"/><m:ParentFolderIds>${calendar}</m:ParentFolderIds></m:FindItem>`,
    `<m:FindItem Traversal="Shallow">${shape}<m:IndexedPageItemView MaxEntriesReturned="5" Offset="1" BasePoint="End"/><m:Restriction><t:And><t:IsGreaterThan><t:FieldURI FieldURI="calendar:Start"/><t:FieldURIOrConstant><t:Constant Value="2026-03-01T00:00:00Z"/></t:FieldURIOrConstant></t:IsGreaterThan><t:Contains ContainmentMode="Substring" ContainmentComparison="IgnoreCase"><t:FieldURI FieldURI="item:Subject"/><t:Constant Value="s"/></t:Contains></t:And></m:Restriction><m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="calendar:Start"/></t:FieldOrder></m:SortOrder><m:ParentFolderIds>${calendar}</m:ParentFolderIds></m:FindItem>`,
    `<m:SyncFolderItems>${shape}<m:SyncFolderId>${calendar}</m:SyncFolderId><m:SyncState>${state}</m:SyncState><m:Ignore><t:ItemId Id="${single.id}"/></m:Ignore><m:MaxChangesReturned>10</m:MaxChangesReturned></m:SyncFolderItems>`,
    '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>n</t:Subject><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart><t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="7f8c2c5e-3a53-4b7e-9d0a-5c1f6a2e9b41" PropertyName="a" PropertyType="String"/><t:Value>v</t:Value></t:ExtendedProperty><t:Start>2026-03-09T10:00:00</t:Start><t:End>2026-03-09T11:00:00</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:Location>l</t:Location><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-09</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence><t:StartTimeZone Id="Russian Standard Time"/></t:CalendarItem></m:Items></m:CreateItem>',
    '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>m</t:Subject><t:Start>2026-03-09T10:00:00Z</t:Start><t:End>2026-03-09T11:00:00Z</t:End><t:Recurrence><t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence><t:EndDateRecurrence><t:StartDate>2026-03-09</t:StartDate><t:EndDate>2026-09-09</t:EndDate></t:EndDateRecurrence></t:Recurrence></t:CalendarItem></m:Items></m:CreateItem>',
    `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange><t:OccurrenceItemId RecurringMasterId="${series.id}" InstanceIndex="3"/><t:Updates>${set('calendar:Start', '<t:Start>2026-03-05T09:10:00Z</t:Start>')}${set('calendar:End', '<t:End>2026-03-05T10:10:00Z</t:End>')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToAllAndSaveCopy"><m:ItemChanges><t:ItemChange><t:ItemId Id="${series.id}"/><t:Updates>${set('calendar:Start', '<t:Start>2026-03-03T09:00:00Z</t:Start>')}${set('calendar:End', '<t:End>2026-03-03T10:00:00Z</t:End>')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    '<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>480</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>4</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>user1@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2026-03-02T00:00:00</t:StartTime><t:EndTime>2026-03-12T00:00:00</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>DetailedMerged</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>',
    '<m:GetReminders><m:BeginTime>2026-03-02T00:00:00Z</m:BeginTime><m:EndTime>2026-03-12T00:00:00Z</m:EndTime><m:MaxItems>5</m:MaxItems></m:GetReminders>',
    `<m:ConvertId DestinationFormat="HexEntryId"><m:SourceIds><t:AlternateId Format="EwsId" Id="${single.id}" Mailbox="user1@example.test"/></m:SourceIds></m:ConvertId>`,
    '<m:GetServerTimeZones ReturnFullTimeZoneData="true"><m:Ids><t:Id>UTC</t:Id></m:Ids></m:GetServerTimeZones>',
    '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>user</m:UnresolvedEntry></m:ResolveNames>',
    `<m:CreateItem MessageDisposition="SendOnly"><m:Items><t:AcceptItem><t:ReferenceItemId Id="${occurrence}"/></t:AcceptItem></m:Items></m:CreateItem>`,
    `<m:CreateAttachment><m:ParentItemId Id="${single.id}"/><m:Attachments><t:FileAttachment><t:Name>n</t:Name><t:Content>AAEC</t:Content></t:FileAttachment></m:Attachments></m:CreateAttachment>`,
  ];

  it('of all kinds are answered', async () => {
    for (const request of requests) {
      const reply = await call(request);
      expect(reply.codes.length, request).toBeGreaterThan(0);
      expect(reply.codes, request).not.toContain('ErrorSchemaValidation');
    }
  });

  it(`${ROUNDS} times with something nasty in the place of a value`, { timeout: 200_000 }, async () => {
    const random = new Random(Number(process.env.SEED ?? 20260303));
    const codes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const request = requests[random.below(requests.length)] ?? '';
      const places = [...request.matchAll(/"([^"<>]*)"|>([^<>]+)</g)];
      const place = places[random.below(places.length)];
      const value = NASTY[random.below(NASTY.length)] ?? '';
      const start = (place?.index ?? 0) + 1;
      const mutated = request.slice(0, start) + value + request.slice(start + (place?.[1] ?? place?.[2] ?? '').length);
      const zone = random.chance(0.3)
        ? { timeZone: random.chance(0.8) ? 'W. Europe Standard Time' : value.replace(/[<>&"\u0000]/g, '') }
        : {};
      const reply = await call(mutated, zone);
      expect([200, 500], mutated).toContain(reply.status);
      expect(reply.codes.length, mutated).toBeGreaterThan(0);
      for (const code of reply.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(reply.codes, mutated).not.toContain('ErrorInternalServerError');
    }
    expect(codes.size).toBeGreaterThan(10);
  });

  closeAndValidate();
});
