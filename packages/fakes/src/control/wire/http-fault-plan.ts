/**
 * Faults that a fake HTTP server shows on the wire: which, to whom, how often.
 * The list is facts/trueconf.md §9 and facts/goals.md §7 ("timeout after commit" above all: the work is done, nobody hears of it).
 * Rules are asked in the order they were added; the first one that fits fires. Chance is seeded.
 */
import { Random } from '../../world/random.ts';

/**
 * before the work:  latency · hang · reset · status · html502 · tooManyRequests
 * after the work:   timeoutAfterCommit · resetAfterCommit · halfJson (cut connection) · brokenJson (whole answer, cut text) · drip
 */
export const HTTP_FAULT_KINDS = [
  'latency',
  'hang',
  'reset',
  'status',
  'html502',
  'tooManyRequests',
  'timeoutAfterCommit',
  'resetAfterCommit',
  'halfJson',
  'brokenJson',
  'drip',
] as const;
export type HttpFaultKind = (typeof HTTP_FAULT_KINDS)[number];

export interface HttpFault {
  readonly kind: HttpFaultKind;
  /** name of the operation as the journal writes it, e.g. `createConference`; absent: every operation */
  readonly operation?: string | undefined;
  readonly method?: string | undefined;
  /** part of the path, e.g. a conference id; absent: every path */
  readonly pathContains?: string | undefined;
  /** strikes at most so often; absent: until it is removed */
  readonly count?: number | undefined;
  /** lets so many fitting requests pass first */
  readonly skip?: number | undefined;
  /** 0..1, absent: always */
  readonly probability?: number | undefined;
  /** milliseconds: `latency`, and the pause between two pieces of `drip` */
  readonly ms?: number | undefined;
  /** HTTP status and body of `status` */
  readonly status?: number | undefined;
  readonly text?: string | undefined;
  readonly contentType?: string | undefined;
  /** `tooManyRequests` and `status`: Retry-After, in whole seconds on the wire */
  readonly backOffMs?: number | undefined;
}

export interface PlannedFault extends HttpFault {
  readonly id: string;
  /** how often it has struck */
  readonly struck: number;
}

export interface FaultSubject {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

interface Rule {
  readonly id: string;
  readonly fault: HttpFault;
  skipped: number;
  struck: number;
}

/** More rules than this at once is a mistake of the test, not a test. */
const MAX_RULES = 1000;

/** The set of faults in force on one fake server. */
export class HttpFaultPlan {
  readonly #rules: Rule[] = [];
  readonly #random: Random;
  #lastId = 0;
  #struckInAll = 0;

  constructor(seed = 1) {
    this.#random = new Random(seed);
  }

  /** Puts a fault in force; the id names it for `remove`. */
  add(fault: HttpFault): string {
    if (this.#rules.length >= MAX_RULES)
      throw new Error(`more than ${MAX_RULES} faults are in force: clear some first`);
    this.#lastId += 1;
    const id = `f${this.#lastId}`;
    this.#rules.push({ id, fault, skipped: 0, struck: 0 });
    return id;
  }

  /** Ends one fault. Says whether it was in force. */
  remove(id: string): boolean {
    const index = this.#rules.findIndex((rule) => rule.id === id);
    if (index < 0) return false;
    this.#rules.splice(index, 1);
    return true;
  }

  /** Ends all faults. Answers already held back stay held back until their connection ends. */
  clear(): void {
    this.#rules.length = 0;
  }

  list(): readonly PlannedFault[] {
    return this.#rules.map(({ id, fault, struck }) => ({ id, ...fault, struck }));
  }

  /** How many requests were struck since the start. */
  get struckInAll(): number {
    return this.#struckInAll;
  }

  /** The fault that strikes this request, if any. Counts it. */
  strike(subject: FaultSubject): HttpFault | undefined {
    for (const rule of this.#rules) {
      if (!fits(rule.fault, subject) || this.#isSpent(rule)) continue;
      if (rule.skipped < (rule.fault.skip ?? 0)) {
        rule.skipped += 1;
        continue;
      }
      if (rule.fault.probability !== undefined && !this.#random.chance(rule.fault.probability)) continue;
      rule.struck += 1;
      this.#struckInAll += 1;
      return rule.fault;
    }
    return undefined;
  }

  #isSpent(rule: Rule): boolean {
    return rule.fault.count !== undefined && rule.struck >= rule.fault.count;
  }
}

function fits(fault: HttpFault, subject: FaultSubject): boolean {
  if (fault.operation !== undefined && fault.operation !== subject.operation) return false;
  if (fault.method !== undefined && fault.method.toUpperCase() !== subject.method.toUpperCase()) return false;
  return fault.pathContains === undefined || subject.path.includes(fault.pathContains);
}
