/** Calendar items for tests of this package, by what differs. */
import type {
  Cursor,
  ExceptionItem,
  FolderItem,
  MailboxAddress,
  Recurrence,
  SeriesMaster,
  SingleItem,
} from '@calendar-connector/calendar-model';
import { changeKey, cursor, itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import type { MailboxRegistration, Observation } from '@calendar-connector/sync-core';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const MONDAY = Date.UTC(2026, 2, 2, 9);

export const ANNA = mailboxAddress('anna@example.test');
export const BORIS = mailboxAddress('boris@example.test');

export function registration(address: MailboxAddress, change: Partial<MailboxRegistration> = {}): MailboxRegistration {
  return { address, provider: 'exchange', priority: 10, licensed: true, ...change };
}

export function single(id: string, change: Partial<SingleItem> = {}): SingleItem {
  return {
    kind: 'single',
    itemId: itemId(id),
    changeKey: changeKey(`${id}-1`),
    uid: `uid-${id}`,
    subject: `Meeting ${id}`,
    start: MONDAY,
    end: MONDAY + HOUR,
    allDay: false,
    location: '',
    attendees: [],
    isOrganizer: true,
    isMeeting: true,
    isCancelled: false,
    myResponse: 'organizer',
    sensitivity: 'normal',
    freeBusy: 'busy',
    links: [],
    marker: {},
    hasAttachments: false,
    ...change,
  };
}

const DAILY: Recurrence = {
  pattern: { type: 'Daily', interval: 1 },
  range: { type: 'NoEnd', startDate: '2026-03-02' },
};

export function series(id: string, change: Partial<SeriesMaster> = {}): SeriesMaster {
  const parts = { recurrence: DAILY, modifiedOccurrences: [], deletedOccurrences: [], exceptions: [] };
  return { ...single(id), ...parts, ...change, kind: 'seriesMaster' };
}

export function orphan(id: string, change: Partial<ExceptionItem> = {}): ExceptionItem {
  return { ...single(id), originalStart: MONDAY, ...change, kind: 'exception' };
}

/** An observation that holds removals for a minute and quarantines nothing. */
export function observation(
  mailbox: MailboxAddress,
  cursors: readonly [from: string | undefined, to: string],
  change: Partial<Omit<Observation, 'mailbox' | 'cursor' | 'previousCursor'>> & {
    readonly changed?: readonly FolderItem[];
  },
): Observation {
  const [from, to] = cursors;
  return {
    mailbox,
    fence: 0,
    cursor: cursor(to),
    changed: [],
    removed: [],
    at: MONDAY,
    holdMs: 60_000,
    judgeDisappearance: () => 'hold',
    ...(from === undefined ? {} : { previousCursor: cursor(from) as Cursor }),
    ...change,
  };
}
