/**
 * One change per idempotency key, whoever repeats it: the same socket, another one of the user, another node, after an
 * answer was lost on either side (SPEC.md M8 of client-protocol; feature D4).
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import { isFailure, type WriteLedger } from '@calendar-connector/sync-core';
import { Refusal } from './refusal.ts';

/** Keys whose change was perhaps done, remembered so that a repeat is taken up at once; the oldest go. */
const MAX_UNSURE = 10_000;
/** Another node is at it, or was when it died: the ledger gives the key free after a minute. */
const RETRY_AFTER_MS = 2_000;

export interface KeyedWrite {
  readonly mailbox: MailboxAddress;
  readonly key: string;
  /** of the request's content: the same key with another content is refused */
  readonly hash: string;
}

export class OncePerKey {
  readonly #ledger: WriteLedger;
  readonly #underWay = new Map<string, Promise<string>>();
  readonly #unsure = new Set<string>();

  constructor(ledger: WriteLedger) {
    this.#ledger = ledger;
  }

  /** The answer, as text. `repeated`: an earlier try with this key was perhaps carried out. */
  async run(write: KeyedWrite, work: (repeated: boolean) => Promise<string>): Promise<string> {
    const id = `${write.mailbox}\n${write.key}`;
    const before = this.#underWay.get(id);
    if (before) {
      await before.catch(() => {});
      return this.run(write, work);
    }
    const doing = this.#begin(write, id, work);
    this.#underWay.set(id, doing);
    try {
      return await doing;
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #begin(write: KeyedWrite, id: string, work: (repeated: boolean) => Promise<string>): Promise<string> {
    const { mailbox, key, hash } = write;
    const begun = await this.#ledger.beginWrite(mailbox, key, hash);
    if (begun.state === 'mismatch') throw new Refusal('conflict', 'this idempotencyKey was used for another change');
    if (begun.state === 'known') return begun.answer;
    const repeated = this.#unsure.has(id);
    if (begun.state === 'pending' && !repeated)
      throw new Refusal('providerUnavailable', 'this change is being made; ask again in a moment', RETRY_AFTER_MS);
    try {
      const answer = await work(repeated);
      await this.#ledger.finishWrite(mailbox, key, answer);
      this.#unsure.delete(id);
      return answer;
    } catch (error) {
      // Without effect for certain: the key is free again. Perhaps done: the key stays, and a repeat finds what was written.
      const refused =
        error instanceof Refusal ? !error.maybeDone : isFailure(error) && !error.maybeDone && !error.retriable;
      if (refused && !repeated) await this.#ledger.abandonWrite(mailbox, key);
      else this.#doubt(id);
      throw error;
    }
  }

  #doubt(id: string): void {
    this.#unsure.add(id);
    const [oldest] = this.#unsure;
    if (this.#unsure.size > MAX_UNSURE && oldest !== undefined) this.#unsure.delete(oldest);
  }
}
