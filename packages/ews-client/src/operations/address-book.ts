/**
 * SMTP addresses of people whom items name by X.500 names (routing type EX). Looked up once with ResolveNames and kept,
 * misses too; bounded, least recently used out first.
 */
import type { RawItem, RawPerson } from '../decoder/raw-item.ts';
import { smtpOf } from '../translate/item.ts';

const MAX_KEPT = 20_000;
const MAX_LOOKUPS_PER_CALL = 20;

export class AddressBook {
  readonly #known = new Map<string, string | undefined>();

  /** Address of an X.500 name, if it is known already. */
  addressOf = (legacyName: string): string | undefined => {
    const key = legacyName.toLowerCase();
    if (!this.#known.has(key)) return undefined;
    const address = this.#known.get(key);
    this.#known.delete(key);
    this.#known.set(key, address);
    return address;
  };

  /** Looks up the names in these items that are not known yet. A failed look-up leaves the name for the next time. */
  async learn(items: readonly RawItem[], lookUp: (legacyName: string) => Promise<string | undefined>): Promise<void> {
    const wanted = new Set<string>();
    for (const item of items) {
      for (const person of peopleOf(item)) {
        if (
          smtpOf(person) === undefined &&
          person.address.startsWith('/') &&
          !this.#known.has(person.address.toLowerCase())
        ) {
          wanted.add(person.address);
        }
      }
    }
    for (const name of [...wanted].slice(0, MAX_LOOKUPS_PER_CALL)) this.#keep(name, await lookUp(name));
  }

  #keep(legacyName: string, address: string | undefined): void {
    if (this.#known.size >= MAX_KEPT) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(legacyName.toLowerCase(), address);
  }
}

function peopleOf(item: RawItem): readonly RawPerson[] {
  const organizer = item.organizer === undefined ? [] : [item.organizer];
  return [...organizer, ...item.required, ...item.optional, ...item.resources];
}
