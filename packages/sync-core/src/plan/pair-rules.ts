/**
 * What each rule of the table does. A rule only writes down decisions and the baseline observation alone justifies.
 * SPEC.md §4.1, one paragraph per rule.
 */
import { isManaged } from '../standing/assess.ts';
import { unbind } from './binding.ts';
import { unreachable } from './doubt.ts';
import type { Draft } from './draft.ts';
import { end, ended } from './end.ts';
import { follow } from './follow.ts';
import { rebind, retire } from './let-go.ts';
import type { PairRule } from './rule-table.ts';
import { adopt, create, ownershipOf, show } from './take-up.ts';

/** Carries out the rule of the table on the draft. */
export const PAIR_RULES: Readonly<Record<PairRule, (draft: Draft) => void>> = {
  R00: (draft) => void draft.fire('R00', draft.assessment.why),
  R01: (draft) => create(draft, 'R01', 'created', draft.assessment.why),
  R02: (draft) => create(draft, 'R02', ownershipOf(draft), 'conferenceAbsent'),
  R03: adopt,
  R04: (draft) => (isManaged(draft.base) ? follow(draft, 'R04', draft.assessment.why) : adopt(draft)),
  R05: show,
  R06: end,
  R07: ended,
  R08: (draft) => {
    draft.fire('R08', draft.assessment.why);
    unbind(draft);
  },
  R09: retire,
  R10: (draft) => {
    draft.fire('R10', draft.assessment.why);
    draft.startable = 'keep';
  },
  R11: unreachable,
  R12: (draft) => void draft.fire('R12', 'over'),
  R13: (draft) => void draft.fire('R13', 'mirror'),
  R14: (draft) => void draft.fire('R14', 'removedByUs'),
  R15: rebind,
  R16: (draft) => void draft.fire('R16', 'noCopyLeft'),
  R17: (draft) => void draft.fire('R17', 'freeBusyAccess'),
};
