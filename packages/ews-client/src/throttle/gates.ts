/**
 * Announced back-offs: until when which budget must rest. Nothing passes a closed gate (invariant I13).
 */
export class Gates {
  readonly #until = new Map<string, number>();

  /** Closes a gate; an earlier end never shortens a later one. */
  close(budget: string, untilMs: number): void {
    this.#until.set(budget, Math.max(untilMs, this.#until.get(budget) ?? 0));
    if (this.#until.size > MAX_GATES) this.#until.delete(this.#until.keys().next().value ?? '');
  }

  /** When all of these budgets are open again; 0: now. */
  closedUntil(budgets: readonly string[], now: number): number {
    let latest = 0;
    for (const budget of budgets) {
      const until = this.#until.get(budget);
      if (until === undefined) continue;
      if (until <= now) this.#until.delete(budget);
      else latest = Math.max(latest, until);
    }
    return latest;
  }
}

const MAX_GATES = 50_000;
