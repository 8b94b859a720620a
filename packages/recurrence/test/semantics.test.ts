/** The table of Exchange semantics (SPEC.md), here and in processes that live in other zones (S1.2). */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from './semantics/case.ts';
import { PATTERN_CASES } from './semantics/patterns.ts';
import { TIME_CASES } from './semantics/times.ts';

const CASES = [...PATTERN_CASES, ...TIME_CASES];

describe('Exchange semantics', () => {
  it.each(CASES)('$rule $says', (item) => {
    expect(outcomeOf(item)).toEqual(item.expected);
  });
});

describe('the table of semantics does not depend on the zone of the process', () => {
  it.each([
    ['UTC', 0],
    ['America/New_York', -240],
    ['Asia/Kolkata', 330],
    ['Europe/Moscow', 180],
  ])('with TZ=%s', (zone, offset) => {
    const script = resolve(import.meta.dirname, 'semantics/run.ts');
    const child = spawnSync(process.execPath, ['--conditions=@tcc/source', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toEqual({ offset, cases: CASES.length, different: [] });
  });
});
