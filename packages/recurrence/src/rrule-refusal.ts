/** How the translation of a rule stops: with a typed reason that never leaves this package as an exception. */
import type { RRuleSyntaxProblem } from './rrule-text.ts';

/** Why Exchange cannot express a rule. SPEC.md, section 9, has a rule for each. */
export type NotExpressibleReason =
  | RRuleSyntaxProblem['reason']
  | 'by-part'
  | 'by-time'
  | 'day-clamped'
  | 'day-from-end'
  | 'day-set'
  | 'impossible-date'
  | 'index'
  | 'month-limit'
  | 'multi-year-anchor'
  | 'set-position'
  | 'several-days'
  | 'several-months'
  | 'start-range'
  | 'until-range';

export class NotExpressible {
  readonly reason: NotExpressibleReason;
  /** Part of the rule at fault, e.g. `BYSETPOS`. */
  readonly part: string;

  constructor(reason: NotExpressibleReason, part: string) {
    this.reason = reason;
    this.part = part;
  }
}

/** Stops the translation with a reason. */
export function refuse(reason: NotExpressibleReason, part: string): never {
  throw new NotExpressible(reason, part);
}
