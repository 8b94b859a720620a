/**
 * The users of the fake TrueConf Server: with and without e-mail, domain-style ids, active or not.
 * Forms of identifiers: facts/trueconf.md §2.7.
 */
import type { NewUser, UserRecord } from './conference-record.ts';
import { TrueConfRefusal } from './refusal.ts';

const DEFAULT_PASSWORD = 'Passw0rd!';

export class UserDirectory {
  readonly #domain: string;
  readonly #users = new Map<string, UserRecord>();

  /** `domain`: the part of the server id before `#`. */
  constructor(domain: string) {
    this.#domain = domain;
  }

  /** Adds a user; a second one with the same id is refused as the real server does. */
  insert(user: NewUser): UserRecord {
    if (user.id === '' || user.id.length > 64) {
      throw new TrueConfRefusal('invalidParameter', 'The user id must have 1 to 64 characters.', 'id');
    }
    if (this.#users.has(key(user.id))) {
      throw new TrueConfRefusal('uniqueValueAlreadyInUse', `User '${user.id}' already exists.`, 'id');
    }
    return this.#save(user, user.password ?? DEFAULT_PASSWORD);
  }

  /** Changes the given fields; `email: ''` removes the address. */
  update(id: string, change: Partial<NewUser>): UserRecord {
    const old = this.get(id);
    return this.#save({ ...old, ...definedOnly(change), id: old.id }, change.password ?? old.password);
  }

  remove(id: string): void {
    this.#users.delete(key(this.get(id).id));
  }

  /** By short id, TrueConf ID (`id@server`), or instance (`id@server/…`). */
  find(id: string): UserRecord | undefined {
    const exact = this.#users.get(key(id));
    if (exact) return exact;
    const suffix = `@${this.#domain}`;
    const bare = id.split('/', 1)[0] ?? id;
    return bare.toLowerCase().endsWith(suffix) ? this.#users.get(key(bare.slice(0, -suffix.length))) : undefined;
  }

  get(id: string): UserRecord {
    const user = this.find(id);
    if (!user) throw new TrueConfRefusal('userNotFound', `User '${id}' is not found.`, 'user_id', 'path');
    return user;
  }

  list(): readonly UserRecord[] {
    return [...this.#users.values()];
  }

  #save(user: NewUser, password: string): UserRecord {
    const [firstName = '', ...rest] = (user.displayName ?? user.id).split(' ');
    const record: UserRecord = {
      id: user.id,
      uid: `${user.id}@${this.#domain}`,
      loginName: user.id,
      email: user.email === '' ? undefined : user.email,
      displayName: user.displayName ?? user.id,
      firstName: user.firstName ?? firstName,
      lastName: user.lastName ?? rest.join(' '),
      company: user.company ?? '',
      groups: user.groups ?? [],
      isActive: user.isActive ?? true,
      status: user.isActive === false ? -2 : (user.status ?? 0),
      password,
    };
    this.#users.set(key(user.id), record);
    return record;
  }
}

function key(id: string): string {
  return id.toLowerCase();
}

function definedOnly(change: Partial<NewUser>): Partial<NewUser> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
