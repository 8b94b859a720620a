/**
 * The user with an e-mail address: the server's filter is not trusted to be exact, so every user it names is compared
 * here, without case. Who has no e-mail carries a TrueConf ID in its place, which is nobody's address by chance only.
 * Two accounts with one address: the active one, then the smaller id, so that the answer is always the same.
 */
import type { TrueConfUser } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import type { Dialect } from './dialect.ts';
import { TrueConfError } from './error.ts';

const MAX_PAGES = 50;

export async function findUserByEmail(
  dialect: Dialect,
  email: string,
  signal: CancelSignal,
): Promise<TrueConfUser | undefined> {
  const wanted = email.trim().toLowerCase();
  if (!wanted.includes('@')) return undefined;
  const found: TrueConfUser[] = [];
  const asked = new Set<number | undefined>();
  for (let page: number | undefined; !asked.has(page); ) {
    if (asked.size >= MAX_PAGES) throw tooManyPages();
    asked.add(page);
    const { users, nextPage } = await dialect.fetchUserPage(wanted, page, signal);
    found.push(...users.filter((user) => user.email?.toLowerCase() === wanted));
    if (found.some((user) => user.isActive) || nextPage === undefined) break;
    page = nextPage;
  }
  return found.toSorted(byPreference)[0];
}

function byPreference(one: TrueConfUser, other: TrueConfUser): number {
  if (one.isActive !== other.isActive) return one.isActive ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

function tooManyPages(): TrueConfError {
  return new TrueConfError(`findUserByEmail: the server names more than ${MAX_PAGES} pages of users for one address`, {
    kind: 'limitExceeded',
    code: 'tooManyPages',
    operation: 'findUserByEmail',
  });
}
