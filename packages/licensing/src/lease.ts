/** Keeping the free edition's lease fresh: when to ask (pure) and asking. Contract, section 7. */
import type { Instant } from '@calendar-connector/calendar-model';
import type { LicencePlace } from './check-licence.ts';
import { asOutcome, LicenceError, type Outcome } from './fault.ts';
import { findInstallation } from './installation.ts';
import { loadIssuerKeys } from './issuer-keys.ts';
import { findStoredLicence, type StoredLicence, saveLicence } from './licence-state.ts';
import type { Lease, LeaseTimes } from './payloads.ts';
import { type RegistrationServer, sendLease } from './registration-server.ts';
import { verifyLease, verifyLicence } from './signed-text.ts';

/** After a failed attempt the next one follows in this time. */
export const LEASE_RETRY_MS = 15 * 60_000;

/** When to ask for a lease next; undefined when the licence needs none. `lastAttempt`: the last failed one. */
export function nextRenewalAt(lease: LeaseTimes | undefined, lastAttempt: Instant | undefined): Instant | undefined {
  if (!lease) return undefined;
  return lastAttempt === undefined ? lease.renewAfter : Math.max(lease.renewAfter, lastAttempt + LEASE_RETRY_MS);
}

export interface RenewOptions extends LicencePlace {
  readonly server: RegistrationServer;
  readonly now: Instant;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the server for a fresh lease and stores it. A revocation or expiry it reports is stored too, so that it holds
 * across restarts; every other failure leaves the old lease as it is.
 */
export async function renewLease(options: RenewOptions): Promise<Outcome<{ readonly lease: Lease }>> {
  return await asOutcome(async () => {
    const keys = await loadIssuerKeys(options.issuerKeyFile, options.builtInKeys);
    const stored = await findStoredLicence(options.directory);
    if (!stored) throw new LicenceError({ code: 'notRegistered' });
    const { licenceId, installationId } = await verifyLicence(stored.licence, keys);
    const installation = await findInstallation(options);
    if (installation?.id !== installationId) throw new LicenceError({ code: 'otherMachine' });
    const signature = await installation.sign({ licenceId, installationId, at: new Date(options.now).toISOString() });
    const text = await sendLease(options.server, { licenceId, installationId, signature }, options.signal).catch(
      (error: unknown) => rememberRevocation(options, stored, error),
    );
    const lease = await verifyLease(text, keys);
    if (lease.licenceId !== licenceId || lease.installationId !== installationId)
      throw new LicenceError({ code: 'otherMachine' });
    const { revokedAt: _, ...rest } = stored;
    await saveLicence(options.directory, { ...rest, lease: text });
    return { lease };
  });
}

async function rememberRevocation(options: RenewOptions, stored: StoredLicence, error: unknown): Promise<never> {
  if (error instanceof LicenceError && error.fault.code === 'keyRevoked') {
    const revokedAt = stored.revokedAt ?? options.now;
    await saveLicence(options.directory, { ...stored, revokedAt });
    throw new LicenceError({ code: 'revoked', at: revokedAt });
  }
  throw error;
}
