/** Runs the whole table and prints what differs; started by semantics.test.ts in several process zones. */
import { isDeepStrictEqual } from 'node:util';
import { outcomeOf } from './case.ts';
import { PATTERN_CASES } from './patterns.ts';
import { TIME_CASES } from './times.ts';

const cases = [...PATTERN_CASES, ...TIME_CASES];
const different = cases
  .map((item) => ({ rule: item.rule, says: item.says, expected: item.expected, got: outcomeOf(item) }))
  .filter(({ expected, got }) => !isDeepStrictEqual(expected, got));
// The offset of the process in July proves that the zone took effect.
console.log(JSON.stringify({ offset: -new Date(2026, 6, 1).getTimezoneOffset(), cases: cases.length, different }));
