/**
 * Damaged answers: a clean error, or what an independent reader makes of the same bytes. The long run is a command,
 * see support/fuzz.ts.
 */
import { expect, it } from 'vitest';
import { fuzz } from './support/fuzz.ts';

it('a damaged answer is refused cleanly or read as the strict reader reads it', () => {
  const report = fuzz(1_500, 20260301);
  expect(report.failures).toEqual([]);
  expect(report.refused).toBeGreaterThan(600);
  expect(report.equal).toBeGreaterThan(30);
  expect(report.overStrict).toBe(0);
});
