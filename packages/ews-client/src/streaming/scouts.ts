/**
 * While Exchange is away, one of the stream groups of a server tries often whether it is back; the others are told.
 * So the return is noticed within seconds, and the server that struggles to come up is not stormed by fifty groups.
 */
export interface Scout {
  retryNow(): void;
}

export class Scouts {
  readonly #resting = new Set<Scout>();
  #scout: Scout | undefined;

  /** The group lost its stream to a server that does not answer: is it the one that tries often? */
  mayScout(group: Scout): boolean {
    this.#scout ??= group;
    this.#resting.add(group);
    return this.#scout === group;
  }

  /** The server answered a group: whoever rests tries at once. */
  answered(group: Scout): void {
    this.leave(group);
    this.#scout = undefined;
    const resting = [...this.#resting];
    this.#resting.clear();
    for (const other of resting) other.retryNow();
  }

  leave(group: Scout): void {
    this.#resting.delete(group);
    if (this.#scout === group) this.#scout = undefined;
  }
}
