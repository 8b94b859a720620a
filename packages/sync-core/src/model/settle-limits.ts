/** The limits a plan carries with it, so that settling needs no settings and a reload in between changes nothing. */
import type { SettleLimits } from './decision.ts';
import type { PlanSettings } from './settings.ts';

export function settleLimits({ limits, timing }: PlanSettings): SettleLimits {
  return {
    retryBaseMs: timing.retryBaseMs,
    retryCapMs: timing.retryCapMs,
    runningPollMs: timing.runningPollMs,
    loopWindowMs: limits.loopWindowMs,
    starts: limits.starts,
  };
}
