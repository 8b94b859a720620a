/** One valid message of every kind, for tests. */
import type { Answer, ClientRequestInput, EventDetails, EventSummary, Method, Push, PushMethod } from '../src/index.ts';

export const summary: EventSummary = {
  id: 'AAMk/event+1=',
  calendarId: 'AAMkAGEzMWF1Nzc0LTc3NDItNDR1Ny1iYzlmLTRjYWM3NTBhYTI5MQA',
  uid: '040000008200E00074C5B7101A82E008',
  kind: 'single',
  title: 'Планёрка',
  start: '2026-03-02T10:00:00+03:00',
  end: '2026-03-02T11:00:00+03:00',
  allDay: false,
  timeZone: 'Europe/Moscow',
  location: 'Room 1',
  isCancelled: false,
  indicator: 'teal',
  joinUrl: 'https://server.example.test/c/cal_1',
  conference: { id: 'cal_1', mode: 'smartMeeting', access: 'private', state: 'stopped' },
  myResponse: 'accepted',
  isPrivate: false,
};

const details: EventDetails = {
  ...summary,
  body: { type: 'html', content: '<p>Agenda</p>' },
  attendees: [{ name: 'User 2', email: 'user2@example.test', role: 'required', response: 'none' }],
  recurrence: {
    pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
    range: { type: 'Numbered', startDate: '2026-03-02', numberOfOccurrences: 10 },
  },
  organizer: { name: 'User 1', email: 'user1@example.test' },
};

export const REQUESTS: { readonly [M in Method]: ClientRequestInput<M> } = {
  authorize: { method: 'authorize', server: 'server.example.test#vcs', token: '0123456789abcdef' },
  getCalendarList: { method: 'getCalendarList', requestId: 'r-1' },
  getEventList: {
    method: 'getEventList',
    requestId: 2,
    calendarId: summary.calendarId,
    from: '2026-03-01T00:00:00+03:00',
    to: '2026-04-01T00:00:00+03:00',
  },
  getEvent: { method: 'getEvent', eventId: summary.id },
  subscribe: { method: 'subscribe', calendarId: summary.calendarId, sinceRevision: 41 },
  createEvent: {
    method: 'createEvent',
    calendarId: summary.calendarId,
    idempotencyKey: 'c0ffee00-0001',
    event: {
      title: 'Планёрка',
      start: '2026-03-02T10:00:00+03:00',
      end: '2026-03-02T11:00:00+03:00',
      timeZone: 'Europe/Moscow',
      attendees: [{ email: 'user2@example.test' }],
      conference: {},
    },
  },
  updateEvent: {
    method: 'updateEvent',
    eventId: summary.id,
    scope: 'series',
    idempotencyKey: 'c0ffee00-0002',
    changes: { title: 'Новое название', conference: null },
  },
  cancelEvent: { method: 'cancelEvent', eventId: summary.id, idempotencyKey: 'c0ffee00-0003', comment: 'Переносим' },
  respondToEvent: {
    method: 'respondToEvent',
    eventId: summary.id,
    idempotencyKey: 'c0ffee00-0004',
    response: 'tentative',
  },
};

export const ANSWERS: { readonly [M in Method]: Answer<M> } = {
  authorize: { method: 'authorize', user: { id: 'user1', displayName: 'User 1', email: 'user1@example.test' } },
  getCalendarList: { method: 'getCalendarList', calendars: [{ id: summary.calendarId, title: 'Календарь' }] },
  getEventList: { method: 'getEventList', events: [summary], revision: 42 },
  getEvent: { method: 'getEvent', event: details },
  subscribe: { method: 'subscribe', revision: 42 },
  createEvent: { method: 'createEvent', event: details },
  updateEvent: { method: 'updateEvent', event: details },
  cancelEvent: { method: 'cancelEvent', event: { ...details, isCancelled: true } },
  respondToEvent: { method: 'respondToEvent', event: details },
};

export const PUSHES: { readonly [M in PushMethod]: Push<M> } = {
  eventsChanged: {
    method: 'eventsChanged',
    calendarId: summary.calendarId,
    revision: 43,
    changed: [summary],
    removed: ['AAMk/event+2='],
  },
  calendarsChanged: { method: 'calendarsChanged' },
  resync: { method: 'resync', calendarId: summary.calendarId },
};
