/** Users, the owner of a token, the address book of v4.1. Source: facts/trueconf.md §2.4, §2.7. `/me` of v3 is ours: none is documented. */
import type { NewUser, UserRecord } from '../world/conference-record.ts';
import { TrueConfRefusal } from '../world/refusal.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';
import { type ApiCall, type ApiRoute, integerOfQuery, pageSizeOf } from './api-routes.ts';
import { booleanField, fieldsOf, requiredString, stringField } from './body-fields.ts';
import { demandServerWide } from './caller.ts';
import { type Dialect, writeUser } from './dialect.ts';

export function userRoutes(dialect: Dialect): readonly ApiRoute[] {
  const { world } = dialect;
  const read = 'users:read';
  const routes: ApiRoute[] = [
    {
      method: 'GET',
      path: '/me',
      operation: 'getMe',
      scope: undefined,
      work: ({ caller }) => {
        if (caller.userId === undefined) throw new TrueConfRefusal('forbidden', 'This token belongs to no user.');
        return { user: writeUser(world, world.users.get(caller.userId)) };
      },
    },
    { method: 'GET', path: '/users', operation: 'listUsers', scope: read, work: (call) => listUsers(world, call) },
    {
      method: 'GET',
      path: '/users/:uid',
      operation: 'getUser',
      scope: read,
      work: (call) => {
        const user = world.users.get(call.params.uid ?? '');
        if (call.caller.userId !== user.id) demandServerWide(call.caller);
        return { user: writeUser(world, user) };
      },
    },
  ];
  if (dialect.family === 'v3') routes.push(...userWrites(world));
  if (dialect.apiVersion === 'v4.1') routes.push(addressBook(world));
  return routes;
}

/** `email=` finds neighbours too unless the quirk says otherwise: a client must compare for itself. */
function listUsers(world: TrueConfWorld, call: ApiCall): unknown {
  demandServerWide(call.caller);
  const { query } = call;
  const fits = (user: UserRecord): boolean =>
    textFits(user.loginName, query.login_name) &&
    textFits(user.displayName, query.display_name) &&
    textFits(user.firstName, query.first_name) &&
    textFits(user.lastName, query.last_name) &&
    mailFits(user, query.email, world);
  return paged(world.users.list().filter(fits), query, 'users', (user) => writeUser(world, user));
}

function textFits(text: string, part: string | undefined): boolean {
  return part === undefined || text.toLowerCase().includes(part.toLowerCase());
}

function mailFits(user: UserRecord, wanted: string | undefined, world: TrueConfWorld): boolean {
  const { emailFilter, missingEmail } = world.quirks;
  if (wanted === undefined || emailFilter === 'ignored') return true;
  const email = (user.email ?? (missingEmail === 'trueConfId' ? user.uid : '')).toLowerCase();
  return emailFilter === 'exact' ? email === wanted.toLowerCase() : email.includes(wanted.toLowerCase());
}

/** Pages count from 0; `next_page_id` −1 is the end. */
function paged<T>(
  all: readonly T[],
  query: Readonly<Record<string, string>>,
  name: string,
  write: (one: T) => unknown,
): Readonly<Record<string, unknown>> {
  const size = pageSizeOf(query);
  const page = Math.max(0, integerOfQuery(query, 'page_id', 0));
  const next = (page + 1) * size < all.length ? page + 1 : -1;
  return { [name]: all.slice(page * size, (page + 1) * size).map(write), next_page_id: next };
}

function userWrites(world: TrueConfWorld): readonly ApiRoute[] {
  const one = '/users/:uid';
  const scope = 'users:write';
  return [
    {
      method: 'POST',
      path: '/users',
      operation: 'createUser',
      scope,
      work: (call) => {
        demandServerWide(call.caller);
        const id = requiredString(fieldsOf(call.body), 'login_name');
        return { user: writeUser(world, world.addUser({ ...readUser(call.body), id })) };
      },
    },
    {
      method: 'PUT',
      path: one,
      operation: 'updateUser',
      scope,
      work: (call) => {
        demandServerWide(call.caller);
        return { user: writeUser(world, world.users.update(call.params.uid ?? '', readUser(call.body))) };
      },
    },
    {
      method: 'DELETE',
      path: one,
      operation: 'deleteUser',
      scope,
      work: (call) => {
        demandServerWide(call.caller);
        const { id } = world.users.get(call.params.uid ?? '');
        world.users.remove(id);
        world.tokens.revoke({ userId: id });
        return { id };
      },
    },
  ];
}

function readUser(body: unknown): Partial<NewUser> {
  const fields = fieldsOf(body);
  return {
    email: stringField(fields, 'email'),
    displayName: stringField(fields, 'display_name'),
    firstName: stringField(fields, 'first_name'),
    lastName: stringField(fields, 'last_name'),
    company: stringField(fields, 'company'),
    isActive: booleanField(fields, 'is_active'),
    password: stringField(fields, 'password'),
  };
}

/** `filter_search` takes one word: with a space in it nothing is found. */
function addressBook(world: TrueConfWorld): ApiRoute {
  return {
    method: 'GET',
    path: '/users/:uid/addressbook',
    operation: 'getAddressBook',
    scope: 'users.addressbook:read',
    work: (call) => {
      const owner = world.users.get(call.params.uid ?? '');
      if (call.caller.userId !== owner.id) demandServerWide(call.caller);
      const search = (call.query.filter_search ?? '').trim();
      const found = world.users.list().filter((user) => {
        if (user.id === owner.id) return false;
        if (search.includes(' ') && world.quirks.oneWordSearch) return false;
        return [user.displayName, user.email ?? '', user.id].some((text) => textFits(text, search));
      });
      return paged(found, call.query, 'contacts', (user) => ({
        id: user.id,
        uid: user.uid,
        display_name: user.displayName,
        email: user.email ?? '',
        avatar_url: null,
        status: user.status,
        is_user: true,
      }));
    },
  };
}
