/**
 * Reference vectors from other projects' suites. They have mixed licences and stay outside the repository
 * (`../shared/recurrence-vectors`); where the folder is missing, tests that need it are skipped loudly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RecurrencePattern, RecurrenceRange } from '../../src/index.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../../shared/recurrence-vectors');

export const hasVectors = existsSync(FOLDER);
if (!hasVectors) console.warn(`SKIPPED: no reference vectors in ${FOLDER}`);

export interface RuleVector {
  readonly id: string;
  readonly rrule: string;
  readonly dtstart: string;
  readonly tz: string | null;
  readonly allDay: boolean;
  readonly exdates: readonly string[];
  readonly window: { readonly from: string; readonly to: string | null; readonly inclusive: boolean } | null;
  readonly limit: number | null;
  readonly complete: boolean;
  readonly expected: readonly string[];
  readonly expectedUtc: readonly string[] | null;
  readonly exchange: { readonly pattern: RecurrencePattern; readonly range: RecurrenceRange } | null;
  readonly notExpressible?: string;
}

export interface ZoneVector {
  readonly windows: string;
  readonly iana: string | null;
  readonly timeZoneDefinitionXml: string;
  readonly offsets: readonly (readonly [string, number])[];
}

export function loadVectors<T>(name: string): readonly T[] {
  return hasVectors ? (JSON.parse(readFileSync(resolve(FOLDER, name), 'utf8')) as readonly T[]) : [];
}
