/** The title of a cancelled event: one prefix, ours, whatever Exchange, Outlook or an earlier cancellation wrote. Feature C9. */
import { expect, test } from 'vitest';
import { CANCELLED_PREFIX, cancelledTitle } from '../../src/project/cancelled-title.ts';

test.each([
  ['Plan', 'Отменено: Plan'],
  ['Canceled: Plan', 'Отменено: Plan'],
  ['Отменено: Plan', 'Отменено: Plan'],
  ['  отменена : Plan', 'Отменено: Plan'],
  ['Canceled: Отменено: Plan', 'Отменено: Plan'],
  ['Отменено: Отменено: Abgesagt: Plan', 'Отменено: Plan'],
  ['Отмена рейса', 'Отменено: Отмена рейса'],
  ['已取消：会议', 'Отменено: 会议'],
  ['Canceled:', 'Отменено: '],
  ['', 'Отменено: '],
])('“%s” becomes “%s”', (title, wanted) => {
  expect(cancelledTitle(title, CANCELLED_PREFIX.ru)).toBe(wanted);
});

test('a prefix an administrator chose takes the place of all others, also when it is empty', () => {
  expect(cancelledTitle('Cancelled: Plan', '[x] ')).toBe('[x] Plan');
  expect(cancelledTitle('[x] [x] Plan', '[x] ')).toBe('[x] Plan');
  expect(cancelledTitle('Cancelled: Plan', '')).toBe('Plan');
});
