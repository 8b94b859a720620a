/**
 * SMTP addresses of people whom items name by X.500 names (routing type EX). Each is looked up once (resolve-names.ts) and
 * kept, misses too; bounded, least recently used out first.
 */
import type { RawItem, RawPerson } from '../decoder/raw-item.ts';
import { smtpOf } from '../translate/item.ts';

const MAX_KEPT = 20_000;
/** Each name costs one call once, and an item is read with the addresses known by then. */
const MAX_LOOKUPS_PER_CALL = 500;

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

  /** X.500 names in these items that have not been looked up yet, no more than may be at a time. */
  unknownIn(items: readonly RawItem[]): readonly string[] {
    const isUnknown = (person: RawPerson) =>
      smtpOf(person) === undefined && person.address.startsWith('/') && !this.#known.has(person.address.toLowerCase());
    const names = items
      .flatMap(peopleOf)
      .filter(isUnknown)
      .map(({ address }) => address);
    return [...new Set(names)].slice(0, MAX_LOOKUPS_PER_CALL);
  }

  /** Remembers what a look-up gave; undefined: the directory does not know the name. */
  keep(legacyName: string, address: string | undefined): void {
    if (this.#known.size >= MAX_KEPT) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(legacyName.toLowerCase(), address);
  }
}

function peopleOf(item: RawItem): readonly RawPerson[] {
  const organizer = item.organizer === undefined ? [] : [item.organizer];
  return [...organizer, ...item.required, ...item.optional, ...item.resources];
}
