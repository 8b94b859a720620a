/**
 * Jobs that PostgreSQL gave to one of our pools in an answer that never arrived: the connection broke between the commit
 * and the answer. graphile-worker takes such a fetch for failed and fetches again; the rows stay locked by a pool that
 * lives, and nobody would touch them for four hours. So for a while after each failed fetch or lost session, and once a
 * minute in any case, what the database has locked for our pools is compared with what they have in hand. What is missing
 * twice in a row goes back to the queue. A mistake costs one more look at a meeting, for jobs are idempotent.
 */

/** Looks after a reason to doubt: a server that is slow may commit a fetch some time after the connection broke. */
const DOUBTFUL_LOOKS = 10;
const LOOKS_BETWEEN_CHECKS = 60;

export interface LostJobsOptions {
  /** ids of jobs locked for our pools that nothing has replaced */
  readonly listPicked: () => Promise<readonly string[]>;
  /** a pool runs the job or keeps it for its next free handler */
  readonly hasInHand: (id: string) => boolean;
  readonly handBack: (id: string) => Promise<void>;
}

export class LostJobs {
  readonly #options: LostJobsOptions;
  #suspects: ReadonlySet<string> = new Set();
  #doubtfulLooks = 0;
  #quietLooks = 0;

  constructor(options: LostJobsOptions) {
    this.#options = options;
  }

  /** A fetch failed, or the connection to the database broke. */
  doubt(): void {
    this.#doubtfulLooks = DOUBTFUL_LOOKS;
  }

  /** To be called about once a second. Returns how many jobs were handed back. */
  async look(): Promise<number> {
    this.#quietLooks += 1;
    if (this.#doubtfulLooks === 0 && this.#suspects.size === 0 && this.#quietLooks < LOOKS_BETWEEN_CHECKS) return 0;
    const picked = await this.#options.listPicked();
    this.#quietLooks = 0;
    this.#doubtfulLooks = Math.max(0, this.#doubtfulLooks - 1);
    const missing = picked.filter((id) => !this.#options.hasInHand(id));
    const lost = missing.filter((id) => this.#suspects.has(id));
    this.#suspects = new Set(missing);
    for (const id of lost) await this.#options.handBack(id);
    return lost.length;
  }
}
