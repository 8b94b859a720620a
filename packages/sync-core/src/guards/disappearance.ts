/**
 * The mass-disappearance guard: a mailbox that loses much at once is a fault of the source until a person says otherwise
 * (restored database, wrong folder, an empty answer). I8; SPEC.md §6.1; facts: vdirsyncer refuses mass deletion.
 */

/** When a loss is too large to be believed. */
export interface DisappearanceLimits {
  /** more vanished items than this share of the live ones, in percent */
  readonly percent: number;
  /** and at least so many: small calendars lose a large share in everyday life */
  readonly minimum: number;
  /** a calendar that comes back empty is doubted from this many items on */
  readonly emptyMinimum: number;
}

/** Limits that everyday life does not reach. */
export const DISAPPEARANCE_LIMITS: DisappearanceLimits = { percent: 30, minimum: 10, emptyMinimum: 3 };

/** What to do with items that vanished: hold them as usual, or keep them untouched and call a person. */
export function judgeDisappearance(
  facts: { readonly live: number; readonly vanished: number },
  limits: DisappearanceLimits = DISAPPEARANCE_LIMITS,
): 'hold' | 'quarantine' {
  const { live, vanished } = facts;
  if (vanished <= 0) return 'hold';
  if (vanished >= live && vanished >= limits.emptyMinimum) return 'quarantine';
  return vanished >= limits.minimum && vanished * 100 > live * limits.percent ? 'quarantine' : 'hold';
}
