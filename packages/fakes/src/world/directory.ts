/**
 * Who exists: mailboxes, rooms, distribution lists, outside contacts, log-in names and passwords, delegates,
 * impersonation rights. Mailboxes that come from the seed are made when somebody first asks for them.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { MailboxType, Person } from './model.ts';

export type FolderAccess = 'None' | 'Reviewer' | 'Author' | 'Editor' | 'Custom';

export interface Delegate {
  readonly address: string;
  readonly calendar: FolderAccess;
  readonly inbox: FolderAccess;
  readonly tasks: FolderAccess;
  readonly contacts: FolderAccess;
  readonly notes: FolderAccess;
  readonly journal: FolderAccess;
  readonly receivesCopies: boolean;
  readonly viewsPrivate: boolean;
}

export type RequestDelivery = 'DelegatesOnly' | 'DelegatesAndMe' | 'DelegatesAndSendInformationToMe' | 'NoForward';

/** Somebody who can log in. */
export interface Account {
  /** UPN */
  readonly login: string;
  /** `DOMAIN\name` */
  readonly accountName: string;
  password: string;
  readonly mailbox?: string;
  disabled: boolean;
}

/** May act as others; `scope` undefined means everybody (no management scope). */
export interface Impersonator {
  readonly login: string;
  readonly scope?: (address: string) => boolean;
}

/** What an absent person's mailbox says for them. */
export interface Absence {
  readonly state: 'Disabled' | 'Enabled' | 'Scheduled';
  readonly externalAudience: 'None' | 'Known' | 'All';
  readonly from?: Instant;
  readonly to?: Instant;
  readonly internalReply: string;
  readonly externalReply: string;
}

const AT_WORK: Absence = { state: 'Disabled', externalAudience: 'All', internalReply: '', externalReply: '' };

export interface DistributionList {
  readonly address: string;
  readonly name: string;
  readonly members: readonly string[];
}

export interface Contact {
  readonly address: string;
  readonly name: string;
}

export const NO_ACCESS = {
  calendar: 'None',
  inbox: 'None',
  tasks: 'None',
  contacts: 'None',
  notes: 'None',
  journal: 'None',
} as const;

const ORGANISATION = '/o=Example/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=';

/** The X.500 name of an address, as old items carry it. */
export function legacyDn(address: string): string {
  return `${ORGANISATION}${address.toLowerCase().replace('@', '-')}`;
}

/** The address behind an X.500 name; undefined for a foreign one. */
export function addressOfDn(dn: string): string | undefined {
  if (!dn.toLowerCase().startsWith(ORGANISATION.toLowerCase())) return undefined;
  const name = dn.slice(ORGANISATION.length);
  const dash = name.lastIndexOf('-');
  return dash < 0 ? undefined : `${name.slice(0, dash)}@${name.slice(dash + 1)}`;
}

export class Directory {
  readonly #accounts = new Map<string, Account>();
  readonly #lists = new Map<string, DistributionList>();
  readonly #contacts = new Map<string, Contact>();
  readonly #delegates = new Map<string, Delegate[]>();
  readonly #delivery = new Map<string, RequestDelivery>();
  readonly #impersonators = new Map<string, Impersonator>();
  readonly #absences = new Map<string, Absence>();

  addAccount(account: Account): void {
    this.#accounts.set(account.login.toLowerCase(), account);
    this.#accounts.set(account.accountName.toLowerCase(), account);
  }

  /** An account by UPN or `DOMAIN\name`. */
  findAccount(name: string): Account | undefined {
    return this.#accounts.get(name.toLowerCase());
  }

  addList(list: DistributionList): void {
    this.#lists.set(list.address.toLowerCase(), list);
  }

  findList(address: string): DistributionList | undefined {
    return this.#lists.get(address.toLowerCase());
  }

  lists(): IterableIterator<DistributionList> {
    return this.#lists.values();
  }

  addContact(contact: Contact): void {
    this.#contacts.set(contact.address.toLowerCase(), contact);
  }

  findContact(address: string): Contact | undefined {
    return this.#contacts.get(address.toLowerCase());
  }

  contacts(): IterableIterator<Contact> {
    return this.#contacts.values();
  }

  delegatesOf(address: string): readonly Delegate[] {
    return this.#delegates.get(address.toLowerCase()) ?? [];
  }

  findDelegate(owner: string, delegate: string): Delegate | undefined {
    return this.delegatesOf(owner).find((entry) => entry.address === delegate.toLowerCase());
  }

  setDelegate(owner: string, delegate: Delegate): void {
    const others = this.delegatesOf(owner).filter((entry) => entry.address !== delegate.address.toLowerCase());
    this.#delegates.set(owner.toLowerCase(), [...others, { ...delegate, address: delegate.address.toLowerCase() }]);
  }

  removeDelegate(owner: string, delegate: string): boolean {
    const before = this.delegatesOf(owner);
    const after = before.filter((entry) => entry.address !== delegate.toLowerCase());
    this.#delegates.set(owner.toLowerCase(), after);
    return after.length < before.length;
  }

  requestDelivery(owner: string): RequestDelivery {
    return this.#delivery.get(owner.toLowerCase()) ?? 'DelegatesAndSendInformationToMe';
  }

  setRequestDelivery(owner: string, delivery: RequestDelivery): void {
    this.#delivery.set(owner.toLowerCase(), delivery);
  }

  absenceOf(address: string): Absence {
    return this.#absences.get(address.toLowerCase()) ?? AT_WORK;
  }

  setAbsence(address: string, absence: Absence): void {
    this.#absences.set(address.toLowerCase(), absence);
  }

  /** Whether somebody answers with their absence at a moment. */
  isAbsent(address: string, at: Instant): boolean {
    const { state, from = at, to = Number.POSITIVE_INFINITY } = this.absenceOf(address);
    return state === 'Enabled' || (state === 'Scheduled' && from <= at && at < to);
  }

  addImpersonator(impersonator: Impersonator): void {
    this.#impersonators.set(impersonator.login.toLowerCase(), impersonator);
  }

  removeImpersonator(login: string): void {
    this.#impersonators.delete(login.toLowerCase());
  }

  findImpersonator(login: string): Impersonator | undefined {
    return this.#impersonators.get(login.toLowerCase());
  }
}

/** How a person appears in a recipient list. */
export function personOf(name: string, address: string, mailboxType: MailboxType = 'Mailbox'): Person {
  return { name, address, routingType: 'SMTP', mailboxType };
}
