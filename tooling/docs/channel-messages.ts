/** What is said about each message of the client channel beside its schema: one sentence and one example, which is checked. */
import {
  type Method,
  type PushMethod,
  parseClientMessage,
  parseServerMessage,
} from '@calendar-connector/client-protocol';

const CALENDAR = 'AAMkAGEzMWF1Nzc0';
const SUMMARY = {
  id: 'AAMkEvent1',
  calendarId: CALENDAR,
  uid: '040000008200E00074C5B7101A82E008',
  kind: 'single',
  title: 'Planning',
  start: '2026-03-02T10:00:00+03:00',
  end: '2026-03-02T11:00:00+03:00',
  allDay: false,
  timeZone: 'Russian Standard Time',
  location: 'Room 1',
  isCancelled: false,
  indicator: 'teal',
  joinUrl: 'https://server.example.com/c/cal_1',
  conference: { id: 'cal_1', mode: 'smartMeeting', access: 'private', state: 'stopped' },
  myResponse: 'accepted',
  isPrivate: false,
};
const DETAILS = {
  ...SUMMARY,
  body: { type: 'html', content: '<p>Agenda</p>' },
  attendees: [{ name: 'User 2', email: 'user2@example.com', role: 'required', response: 'none' }],
  organizer: { name: 'User 1', email: 'user1@example.com' },
};

export interface MessageText {
  readonly about: string;
  readonly request: object;
  readonly answer: object;
}

export const METHOD_TEXTS: Readonly<Record<Method, MessageText>> = {
  authorize: {
    about:
      'The first message. The connector asks the named TrueConf Server, if it is whitelisted, whose token this is, and finds the mailbox of that user. What is sent behind it waits for its answer; what is sent before it, or behind one that is refused, ends with `unauthorized` and the socket closed with 4401. While the socket is open the token is shown to its server again from time to time; once it is valid no more, the socket is closed with 4401: get a fresh token, connect again, `subscribe` with `sinceRevision`.',
    request: { server: 'server.example.com#vcs', token: '…' },
    answer: { user: { id: 'user1', displayName: 'User 1', email: 'user1@example.com' } },
  },
  getCalendarList: {
    about:
      'The user’s own calendar, or none while the mailbox is not synchronised. The answer has the one shape of the vendor that is public. Calendars of others whose delegate the user is are not listed: a client that has got the id of one uses it like its own.',
    request: {},
    answer: { calendars: [{ id: CALENDAR, title: 'Calendar' }] },
  },
  getEventList: {
    about:
      'Events that overlap the half-open span `from`…`to` (400 days at most), series expanded into occurrences, in the order of their start. Series show in the months around today that the administrator set (`cache.backward`, `cache.forward`), other events at any time. `timeZone` is the name Exchange gives the zone (Windows names of the kind `Russian Standard Time`); `start` and `end` carry that zone’s offset. `revision` is that of the list; give it to `subscribe` and nothing is missed.',
    request: { requestId: 7, calendarId: CALENDAR, from: '2026-03-01T00:00:00+03:00', to: '2026-04-01T00:00:00+03:00' },
    answer: { requestId: 7, events: [SUMMARY], revision: 42 },
  },
  getEvent: {
    about: 'One event with body, attendees, organizer and, for an occurrence, the recurrence of its series.',
    request: { eventId: SUMMARY.id },
    answer: { event: DETAILS },
  },
  subscribe: {
    about:
      'From now on changes of the calendar arrive as pushes. With `sinceRevision` the changes since then follow first, or a `resync` when they are not known any more or the calendar has never been there.',
    request: { calendarId: CALENDAR, sinceRevision: 42 },
    answer: { revision: 43 },
  },
  createEvent: {
    about:
      'Makes an event in Exchange as the user. `timeZone` (IANA or Windows id) is the zone it is planned in: a series keeps its wall time there. `conference` binds a conference to it; absent, there is none. All-day events have dates, and `end` is the first day after the event. The answer for a series is its first occurrence.',
    request: {
      calendarId: CALENDAR,
      idempotencyKey: '3f0c9a52-0001',
      event: {
        title: 'Planning',
        start: '2026-03-02T10:00:00+03:00',
        end: '2026-03-02T11:00:00+03:00',
        timeZone: 'Europe/Moscow',
        attendees: [{ email: 'user2@example.com', role: 'required' }],
        recurrence: {
          pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
          range: { type: 'Numbered', startDate: '2026-03-02', numberOfOccurrences: 10 },
        },
        conference: { mode: 'smartMeeting', access: 'private' },
      },
    },
    answer: { event: DETAILS },
  },
  updateEvent: {
    about:
      'Changes what `changes` holds and nothing else. The id of an occurrence names that occurrence; `scope: "series"` means the whole series it belongs to. `start` and `end` come together; given for an occurrence with `scope: "series"`, they move every occurrence the way the named one goes: a series of Mondays that is moved by a day is one of Tuesdays. `conference` binds one to an event that has none (mode and access of one that is there are changed on its TrueConf Server), `conference: null` removes it, `recurrence: null` (with `scope: "series"`) makes a single event of a series.',
    request: {
      eventId: SUMMARY.id,
      scope: 'this',
      idempotencyKey: '3f0c9a52-0002',
      changes: { start: '2026-03-02T12:00:00+03:00', end: '2026-03-02T13:00:00+03:00' },
    },
    answer: { event: DETAILS },
  },
  cancelEvent: {
    about:
      'Cancels the user’s own event and tells the guests; an event of somebody else is taken out of the user’s calendar. The answer shows the event as cancelled, and guests go on seeing it so; the user’s own copy leaves the calendar, as in Outlook.',
    request: { eventId: SUMMARY.id, scope: 'this', comment: 'Moved to next week', idempotencyKey: '3f0c9a52-0003' },
    answer: { event: { ...DETAILS, isCancelled: true } },
  },
  respondToEvent: {
    about: 'Answers an invitation.',
    request: { eventId: SUMMARY.id, response: 'accepted', idempotencyKey: '3f0c9a52-0004' },
    answer: { event: DETAILS },
  },
};

export const PUSH_TEXTS: Readonly<Record<PushMethod, { readonly about: string; readonly example: object }>> = {
  eventsChanged: {
    about:
      'Events of a subscribed calendar appeared, changed or went. A title, a time, a response, a cancellation, a conference that starts or stops: all come this way.',
    example: { calendarId: CALENDAR, revision: 43, changed: [SUMMARY], removed: ['AAMkEvent2'] },
  },
  calendarsChanged: {
    about:
      'The calendars the user may see are others now (an administrator added or removed the mailbox, or it was found at last): ask `getCalendarList` again.',
    example: {},
  },
  resync: {
    about: 'The client fell behind, or missed changes cannot be named: read this calendar (or all of them) anew.',
    example: { calendarId: CALENDAR },
  },
};

/** Every example must be a message of the protocol; throws when one is not. */
export function checkExamples(): void {
  for (const [method, { request, answer }] of Object.entries(METHOD_TEXTS)) {
    const asked = parseClientMessage(JSON.stringify({ method, ...request }));
    if (!asked.ok) throw new Error(`example of ${method}: ${asked.error.error.message}`);
    if (parseServerMessage(JSON.stringify({ method, ...answer })).kind !== 'answer')
      throw new Error(`example answer of ${method} does not fit`);
  }
  for (const [method, { example }] of Object.entries(PUSH_TEXTS)) {
    if (parseServerMessage(JSON.stringify({ method, ...example })).kind !== 'push')
      throw new Error(`example of ${method} does not fit`);
  }
}
