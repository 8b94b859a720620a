/**
 * The rule table: every pair of meeting and conference, seen against what was agreed before, has exactly one rule.
 * The types make it total: a state added to any side does not compile until its rules are written. SPEC.md §4.1.
 */
import type { RuleId } from '../model/rule.ts';
import type { BaselineState, ExchangeState } from '../standing/assess.ts';
import type { ConferenceLookup } from '../standing/lookups.ts';

/** The TrueConf side of the pair. */
export type ConferenceSide = 'notWanted' | 'absent' | 'unreachable' | 'stopped' | 'running';

/** The rules of the table; field rules (R2x) and guards (R4x) fire inside them. */
export type PairRule = Extract<
  RuleId,
  | 'R00'
  | 'R01'
  | 'R02'
  | 'R03'
  | 'R04'
  | 'R05'
  | 'R06'
  | 'R07'
  | 'R08'
  | 'R09'
  | 'R10'
  | 'R11'
  | 'R12'
  | 'R13'
  | 'R14'
  | 'R15'
  | 'R16'
  | 'R17'
>;

type Row = Readonly<Record<ConferenceSide, PairRule>>;
type Block = Readonly<Record<BaselineState, Row>>;

/** One rule whatever the conference side says. */
function whatever(rule: PairRule): Row {
  return { notWanted: rule, absent: rule, unreachable: rule, stopped: rule, running: rule };
}

/** One rule whatever was agreed and whatever the conference side says. */
function always(rule: PairRule): Block {
  const row = whatever(rule);
  return { none: row, adopted: row, created: row, removed: row, other: row };
}

/** A conference that was asked for: `notWanted` means that nobody asked, which is as good as no answer. */
function asked(rules: { readonly absent: PairRule; readonly present: PairRule }): Row {
  return { notWanted: 'R11', absent: rules.absent, unreachable: 'R11', stopped: rules.present, running: rules.present };
}

/** The organizer's meeting ended, by cancellation or deletion. */
const ENDED: Block = {
  none: { ...asked({ absent: 'R07', present: 'R06' }), notWanted: 'R07' },
  adopted: asked({ absent: 'R07', present: 'R06' }),
  created: asked({ absent: 'R07', present: 'R06' }),
  removed: { ...whatever('R07'), stopped: 'R06', running: 'R06' },
  other: asked({ absent: 'R07', present: 'R06' }),
};

export const RULE_TABLE: Readonly<Record<ExchangeState, Block>> = {
  linked: {
    none: asked({ absent: 'R02', present: 'R03' }),
    adopted: asked({ absent: 'R02', present: 'R04' }),
    created: asked({ absent: 'R02', present: 'R04' }),
    removed: asked({ absent: 'R02', present: 'R03' }),
    other: whatever('R15'),
  },
  keyword: {
    none: asked({ absent: 'R01', present: 'R03' }),
    adopted: asked({ absent: 'R02', present: 'R04' }),
    created: asked({ absent: 'R02', present: 'R04' }),
    removed: asked({ absent: 'R01', present: 'R03' }),
    other: whatever('R15'),
  },
  attendeeLinked: {
    none: asked({ absent: 'R05', present: 'R05' }),
    adopted: asked({ absent: 'R05', present: 'R05' }),
    created: asked({ absent: 'R05', present: 'R05' }),
    removed: whatever('R14'),
    other: asked({ absent: 'R05', present: 'R05' }),
  },
  noLink: {
    none: whatever('R00'),
    adopted: whatever('R08'),
    created: asked({ absent: 'R08', present: 'R09' }),
    removed: whatever('R00'),
    other: whatever('R08'),
  },
  cancelled: ENDED,
  deleted: ENDED,
  held: always('R10'),
  unseen: always('R16'),
  over: always('R12'),
  mirror: always('R13'),
  hidden: always('R17'),
};

/** The rule for a pair. */
export function ruleFor(exchange: ExchangeState, against: BaselineState, conference: ConferenceLookup): PairRule {
  return RULE_TABLE[exchange][against][conferenceSide(conference)];
}

export function conferenceSide(conference: ConferenceLookup): ConferenceSide {
  return typeof conference === 'string' ? conference : conference.state;
}
