/**
 * Hints for a changing set of mailboxes: shares them out among stream groups by affinity, at most 200 each.
 * A mailbox that stays keeps its group; the set is replaced by each `watch`.
 */
import type { HintListener, HintStream, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { OperationContext } from '../operations/context.ts';
import { Scouts } from './scouts.ts';
import { StreamGroup } from './stream-group.ts';

export class HintStreams implements HintStream {
  readonly #context: OperationContext;
  readonly #listener: HintListener;
  /** groups by affinity */
  readonly #groups = new Map<string, StreamGroup[]>();
  readonly #scouts = new Map<string, Scouts>();
  readonly #leaving = new Set<Promise<void>>();
  #watched = new Map<string, ResolvedMailbox>();
  #count = 0;
  #closing: Promise<void> | undefined;

  constructor(context: OperationContext, listener: HintListener) {
    this.#context = context;
    this.#listener = listener;
  }

  watch(mailboxes: readonly ResolvedMailbox[]): void {
    if (this.#closing !== undefined) return;
    const wanted = new Map(mailboxes.map((mailbox) => [mailbox.address as string, mailbox]));
    for (const [address, present] of this.#watched) {
      const next = wanted.get(address);
      if (next === undefined || !samePlace(present, next)) this.#remove(present);
    }
    const added = [...wanted.values()].filter((mailbox) => {
      const present = this.#watched.get(mailbox.address);
      return present === undefined || !samePlace(present, mailbox);
    });
    // In order of name, so that the same set makes the same groups.
    for (const mailbox of added.sort((a, b) => (a.address < b.address ? -1 : 1))) this.#add(mailbox);
    this.#watched = wanted;
  }

  /** Whoever closes it, again or meanwhile, waits for the same farewells. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const groups = [...this.#groups.values()].flat();
    this.#groups.clear();
    this.#watched.clear();
    await Promise.all([...groups.map((group) => group.close()), ...this.#leaving]);
  }

  #add(mailbox: ResolvedMailbox): void {
    const key = keyOf(mailbox);
    const groups = this.#groups.get(key) ?? [];
    const max = Math.min(200, this.#context.options.limits.subscriptionsPerStream);
    const roomy = groups.find((group) => group.size < max);
    if (roomy !== undefined) {
      roomy.add(mailbox);
      return;
    }
    const name = `${mailbox.affinityGroup}#${this.#count++}`;
    const options = {
      context: this.#context,
      listener: this.#listener,
      name,
      url: mailbox.endpoint,
      jar: this.#context.transport.newJar(),
      scouts: this.#scoutsOf(mailbox.endpoint),
    };
    groups.push(new StreamGroup(options, mailbox));
    this.#groups.set(key, groups);
  }

  #scoutsOf(endpoint: string): Scouts {
    const present = this.#scouts.get(endpoint);
    if (present) return present;
    const scouts = new Scouts();
    this.#scouts.set(endpoint, scouts);
    return scouts;
  }

  #remove(mailbox: ResolvedMailbox): void {
    const key = keyOf(mailbox);
    const groups = this.#groups.get(key) ?? [];
    const group = groups.find((candidate) => candidate.has(mailbox.address));
    if (group === undefined) return;
    group.remove(mailbox.address);
    if (group.size > 0) return;
    this.#groups.set(
      key,
      groups.filter((candidate) => candidate !== group),
    );
    const leaving = group.close();
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }
}

function keyOf(mailbox: ResolvedMailbox): string {
  return `${mailbox.endpoint} ${mailbox.affinityGroup}`;
}

function samePlace(a: ResolvedMailbox, b: ResolvedMailbox): boolean {
  return keyOf(a) === keyOf(b) && a.folderId === b.folderId;
}
