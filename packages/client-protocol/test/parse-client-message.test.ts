/** What the server makes of a frame: SPEC.md M1, M3, M4, M9. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, METHODS, parseClientMessage } from '../src/index.ts';
import { REQUESTS } from './messages.ts';

function refusal(message: unknown): { method: string; requestId?: unknown; error: { code: string; message: string } } {
  const result = parseClientMessage(typeof message === 'string' ? message : JSON.stringify(message));
  if (result.ok) throw new Error('it was accepted');
  return result.error;
}

function accepted(message: unknown) {
  const result = parseClientMessage(JSON.stringify(message));
  if (!result.ok) throw new Error(result.error.error.message);
  return result.message;
}

describe('a request', () => {
  test.each(METHODS)('%s is read', (method) => {
    expect(accepted(REQUESTS[method])).toMatchObject({ method });
  });

  test.each(METHODS)('%s with an unknown field is refused', (method) => {
    expect(refusal({ ...REQUESTS[method], attendes: [] }).error).toEqual({
      code: 'invalidRequest',
      message: 'unknown field: attendes',
    });
  });

  const required = METHODS.flatMap((method) =>
    Object.keys(REQUESTS[method])
      .filter((field) => !['method', 'requestId', 'sinceRevision', 'scope', 'comment'].includes(field))
      .map((field) => [method, field] as const),
  );

  test.each(required)('%s without %s is refused, naming the field', (method, field) => {
    const { [field]: _, ...rest } = REQUESTS[method] as Record<string, unknown>;
    expect(refusal(rest).error.message).toMatch(new RegExp(`^${field}: `));
  });

  test.each(required)('%s with a number in place of %s is refused, naming the field', (method, field) => {
    expect(refusal({ ...REQUESTS[method], [field]: 7 }).error.message).toMatch(new RegExp(`^${field}: `));
  });

  test('gets its defaults', () => {
    expect(accepted(REQUESTS.createEvent)).toMatchObject({
      event: {
        allDay: false,
        location: '',
        isPrivate: false,
        attendees: [{ email: 'user2@example.test', role: 'required' }],
        conference: { mode: 'smartMeeting', access: 'private' },
      },
    });
    expect(accepted(REQUESTS.cancelEvent)).toMatchObject({ scope: 'this', comment: 'Переносим' });
  });
});

describe('an error echoes what can be echoed', () => {
  test.each([
    ['not JSON', { method: '', error: { code: 'invalidRequest', message: 'a message is one JSON object' } }],
    ['[]', { method: '', error: { code: 'invalidRequest', message: 'a message is one JSON object' } }],
    ['null', { method: '', error: { code: 'invalidRequest', message: 'a message is one JSON object' } }],
    [
      '{"method":"dance","requestId":"x"}',
      {
        method: 'dance',
        requestId: 'x',
        error: { code: 'invalidRequest', message: `unknown method; known: ${METHODS.join(', ')}` },
      },
    ],
    [
      '{"method":"constructor"}',
      {
        method: 'constructor',
        error: { code: 'invalidRequest', message: `unknown method; known: ${METHODS.join(', ')}` },
      },
    ],
    [
      '{"requestId":7}',
      {
        method: '',
        requestId: 7,
        error: { code: 'invalidRequest', message: `unknown method; known: ${METHODS.join(', ')}` },
      },
    ],
    [
      '{"method":"getEvent","requestId":{"a":1}}',
      { method: 'getEvent', error: { code: 'invalidRequest', message: expect.stringMatching(/^requestId: /) } },
    ],
  ])('%s', (text, error) => {
    expect(refusal(text)).toEqual(error);
  });

  test('long names are cut, so that an error is never larger than its cause', () => {
    expect(refusal({ method: 'x'.repeat(10_000) }).method).toHaveLength(64);
    expect(refusal({ method: 'getEvent', eventId: 'e', ['k'.repeat(10_000)]: 1 }).error.message.length).toBeLessThan(
      100,
    );
    expect(refusal({ method: 'getEvent', requestId: 'x'.repeat(129) })).not.toHaveProperty('requestId');
  });

  test('too large a message is not even parsed', () => {
    expect(refusal('x'.repeat(MAX_MESSAGE_BYTES + 1)).error.message).toBe(
      `the message is larger than ${MAX_MESSAGE_BYTES} bytes`,
    );
    const result = parseClientMessage(JSON.stringify(REQUESTS.getEvent), 10);
    expect(result.ok).toBe(false);
  });
});

describe('times of an event', () => {
  const event = REQUESTS.createEvent.event;
  const message = (fields: object) => ({ ...REQUESTS.createEvent, event: { ...event, ...fields } });

  test.each([
    [{ start: '2026-03-02', end: '2026-03-03' }, 'event.start: a time with an offset is needed unless allDay is true'],
    [{ allDay: true }, 'event.start: an all-day event has dates: YYYY-MM-DD'],
    [
      { allDay: true, start: '2026-03-02', end: '2026-03-02' },
      'event.end: must be after start: the first day after the event',
    ],
    [{ end: '2026-03-02T09:59:59+03:00' }, 'event.end: must not be before start'],
    [{ start: '2026-03-02T10:00:00' }, 'event.start: Invalid input'],
    [{ allDay: true, start: '2026-02-30', end: '2026-03-02' }, 'event.start: Invalid input'],
    [{ title: '' }, 'event.title: Too small: expected string to have >=1 characters'],
    [{ attendees: [{ email: 'nobody' }] }, expect.stringMatching(/^event\.attendees\.0\.email: /)],
    [
      { recurrence: { pattern: { type: 'Hourly', interval: 1 }, range: { type: 'NoEnd', startDate: '2026-03-02' } } },
      expect.stringMatching(/^event\.recurrence\.pattern\.type: /),
    ],
    [
      { recurrence: { pattern: { type: 'Daily', interval: 0 }, range: { type: 'NoEnd', startDate: '2026-03-02' } } },
      expect.stringMatching(/^event\.recurrence\.pattern\.interval: /),
    ],
  ])('%j is refused', (fields, sentence) => {
    expect(refusal(message(fields)).error.message).toEqual(sentence);
  });

  test.each([
    [{ allDay: true, start: '2026-03-02', end: '2026-03-03' }],
    [{ end: '2026-03-02T10:00:00+03:00' }],
    [{ start: '2026-03-02T07:00:00Z', end: '2026-03-02T11:00:00+03:00' }],
  ])('%j is fine', (fields) => {
    expect(accepted(message(fields))).toMatchObject({ event: fields });
  });

  test.each([
    [{}, 'changes: nothing to change'],
    [{ start: '2026-03-02T10:00:00+03:00' }, 'changes.end: start and end come together'],
    [{ end: '2026-03-02T10:00:00+03:00' }, 'changes.start: start and end come together'],
    [{ allDay: true }, 'changes.start: allDay needs start and end'],
    [
      { allDay: false, start: '2026-03-02', end: '2026-03-03' },
      'changes.start: a time with an offset is needed unless allDay is true',
    ],
    [
      { start: '2026-03-02', end: '2026-03-02T10:00:00Z' },
      'changes.start: a time with an offset is needed unless allDay is true',
    ],
  ])('the change %j is refused', (changes, sentence) => {
    expect(refusal({ ...REQUESTS.updateEvent, changes }).error.message).toBe(sentence);
  });

  test('a list may span 400 days and must run forwards', () => {
    const list = (to: string) => ({ ...REQUESTS.getEventList, from: '2026-01-01T00:00:00Z', to });
    expect(accepted(list('2027-02-05T00:00:00Z'))).toMatchObject({ method: 'getEventList' });
    expect(refusal(list('2027-02-05T00:00:01Z')).error.message).toBe('to: the span may be 400 days at most');
    expect(refusal(list('2026-01-01T00:00:00Z')).error.message).toBe('to: must be after from');
  });
});

describe('whatever comes in', () => {
  const mutated = fc
    .tuple(fc.constantFrom(...METHODS), fc.string({ unit: 'binary', maxLength: 30 }), fc.nat(), fc.nat(40))
    .map(([method, noise, at, cut]) => {
      const text = JSON.stringify(REQUESTS[method]);
      const place = at % text.length;
      return text.slice(0, place) + noise + text.slice(place + cut);
    });

  test('is a request or an error, never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), mutated), (text) => {
        const result = parseClientMessage(text);
        if (result.ok) expect(METHODS).toContain(result.message.method);
        else expect(result.error.error.code).toBe('invalidRequest');
      }),
      { numRuns: 3000 },
    );
  });

  test('leaves the prototype of nothing changed', () => {
    parseClientMessage('{"method":"getEvent","eventId":"e","__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(refusal('{"method":"getEvent","eventId":"e","__proto__":{"polluted":1}}').error.message).toBe(
      'unknown field: __proto__',
    );
  });

  test('a deeply nested message costs nothing', () => {
    expect(
      refusal(`{"method":"getEvent","eventId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).error.message,
    ).toMatch(/^eventId: /);
  });
});
