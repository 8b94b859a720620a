/**
 * The mailboxes that are tried, resolved; shared by the checks that look at what a login gives. A provider whose server
 * was not reached or does not ask for a login is left out: the checks before say why.
 */
import type { CalendarProviderConfig } from '@calendar-connector/config';
import type { FailureKind } from '@calendar-connector/sync-core';
import type { DoctorContext, Resolution } from './context.ts';
import { canLogIn } from './login-schemes.ts';

export type Tried = Resolution & { readonly provider: CalendarProviderConfig };

/** The login itself did not work: nothing else of this provider may be tried, each attempt counts towards a lock-out. */
const NO_LOGIN: ReadonlySet<FailureKind> = new Set([
  'authFailed',
  'extendedProtection',
  'unavailable',
  'timeout',
  'tls',
]);

/** The first mailbox of each provider: one login each. */
export async function firstMailboxes(context: DoctorContext): Promise<readonly Tried[]> {
  const tried = context.exchangeEndpoints().map(async ({ provider, endpoint }) => {
    const { http } = await context.probe(endpoint);
    const address = context.mailboxes(provider)[0];
    if (address === undefined || !canLogIn(provider, http)) return [];
    return [{ ...(await context.resolve(provider, address)), provider }];
  });
  return (await Promise.all(tried)).flat();
}

/** Those of them whose login works. */
export async function signedInMailboxes(context: DoctorContext): Promise<readonly Tried[]> {
  return (await firstMailboxes(context)).filter((one) => one.ok || !NO_LOGIN.has(one.failure.kind));
}

/** All that are tried, of providers whose login works. */
export async function allMailboxes(context: DoctorContext): Promise<readonly Tried[]> {
  const tried = (await signedInMailboxes(context)).flatMap(({ provider }) =>
    context.mailboxes(provider).map(async (address) => ({ ...(await context.resolve(provider, address)), provider })),
  );
  return await Promise.all(tried);
}
