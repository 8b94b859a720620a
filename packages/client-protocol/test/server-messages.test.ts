/** Answers, errors and pushes as text and back: SPEC.md M1, M2, M4; the one shape the vendor's guide shows. */
import { describe, expect, test } from 'vitest';
import {
  answerTo,
  ERROR_CODES,
  encodePush,
  encodeRequest,
  encodeServerMessage,
  errorCode,
  errorTo,
  METHODS,
  type PushMethod,
  parseClientMessage,
  parseServerMessage,
} from '../src/index.ts';
import { ANSWERS, PUSHES, REQUESTS } from './messages.ts';

describe('messages of the server', () => {
  test.each(METHODS)('the answer to %s survives the wire', (method) => {
    expect(parseServerMessage(encodeServerMessage(ANSWERS[method]))).toEqual({
      kind: 'answer',
      answer: ANSWERS[method],
    });
  });

  test.each(Object.keys(PUSHES) as PushMethod[])('the push %s survives the wire', (method) => {
    expect(parseServerMessage(encodePush(PUSHES[method]))).toEqual({ kind: 'push', push: PUSHES[method] });
  });

  test.each(errorCode.options)('the error %s survives the wire', (code) => {
    const error = errorTo({ method: 'getEvent', requestId: 'r' }, code, 'because', 1000);
    expect(parseServerMessage(encodeServerMessage(error))).toEqual({ kind: 'error', error });
    expect(ERROR_CODES[code].meaning).not.toBe('');
  });

  test('getCalendarList is answered exactly as the guide shows', () => {
    const request = { method: 'getCalendarList' } as const;
    const answer = answerTo(request, { calendars: [{ id: 'AAMkAG…', title: 'Календарь' }] });
    expect(encodeServerMessage(answer)).toBe(
      '{"method":"getCalendarList","calendars":[{"id":"AAMkAG…","title":"Календарь"}]}',
    );
  });

  test('a requestId is echoed when there was one, and absent when not', () => {
    expect(answerTo({ method: 'subscribe', calendarId: 'c', requestId: 'r' }, { revision: 1 })).toEqual({
      method: 'subscribe',
      requestId: 'r',
      revision: 1,
    });
    expect(errorTo({ method: 'subscribe' }, 'notFound', 'no such calendar')).toEqual({
      method: 'subscribe',
      error: { code: 'notFound', message: 'no such calendar' },
    });
  });

  test('fields of a later version are ignored, messages of a later version are unknown', () => {
    const later = JSON.stringify({ ...ANSWERS.subscribe, colour: 'green' });
    expect(parseServerMessage(later)).toEqual({ kind: 'answer', answer: ANSWERS.subscribe });
    for (const text of [
      '{"method":"dance"}',
      '{"method":"getEvent"}',
      '{"method":"x","error":{"code":"later","message":""}}',
      '3',
      'x',
      '{}',
      '{"method":"toString"}',
    ]) {
      expect(parseServerMessage(text)).toEqual({ kind: 'unknown' });
    }
  });

  test('what Exchange holds is shown, also where a client could not have asked for it', () => {
    const recurrence = {
      pattern: { type: 'Daily', interval: 1500 },
      range: { type: 'Numbered', startDate: '2026-03-02', numberOfOccurrences: 4000 },
    };
    const attendees = [{ name: 'Old', email: '/o=ExchangeLabs/cn=old', role: 'optional', response: 'none' }];
    const answer = { method: 'getEvent', event: { ...ANSWERS.getEvent.event, recurrence, attendees } };
    expect(parseServerMessage(JSON.stringify(answer))).toEqual({ kind: 'answer', answer });
  });

  test('a join address that is no web address is refused', () => {
    const [event] = PUSHES.eventsChanged.changed;
    const push = { ...PUSHES.eventsChanged, changed: [{ ...event, joinUrl: 'javascript:alert(1)' }] };
    expect(parseServerMessage(JSON.stringify(push))).toEqual({ kind: 'unknown' });
  });

  test('what a client writes the server reads', () => {
    for (const method of METHODS) expect(parseClientMessage(encodeRequest(REQUESTS[method])).ok).toBe(true);
  });
});
