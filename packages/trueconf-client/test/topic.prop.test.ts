/** Any subject becomes a topic the server takes. */

import { TOPIC_MAX_CHARACTERS } from '@calendar-connector/calendar-model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitTopic } from '../src/index.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 600 });

it('a fitted topic has at most 240 whole characters and none that controls a terminal', () => {
  fc.assert(
    fc.property(anyText, (subject) => {
      const topic = fitTopic(subject);
      expect([...topic].length).toBeLessThanOrEqual(TOPIC_MAX_CHARACTERS);
      expect(topic).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(topic.isWellFormed()).toBe(true);
      expect(fitTopic(topic)).toBe(topic);
    }),
  );
});

it('cuts by characters, not by half ones', () => {
  expect(fitTopic('😀'.repeat(255))).toBe('😀'.repeat(240));
  expect(fitTopic('  Встреча\r\n\tзавтра ')).toBe('Встреча завтра');
});
