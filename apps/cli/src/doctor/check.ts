/**
 * What a check of `doctor` is. A check looks at one thing only and leaves the rest to the others: a fault is named once,
 * by the check it belongs to; those that depend on it are skipped.
 */
import type { Text } from '../program/language.ts';
import type { DoctorContext } from './context.ts';

export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

/** One thing found out: of what, what is the case, what to do. */
export interface CheckFinding {
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** host, mailbox, file */
  readonly subject?: string;
  readonly cause: Text;
  readonly fix?: Text;
}

export interface Check {
  readonly id: string;
  readonly title: Text;
  /** checks that must not have failed before */
  readonly needs: readonly string[];
  /** Nothing found: the check has nothing to look at here and is skipped. */
  readonly run: (context: DoctorContext) => Promise<readonly CheckFinding[]>;
}

export function fine(en: string, ru: string, subject?: string): CheckFinding {
  return { verdict: 'ok', cause: { en, ru }, ...(subject === undefined ? {} : { subject }) };
}

export function warned(cause: Text, fix: Text, subject?: string): CheckFinding {
  return { verdict: 'warn', cause, fix, ...(subject === undefined ? {} : { subject }) };
}

export function failed(cause: Text, fix: Text, subject?: string): CheckFinding {
  return { verdict: 'fail', cause, fix, ...(subject === undefined ? {} : { subject }) };
}
