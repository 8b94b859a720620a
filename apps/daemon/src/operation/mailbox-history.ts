/**
 * What lately became of each mailbox this node holds: its last failures and changes of state, for `explain --mailbox`.
 * In memory and bounded; the lasting record is the timeline.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { Clock } from '../engine/clock.ts';

/** Kept of each kind and mailbox. */
const KEPT = 8;

export interface PastFailure {
  /** when it was met last */
  readonly at: number;
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  /** how often in a row */
  readonly times: number;
}

export interface StateChange {
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

interface Past {
  readonly failures: PastFailure[];
  readonly states: StateChange[];
}

export class MailboxHistory {
  readonly #clock: Clock;
  readonly #past = new Map<MailboxAddress, Past>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same failure in a row is one entry that counts. */
  failed(
    mailbox: MailboxAddress,
    { kind, code = kind, message }: Pick<PastFailure, 'kind' | 'message'> & { readonly code?: string },
  ): void {
    const { failures } = this.#of(mailbox);
    const last = failures.at(-1);
    const same = last?.code === code && last.message === message ? failures.pop() : undefined;
    keep(failures, { at: this.#clock.now(), kind, code, message, times: (same?.times ?? 0) + 1 });
  }

  changed(mailbox: MailboxAddress, from: string, to: string): void {
    keep(this.#of(mailbox).states, { at: this.#clock.now(), from, to });
  }

  /** Oldest first. */
  read(mailbox: MailboxAddress): {
    readonly failures: readonly PastFailure[];
    readonly states: readonly StateChange[];
  } {
    return this.#past.get(mailbox) ?? { failures: [], states: [] };
  }

  #of(mailbox: MailboxAddress): Past {
    const present = this.#past.get(mailbox);
    if (present) return present;
    const made: Past = { failures: [], states: [] };
    this.#past.set(mailbox, made);
    return made;
  }
}

function keep<Entry>(list: Entry[], entry: Entry): void {
  list.push(entry);
  if (list.length > KEPT) list.shift();
}
