/**
 * Answers of Exchange as large as real ones, for bench:ews. Shapes follow facts/ews-javascript-api.md §3:
 * 100 full items (12 attendees, recurrence with exceptions, two full zone definitions, 6 KB of HTML, one named property),
 * and 512 id-only changes.
 */
const MESSAGES = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const TYPES = 'http://schemas.microsoft.com/exchange/services/2006/types';

function envelope(operation: string, messages: string): Buffer {
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" Version="V2017_07_11" xmlns:h="${TYPES}" xmlns="${TYPES}"/></s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><m:${operation}Response xmlns:m="${MESSAGES}" xmlns:t="${TYPES}"><m:ResponseMessages>${messages}</m:ResponseMessages></m:${operation}Response></s:Body></s:Envelope>`,
  );
}

function id(kind: string, n: number): string {
  return `AAMkADIwMGQ3${Buffer.from(`${kind}-${n}-`.padEnd(100, 'x')).toString('base64')}AAA=`.slice(0, 152);
}

function zone(element: string, n: number): string {
  const names = ['W. Europe Standard Time', 'Pacific Standard Time', 'FLE Standard Time'];
  const name = names[n % names.length];
  const period = (kind: string) => `trule:Microsoft/Registry/${name}/2004-${kind}`;
  const day = (to: string, month: number) =>
    `<t:RecurringDayTransition><t:To Kind="Period">${period(to)}</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>${month}</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>`;
  const group = (g: number) =>
    `<t:TransitionsGroup Id="${g}">${day('Daylight', 3)}${day('Standard', 10)}</t:TransitionsGroup>`;
  return `<t:${element} Name="(UTC+01:00) ${name}" Id="${name}"><t:Periods><t:Period Bias="-PT1H" Name="Standard" Id="${period('Standard')}"/><t:Period Bias="-PT2H" Name="Daylight" Id="${period('Daylight')}"/></t:Periods><t:TransitionsGroups>${group(0)}${group(1)}</t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition><t:AbsoluteDateTransition><t:To Kind="Group">1</t:To><t:DateTime>2007-01-01T00:00:00</t:DateTime></t:AbsoluteDateTransition></t:Transitions></t:${element}>`;
}

function attendee(item: number, n: number): string {
  return `<t:Attendee><t:Mailbox><t:Name>Person ${item % 7}${n} Family-Name</t:Name><t:EmailAddress>person${item % 7}${n}@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType></t:Mailbox><t:ResponseType>${n % 2 === 0 ? 'Accept' : 'Unknown'}</t:ResponseType><t:LastResponseTime>2026-02-0${1 + (n % 9)}T08:00:00Z</t:LastResponseTime></t:Attendee>`;
}

function html(n: number): string {
  const paragraph = `&lt;p class="MsoNormal"&gt;Paragraph of item ${n} with some words, a &lt;b&gt;bold&lt;/b&gt; one and a &lt;a href="https://example.test/c/${n}"&gt;link&lt;/a&gt;.&lt;/p&gt;\n`;
  return `&lt;html&gt;&lt;body&gt;${paragraph.repeat(Math.ceil(6_000 / paragraph.length))}&lt;/body&gt;&lt;/html&gt;`;
}

function occurrence(item: number, n: number): string {
  const day = String(10 + n).padStart(2, '0');
  return `<t:Occurrence><t:ItemId Id="${id('occ', item * 10 + n)}" ChangeKey="DwAAABYAAABqBwTMcF0hQqjG7WxpT0kyAAAB"/><t:Start>2026-03-${day}T10:00:00Z</t:Start><t:End>2026-03-${day}T11:00:00Z</t:End><t:OriginalStart>2026-03-${day}T09:00:00Z</t:OriginalStart></t:Occurrence>`;
}

/** One full recurring meeting; \`n\` makes it different from the others. */
function fullItem(n: number): string {
  const people = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => attendee(n, from + i)).join('');
  const occurrences = [0, 1, 2].map((i) => occurrence(n, i)).join('');
  const deleted = [20, 21]
    .map((day) => `<t:DeletedOccurrence><t:Start>2026-03-${day}T09:00:00Z</t:Start></t:DeletedOccurrence>`)
    .join('');
  return `<t:CalendarItem><t:ItemId Id="${id('item', n)}" ChangeKey="DwAAABYAAABqBwTMcF0hQqjG7WxpT0ky${String(n).padStart(6, '0')}"/><t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Weekly meeting ${n} of the team</t:Subject><t:Sensitivity>Normal</t:Sensitivity><t:Body BodyType="HTML" IsTruncated="false">${html(n)}</t:Body><t:HasAttachments>false</t:HasAttachments><t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/><t:Value>BAAAAIIA4AB0xbcQGoLgCAAAAADoXp7FeQ3WAQAAAAAAAAAAEAAAAFFZ6sXIuQhBt7vJo9U7YFA=</t:Value></t:ExtendedProperty><t:LastModifiedTime>2026-02-01T12:00:00Z</t:LastModifiedTime><t:UID>040000008200E00074C5B7101A82E00800000000${String(n).padStart(24, '0')}</t:UID><t:Start>2026-03-02T09:00:00Z</t:Start><t:End>2026-03-02T10:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:Location>Room ${n % 20}</t:Location><t:IsMeeting>true</t:IsMeeting><t:IsCancelled>false</t:IsCancelled><t:CalendarItemType>RecurringMaster</t:CalendarItemType><t:MyResponseType>Accept</t:MyResponseType><t:Organizer><t:Mailbox><t:Name>Person 00</t:Name><t:EmailAddress>person00@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:Organizer><t:RequiredAttendees>${people(0, 8)}</t:RequiredAttendees><t:OptionalAttendees>${people(8, 12)}</t:OptionalAttendees><t:AppointmentSequenceNumber>3</t:AppointmentSequenceNumber><t:AppointmentState>3</t:AppointmentState><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday Thursday</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence><t:EndDateRecurrence><t:StartDate>2026-03-02Z</t:StartDate><t:EndDate>2026-12-31Z</t:EndDate></t:EndDateRecurrence></t:Recurrence><t:ModifiedOccurrences>${occurrences}</t:ModifiedOccurrences><t:DeletedOccurrences>${deleted}</t:DeletedOccurrences>${zone('StartTimeZone', n)}${zone('EndTimeZone', n)}</t:CalendarItem>`;
}

/** GetItem of `count` full items, numbered from `first`. */
export function getItemAnswer(count: number, first = 0): Buffer {
  const message = (n: number) =>
    `<m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items>${fullItem(n)}</m:Items></m:GetItemResponseMessage>`;
  return envelope('GetItem', Array.from({ length: count }, (_, i) => message(first + i)).join(''));
}

/** SyncFolderItems with id-only changes. */
export function syncAnswer(count: number): Buffer {
  const change = (n: number) => {
    const key = `DwAAABYAAABqBwTMcF0hQqjG7WxpT0ky${String(n).padStart(6, '0')}`;
    const itemId = `<t:ItemId Id="${id('sync', n)}" ChangeKey="${key}"/>`;
    if (n % 8 === 7) return `<t:Delete>${itemId}</t:Delete>`;
    const kind = n % 3 === 0 ? 'Update' : 'Create';
    return `<t:${kind}><t:CalendarItem>${itemId}</t:CalendarItem></t:${kind}>`;
  };
  const changes = Array.from({ length: count }, (_, n) => change(n)).join('');
  const content = `<m:SyncState>${'H4sIAAAAAAAEAO29B2AcSZYlJi9t'.repeat(20)}</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`;
  return envelope(
    'SyncFolderItems',
    `<m:SyncFolderItemsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:SyncFolderItemsResponseMessage>`,
  );
}
