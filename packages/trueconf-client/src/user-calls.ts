/**
 * Users by e-mail, and who a token belongs to. Only the v3 user list is public knowledge; newer servers are asked for
 * their own list first and for v3's when they have none. Source: facts/trueconf.md §2.4, §2.7.
 */
import type { TrueConfUser } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { z } from 'zod';
import type { UserPage } from './dialect.ts';
import { TrueConfError } from './error.ts';
import type { Session } from './session.ts';
import { segment } from './wire/identifiers.ts';
import { toUser, userPageSchema, userSchema } from './wire/users.ts';

const USERS_PER_PAGE = 100;

/** Of `GET /me` only the display name is documented; the id is taken wherever the server puts it. */
const ownerFields = userSchema.partial();
const ownerSchema = z.union([z.object({ user: ownerFields }), ownerFields.transform((user) => ({ user }))]);

/** `prefixes`: in the order they are tried; the first one that has the route is remembered. */
export function userCalls(session: Session, prefixes: readonly string[], server: string) {
  const firstWithUsers = firstServed(prefixes);
  const firstWithMe = firstServed(prefixes);

  async function fetchUserPage(email: string, page: number | undefined, signal: CancelSignal): Promise<UserPage> {
    const query = { email, page_size: USERS_PER_PAGE, page_id: page };
    const wire = await firstWithUsers((prefix) =>
      session.fetch(
        { operation: 'findUserByEmail', method: 'GET', path: `${prefix}/users`, query },
        userPageSchema,
        signal,
      ),
    );
    const users = wire.users.map((user) => toUser(user, server));
    return wire.next_page_id < 0 ? { users } : { users, nextPage: wire.next_page_id };
  }

  /** Asked with the person's own token. The account itself is then read with ours: `/me` says little. */
  async function fetchTokenOwner(token: string, signal: CancelSignal): Promise<TrueConfUser | undefined> {
    const me = await firstWithMe(async (prefix) => {
      const request = { operation: 'findTokenOwner', method: 'GET', path: `${prefix}/me` } as const;
      return session.read(request, await session.callAs(token, request, signal), ownerSchema);
    });
    const id = me.user.id ?? me.user.uid;
    if (id === undefined) return undefined;
    return await fetchUser(id, signal);
  }

  async function fetchUser(id: string, signal: CancelSignal): Promise<TrueConfUser> {
    const schema = z.union([z.object({ user: userSchema }), userSchema.transform((user) => ({ user }))]);
    const { user } = await firstWithUsers((prefix) => {
      const path = `${prefix}/users/${segment(id)}`;
      return session.fetch({ operation: 'fetchUser', method: 'GET', path }, schema, signal);
    });
    return toUser(user, server);
  }

  return { fetchUserPage, fetchUser, fetchTokenOwner };
}

type Ask<Answer> = (prefix: string) => Promise<Answer>;

/** Goes through the prefixes until one has the route, and starts there from then on. */
function firstServed(prefixes: readonly string[]): <Answer>(ask: Ask<Answer>) => Promise<Answer> {
  let from = 0;
  return async (ask) => {
    for (let index = from; ; index += 1) {
      try {
        const answer = await ask(prefixes[index] ?? '');
        from = index;
        return answer;
      } catch (error) {
        if (index >= prefixes.length - 1 || !isMissingRoute(error)) throw error;
      }
    }
  };
}

/** A 404 that names something else (userNotFound) is an answer of a route that exists. */
function isMissingRoute(error: unknown): boolean {
  if (!(error instanceof TrueConfError)) return false;
  if (error.httpStatus === 405) return true;
  return error.httpStatus === 404 && (error.code === 'routeNotFound' || error.code === 'http404');
}
