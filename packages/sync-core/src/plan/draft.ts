/**
 * A plan in the making: rules write down what they decide, in order. Mutable only while one `planMeeting` call runs.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { AnomalyDraft, Decision, RuleFiring } from '../model/decision.ts';
import type { Baseline, ConferenceBinding } from '../model/meeting.ts';
import type { ReasonCode, RuleId } from '../model/rule.ts';
import type { PlanSettings, ServerSettings } from '../model/settings.ts';
import type { Assessment } from '../standing/assess.ts';
import type { Lookups } from '../standing/lookups.ts';

/** What the starts of this meeting belong to. keep: nothing is known now, leave what is scheduled. */
export type Startable = ConferenceBinding | 'none' | 'keep';

export class Draft {
  readonly assessment: Assessment;
  readonly lookups: Lookups;
  readonly settings: PlanSettings;
  readonly now: Instant;
  readonly decisions: Decision[] = [];
  readonly fired: RuleFiring[] = [];
  readonly anomalies: AnomalyDraft[] = [];
  readonly again: Instant[] = [];
  base: Baseline;
  startable: Startable = 'none';
  blocked: ReasonCode | undefined;

  constructor(assessment: Assessment, lookups: Lookups, settings: PlanSettings, now: Instant) {
    this.assessment = assessment;
    this.lookups = lookups;
    this.settings = settings;
    this.now = now;
    this.base = assessment.baseline;
  }

  fire(rule: RuleId, why: ReasonCode): RuleFiring {
    const firing = { rule, why };
    this.fired.push(firing);
    return firing;
  }

  decide(decision: Decision): void {
    this.fired.push({ rule: decision.rule, why: decision.why });
    this.decisions.push(decision);
  }

  /** Nothing is done although something was wanted, and people should see why. */
  block(rule: RuleId, why: ReasonCode): void {
    this.fire(rule, why);
    this.blocked = why;
  }

  server(serverId: string): ServerSettings | undefined {
    return this.settings.servers.find((server) => server.id.toLowerCase() === serverId.toLowerCase());
  }
}
