/** A short fuzz run; `pnpm --filter @calendar-connector/recurrence fuzz` does a million. SPEC.md, S8.1. */
import { expect, it } from 'vitest';
import { fuzz } from './support/fuzz.ts';

it('random series, broken ones among them, work or are refused with code and field', () => {
  const { accepted, refused } = fuzz(15_000, 20_261_122);
  expect(accepted).toBeGreaterThan(8000);
  expect(Object.keys(refused).length).toBeGreaterThan(15);
});
