/** One lasting trouble does not fill the log, and nobody loses count of it. */
import { expect, test } from 'vitest';
import { Repeats } from '../../src/operation/repeats.ts';
import { ManualClock } from '../engine/manual-clock.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

test('a trouble every second for a day is said 27 times, and every time it happened is counted', () => {
  const clock = new ManualClock();
  const repeats = new Repeats(clock);
  const counts: number[] = [];
  for (let second = 0; second < 24 * 3_600; second += 1) {
    const news = repeats.news('socket');
    if (news) counts.push(news.repeated ?? 0);
    clock.advance(SECOND_MS);
  }
  expect(counts.slice(0, 5)).toEqual([0, 59, 239, 959, 3_599]);
  expect(counts).toHaveLength(27);
  const last = repeats.news('socket');
  const unsaid = last?.repeated ?? 0;
  expect(counts.reduce((sum, count) => sum + count, 0) + counts.length + unsaid).toBeLessThanOrEqual(24 * 3_600);
});

test('after quiet the first line is said at once, without a count', () => {
  const clock = new ManualClock();
  const repeats = new Repeats(clock);
  expect(repeats.news('socket')).toEqual({});
  expect(repeats.news('socket')).toBeUndefined();
  clock.advance(2 * HOUR_MS);
  expect(repeats.news('socket')).toEqual({ repeated: 1 });
  clock.advance(2 * HOUR_MS);
  expect(repeats.news('socket')).toEqual({});
});

test('troubles are told apart, and a shared one is said of so many mailboxes before it is only counted', () => {
  const repeats = new Repeats(new ManualClock());
  expect(repeats.news('a')).toEqual({});
  expect(repeats.news('b')).toEqual({});
  const said = Array.from({ length: 10_000 }, () => repeats.news('mailboxes/ErrorServerBusy', 20));
  expect(said.filter((news) => news !== undefined)).toHaveLength(20);
});
