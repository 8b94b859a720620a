/** Builders of items, meetings and settings for tests: everything has a plain default, a test names what matters. */
import {
  type Attendee,
  changeKey,
  cursor,
  type ExceptionItem,
  itemId,
  type MailboxAddress,
  mailboxAddress,
  meetingKey,
  type SeriesMaster,
  type SingleItem,
  type TrueConfUser,
  trueConfServerId,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import {
  type MeetingCopy,
  type PlanSettingsInput,
  planSettings,
  type StoredMeeting,
  serverHosts,
} from '../src/index.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Monday, 5 January 2026, 08:00 UTC. */
export const NOW = Date.UTC(2026, 0, 5, 8);
export const SERVER = trueConfServerId('server.example.test#vcs');
export const UID = '040000008200E00074C5B7101A82E008';
export const KEY = meetingKey({ uid: UID, cleanGlobalObjectId: UID });
export const ANNA = mailboxAddress('anna@example.test');
export const BORIS = mailboxAddress('boris@example.test');
export const CLARA = mailboxAddress('clara@example.test');
export const ROOM = mailboxAddress('room@example.test');

export function settingsWith(input: PlanSettingsInput = {}) {
  return planSettings({ servers: [{ id: SERVER, hosts: serverHosts(SERVER) }], ...input });
}

export function attendee(address: MailboxAddress, more: Partial<Attendee> = {}): Attendee {
  return { name: address.split('@')[0] ?? '', address, role: 'required', response: 'none', ...more };
}

export function user(address: MailboxAddress, more: Partial<TrueConfUser> = {}): TrueConfUser {
  const name = address.split('@')[0] ?? '';
  return { id: trueConfUserId(name), displayName: name, email: address, isActive: true, ...more };
}

export function single(more: Partial<SingleItem> = {}): SingleItem {
  return {
    kind: 'single',
    itemId: itemId('item-1'),
    changeKey: changeKey('ck-1'),
    uid: UID,
    cleanGlobalObjectId: UID,
    subject: 'Weekly review',
    start: NOW + 2 * HOUR,
    end: NOW + 3 * HOUR,
    allDay: false,
    startTimeZone: { id: 'Russian Standard Time' },
    location: '',
    body: { type: 'text', content: '' },
    organizer: { name: 'Anna', address: ANNA },
    attendees: [attendee(BORIS)],
    isOrganizer: true,
    isMeeting: true,
    isCancelled: false,
    myResponse: 'organizer',
    sensitivity: 'normal',
    freeBusy: 'busy',
    links: [],
    marker: {},
    hasAttachments: false,
    ...more,
  };
}

/** Mondays at 10:00 UTC, endless unless said otherwise. */
export function series(more: Partial<SeriesMaster> = {}): SeriesMaster {
  const { kind: _kind, ...fields } = single();
  return {
    ...fields,
    kind: 'seriesMaster',
    recurrence: {
      pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
      range: { type: 'NoEnd', startDate: '2026-01-05' },
    },
    modifiedOccurrences: [],
    deletedOccurrences: [],
    exceptions: [],
    ...more,
  };
}

export function exception(originalStart: number, more: Partial<ExceptionItem> = {}): ExceptionItem {
  const { kind: _kind, ...fields } = single();
  return {
    ...fields,
    kind: 'exception',
    itemId: itemId(`exception-${originalStart}`),
    originalStart,
    start: originalStart,
    end: originalStart + HOUR,
    ...more,
  };
}

/** An attendee's own copy of an item. */
export function copyFor<T extends SingleItem | SeriesMaster | ExceptionItem>(item: T, more: Partial<T> = {}): T {
  return { ...item, isOrganizer: false, myResponse: 'none', itemId: itemId(`${item.itemId}-copy`), ...more };
}

export function copy(mailbox: MailboxAddress, item: MeetingCopy['item'], missingSince?: number): MeetingCopy {
  return { mailbox, item, ...(missingSince !== undefined && { missingSince }) };
}

export function meeting(copies: readonly MeetingCopy[], more: Partial<StoredMeeting> = {}): StoredMeeting {
  return { key: KEY, copies, version: 1, ...more };
}

export const NO_CURSOR = cursor('');
