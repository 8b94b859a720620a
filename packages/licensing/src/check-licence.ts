/** The licence of this installation, judged as a whole: signature, machine, clock, dates, lease, revocation. */
import type { Instant } from '@calendar-connector/calendar-model';
import type { JWK } from 'jose';
import { clockFault, isClockDue } from './clock.ts';
import { type DirectoryLimits, type Entitlements, entitlements, newestLease, stopped } from './entitlements.ts';
import { LicenceError } from './fault.ts';
import { findInstallation, type InstallationPlace } from './installation.ts';
import { type IssuerKey, loadIssuerKeys } from './issuer-keys.ts';
import { findLastSeen, findStoredLicence, type StoredLicence, saveLastSeen } from './licence-state.ts';
import type { LeaseTimes, Licence } from './payloads.ts';
import { verifyLease, verifyLicence } from './signed-text.ts';

export interface LicencePlace extends InstallationPlace {
  /** registration.issuerKeyFile */
  readonly issuerKeyFile?: string | undefined;
  /** default: the keys of the build */
  readonly builtInKeys?: readonly JWK[] | undefined;
}

export interface LicenceCheck {
  /** absent when there is none, or none that can be trusted */
  readonly licence?: Licence;
  /** the newest lease, of the licence itself or renewed since */
  readonly lease?: LeaseTimes;
  readonly entitlements: Entitlements;
}

/** Judges the licence at `now`. Writes down the time at most once an hour; otherwise only reads. Never throws for a bad licence. */
export async function checkLicence(
  place: LicencePlace,
  now: Instant,
  limits: DirectoryLimits = {},
): Promise<LicenceCheck> {
  try {
    const stored = await findStoredLicence(place.directory);
    if (!stored) return { entitlements: stopped({ code: 'notRegistered' }) };
    return await judge(place, stored, now, limits);
  } catch (error) {
    if (error instanceof LicenceError) return { entitlements: stopped(error.fault) };
    throw error;
  }
}

async function judge(
  place: LicencePlace,
  stored: StoredLicence,
  now: Instant,
  limits: DirectoryLimits,
): Promise<LicenceCheck> {
  const keys = await loadIssuerKeys(place.issuerKeyFile, place.builtInKeys);
  const licence = await verifyLicence(stored.licence, keys);
  await refuseOtherMachine(place, licence);
  const renewed = await storedLease(stored, licence, keys);
  const lease = newestLease(licence, renewed);
  const known = { licence, ...(lease && { lease }) };
  if (stored.revokedAt !== undefined) {
    return { ...known, entitlements: stopped({ code: 'revoked', at: stored.revokedAt }, licence, stored.revokedAt) };
  }
  const setBack = await watchClock(place.directory, licence, now);
  if (setBack) return { ...known, entitlements: stopped(setBack, licence) };
  return { ...known, entitlements: entitlements(licence, renewed, now, limits) };
}

async function refuseOtherMachine(place: LicencePlace, licence: Licence): Promise<void> {
  const installation = await findInstallation(place);
  if (installation?.id !== licence.installationId) throw new LicenceError({ code: 'otherMachine' });
}

/** A stored lease that does not belong to the licence is no lease; the licence itself may still be good. */
async function storedLease(
  stored: StoredLicence,
  licence: Licence,
  keys: readonly IssuerKey[],
): Promise<LeaseTimes | undefined> {
  if (stored.lease === undefined) return undefined;
  const lease = await verifyLease(stored.lease, keys);
  return lease.licenceId === licence.licenceId && lease.installationId === licence.installationId ? lease : undefined;
}

/** The issue date is a time that has certainly been, even when the clock's file was removed. */
async function watchClock(directory: string, licence: Licence, now: Instant) {
  const written = await findLastSeen(directory).catch(() => undefined);
  const fault = clockFault(Math.max(written ?? 0, licence.issuedAt), now);
  if (!fault && isClockDue(written, now)) await saveLastSeen(directory, now).catch(() => {});
  return fault;
}
