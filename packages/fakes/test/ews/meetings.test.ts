/** Meetings between mailboxes: copies, answers, exceptions, rooms, lists, delegates, privacy, identity (facts section 2). */
import { describe, expect, it } from 'vitest';
import type { AttendeeEntry } from '../../src/world/model.ts';
import { closeAndValidate, openExchange } from './support/ews-caller.ts';

const [A, B, C] = ['user1@example.test', 'user2@example.test', 'user3@example.test'];
const START = Date.UTC(2026, 2, 3, 9);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const invite = (...addresses: string[]): AttendeeEntry[] =>
  addresses.map((address) => ({ name: address, address, role: 'required', response: 'Unknown' }));
const meeting = (...addresses: string[]) => ({
  subject: 'Meeting',
  start: START,
  end: START + HOUR,
  attendees: invite(...addresses),
});
const daily = (count: number) => ({
  recurrence: {
    pattern: { type: 'Daily' as const, interval: 1 },
    range: { type: 'Numbered' as const, startDate: '2026-03-03', numberOfOccurrences: count },
  },
});
const SPAN = { from: START - DAY, to: START + 30 * DAY };
const getItem = (id: string, properties = ''): string =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>${properties === '' ? '' : `<t:AdditionalProperties>${properties}</t:AdditionalProperties>`}</m:ItemShape><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:GetItem>`;
const GOIDS = [3, 35]
  .map(
    (id) =>
      `<t:ExtendedFieldURI PropertySetId="6ED8DA90-450B-101B-98DA-00AA003F1305" PropertyId="${id}" PropertyType="Binary"/>`,
  )
  .join('');

describe('meetings', async () => {
  const { world, call } = await openExchange();

  it('have one identity in all mailboxes, and occurrences one with their date in it', async () => {
    const { id, uid } = world.createItem(A, { ...meeting(B), ...daily(3) });
    const [copy] = world.listItems(B);
    const theirs = await call(getItem(copy?.id ?? '', GOIDS), { user: B });
    const [goid, clean] = theirs.all('ExtendedProperty').map((property) =>
      Buffer.from(property.childText('Value') ?? '', 'base64')
        .toString('hex')
        .toUpperCase(),
    );
    expect([goid, clean, theirs.first('UID')]).toEqual([uid, uid, uid]);
    expect([copy?.id.length, copy?.changeKey.length, copy?.id === id]).toEqual([152, 40, false]);
    const occurrence = world.listItems(B, SPAN)[1];
    const once = await call(getItem(occurrence?.id ?? '', GOIDS), { user: B });
    const [dated, same] = once.all('ExtendedProperty').map((property) =>
      Buffer.from(property.childText('Value') ?? '', 'base64')
        .toString('hex')
        .toUpperCase(),
    );
    expect([dated?.slice(32, 40), same, occurrence?.id.length]).toEqual(['07EA0304', uid, 168]);
    expect(once.first('RecurrenceId')).toBe('2026-03-04T09:00:00Z');
    world.cancelItem(A, id);
  });

  it('show the organizer who answered, and attendees nothing of each other', async () => {
    const { id } = world.createItem(A, meeting(B, C));
    world.respond(B, world.listItems(B).at(-1)?.id ?? '', 'tentative');
    const own = await call(getItem(id));
    expect(own.all('Attendee').map((attendee) => attendee.childText('ResponseType'))).toEqual(['Tentative', 'Unknown']);
    const copyOfC = world.listItems(C).find((item) => item.subject === 'Meeting');
    const others = await call(getItem(copyOfC?.id ?? ''), { user: C });
    expect(others.all('Attendee').map((attendee) => attendee.childText('ResponseType'))).toEqual([
      'Unknown',
      'Unknown',
    ]);
    expect([
      others.first('MyResponseType'),
      others.first('LegacyFreeBusyStatus'),
      others.first('AppointmentState'),
    ]).toEqual(['NoResponseReceived', 'Tentative', '3']);
    world.cancelItem(A, id);
  });

  it('somebody invited to one occurrence only gets an exception without a master', async () => {
    const { id } = world.createItem(A, { ...meeting(B), subject: 'Open house', ...daily(3) });
    world.updateItem(A, id, { attendees: invite(B, C) }, { occurrence: START + DAY });
    const [orphan] = world.listItems(C, SPAN).filter((item) => item.subject === 'Open house');
    expect([orphan?.kind, orphan?.originalStart, orphan?.start]).toEqual(['exception', START + DAY, START + DAY]);
    const reply = await call(getItem(orphan?.id ?? ''), { user: C });
    expect([reply.first('CalendarItemType'), reply.first('IsRecurring'), reply.first('OriginalStart')]).toEqual([
      'Exception',
      'true',
      '2026-03-04T09:00:00Z',
    ]);
    world.respond(C, orphan?.id ?? '', 'accept');
    const occurrence = world
      .listItems(A, SPAN)
      .find((item) => item.originalStart === START + DAY && item.subject === 'Open house');
    expect(occurrence?.attendees.map((attendee) => attendee.response)).toEqual(['Unknown', 'Accept']);
    expect(world.listItems(B, SPAN).filter((item) => item.subject === 'Open house').length).toBe(3);
    world.cancelItem(A, id);
    expect(world.listItems(C).filter((item) => item.subject === 'Canceled: Open house').length).toBe(1);
  });

  it('one cancelled occurrence stays with attendees, flagged; the organizer’s is gone', async () => {
    const { id } = world.createItem(A, { ...meeting(B), subject: 'Daily', ...daily(3) });
    const second = world
      .listItems(A, SPAN)
      .find((item) => item.subject === 'Daily' && item.originalStart === START + DAY);
    world.cancelItem(A, second?.id ?? '');
    const master = await call(getItem(id));
    expect(master.all('DeletedOccurrence').map((entry) => entry.childText('Start'))).toEqual(['2026-03-04T09:00:00Z']);
    const shown = world.listItems(B, SPAN).filter((item) => item.subject.endsWith('Daily'));
    expect(shown.map((item) => [item.subject, item.isCancelled])).toEqual([
      ['Daily', false],
      ['Canceled: Daily', true],
      ['Daily', false],
    ]);
    expect(world.getItem(A, second?.id ?? '')).toBeUndefined();
    world.cancelItem(A, id);
  });

  it('an answer to one occurrence is tracked in that occurrence', () => {
    const { id } = world.createItem(A, { ...meeting(B), subject: 'Tracked', ...daily(3) });
    const theirs = world.listItems(B, SPAN).filter((item) => item.subject === 'Tracked');
    world.respond(B, theirs[0]?.id ?? '', 'accept');
    world.respond(B, theirs[1]?.id ?? '', 'decline');
    const mine = world.listItems(A, SPAN).filter((item) => item.subject === 'Tracked');
    expect(mine.map((item) => item.attendees[0]?.response)).toEqual(['Accept', 'Decline', 'Unknown']);
    expect(
      world
        .listItems(B, SPAN)
        .filter((item) => item.subject === 'Tracked')
        .map((item) => item.myResponse),
    ).toEqual(['Accept', 'NoResponseReceived']);
    world.cancelItem(A, id);
  });

  it('rooms answer themselves, keep only the organizer’s name, and refuse conflicts', () => {
    world.addRoom('hall@example.test', { name: 'Hall' });
    const first = world.createItem(A, meeting('hall@example.test'));
    const second = world.createItem(B, meeting('hall@example.test'));
    expect([
      world.getItem(A, first.id)?.attendees[0]?.response,
      world.getItem(B, second.id)?.attendees[0]?.response,
    ]).toEqual(['Accept', 'Decline']);
    expect(world.listItems('hall@example.test').map((item) => [item.subject, item.body])).toEqual([['User 1', '']]);
    world.cancelItem(A, first.id);
    expect(world.listItems('hall@example.test')).toEqual([]);
    world.cancelItem(B, second.id);
  });

  it('reach the members of a list, which stays one attendee', () => {
    world.addDistributionList('team@example.test', 'Team', [B, C]);
    const { id } = world.createItem(A, { ...meeting('team@example.test'), subject: 'All hands' });
    expect([B, C].map((person) => world.listItems(person).some((item) => item.subject === 'All hands'))).toEqual([
      true,
      true,
    ]);
    expect(world.getItem(A, id)?.attendees.length).toBe(1);
    world.cancelItem(A, id);
  });

  it('accepting can show as delete and create, as some servers do', () => {
    world.behaviour.acceptRecreates = true;
    const { id } = world.createItem(A, { ...meeting(B), subject: 'Recreated' });
    const before = world.listItems(B).find((item) => item.subject === 'Recreated');
    const after = world.respond(B, before?.id ?? '', 'accept');
    expect([after?.id === before?.id, after?.uid === before?.uid, world.getItem(B, before?.id ?? '')]).toEqual([
      false,
      true,
      undefined,
    ]);
    world.behaviour.acceptRecreates = false;
    world.cancelItem(A, id);
  });

  it('refuse answers of organizers, answers to cancelled meetings, cancelling by guests', async () => {
    const { id } = world.createItem(A, { ...meeting(B), subject: 'Refused' });
    const copy = world.listItems(B).find((item) => item.subject === 'Refused')?.id ?? '';
    const respond = async (element: string, itemId: string, user: string) =>
      (
        await call(
          `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:${element}>${itemId === '' ? '' : `<t:ReferenceItemId Id="${itemId}"/>`}</t:${element}></m:Items></m:CreateItem>`,
          { user },
        )
      ).codes[0];
    expect(await respond('AcceptItem', id, A)).toBe('ErrorCalendarIsOrganizerForAccept');
    expect(await respond('CancelCalendarItem', copy, B)).toBe('ErrorCalendarIsNotOrganizer');
    expect(await respond('AcceptItem', '', B)).toBe('ErrorMissingInformationReferenceItemId');
    expect(await respond('CancelCalendarItem', id, A)).toBe('NoError');
    expect(await respond('CancelCalendarItem', id, A)).toBe('ErrorItemNotFound');
    expect(await respond('DeclineItem', copy, B)).toBe('ErrorCalendarIsCancelledForDecline');
  });
});

describe('other people’s calendars', async () => {
  const { world, call } = await openExchange();
  const calendarOf = (owner: string): string =>
    `<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>${owner}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`;
  const view = `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:CalendarView StartDate="2026-03-01T00:00:00Z" EndDate="2026-04-01T00:00:00Z"/><m:ParentFolderIds>${calendarOf(A)}</m:ParentFolderIds></m:FindItem>`;
  const create = `<m:CreateItem SendMeetingInvitations="SendToAllAndSaveCopy"><m:SavedItemFolderId>${calendarOf(A)}</m:SavedItemFolderId><m:Items><t:CalendarItem><t:Subject>For the boss</t:Subject><t:Start>2026-03-05T09:00:00Z</t:Start><t:End>2026-03-05T10:00:00Z</t:End><t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>${C}</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees></t:CalendarItem></m:Items></m:CreateItem>`;

  it('are closed without rights, open to delegates, private items only a block of time', async () => {
    world.createItem(A, {
      subject: 'Doctor',
      location: 'Clinic',
      start: START,
      end: START + HOUR,
      sensitivity: 'Private',
    });
    expect((await call(view, { login: B })).codes).toEqual(['ErrorItemNotFound']);
    world.addDelegate(A, B, { calendar: 'Reviewer', receivesCopies: true });
    const seen = await call(view, { login: B });
    expect([seen.first('Subject'), seen.first('Location'), seen.first('Sensitivity')]).toEqual([
      'Private Appointment',
      undefined,
      'Private',
    ]);
    expect((await call(create, { login: B })).codes).toEqual(['ErrorAccessDenied']);
    world.addDelegate(A, B, { calendar: 'Editor', viewsPrivate: true });
    expect((await call(view, { login: B })).first('Subject')).toBe('Doctor');
  });

  it('a delegate’s meeting is the owner’s, shows who made it, and invitations come to the delegate too', async () => {
    expect((await call(create, { login: B })).codes).toEqual(['NoError']);
    const item = world.listItems(A).find((entry) => entry.subject === 'For the boss');
    expect(item?.organizer.address).toBe(A);
    expect((await call(getItem(item?.id ?? ''), { user: A })).first('LastModifiedName')).toBe('User 2');
    expect(world.listItems(C).map((entry) => entry.organizer.address)).toEqual([A]);
    world.createItem(C, { ...meeting(A), subject: 'To the boss' });
    const inbox = await call(
      '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds></m:FindItem>',
      { user: B },
    );
    expect(
      inbox.all('MeetingRequest').map((request) => [request.childText('Subject'), request.childText('IsDelegated')]),
    ).toEqual([['To the boss', 'true']]);
  });

  closeAndValidate();
});
