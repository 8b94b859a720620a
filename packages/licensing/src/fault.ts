/**
 * Everything that can be wrong with a licence, as data. The sentences for people stand in `messages.ts`.
 * Specified in the contract, section 7, and features A2–A4, A8.
 */
import type { Instant } from '@calendar-connector/calendar-model';

export type Edition = 'free' | 'standard' | 'enterprise';

/** Why the registration server could not be spoken to. `certificate` is no lack of a link: the server answers, but cannot be trusted. */
export type LinkFailure = 'dns' | 'refused' | 'timeout' | 'unreachable' | 'broken' | 'certificate';

export type LicenceFault =
  | { readonly code: 'notRegistered' }
  /** a file of ours cannot be read or written */
  | { readonly code: 'fileUnreadable'; readonly path: string; readonly reason: string }
  | { readonly code: 'fileNotWritable'; readonly path: string; readonly reason: string }
  | { readonly code: 'fileDamaged'; readonly path: string }
  | { readonly code: 'fileMissing'; readonly path: string }
  /** the installation's private key can be read by other users */
  | { readonly code: 'keyExposed'; readonly path: string; readonly mode: string }
  | { readonly code: 'noIssuerKey' }
  /** `privateKey`, `otherContent`, or the system's code */
  | { readonly code: 'issuerKeyUnusable'; readonly path: string; readonly reason: string }
  | { readonly code: 'notALicence' }
  | { readonly code: 'tampered' }
  | { readonly code: 'otherIssuer' }
  | { readonly code: 'otherMachine' }
  | { readonly code: 'notYetValid'; readonly from: Instant }
  | { readonly code: 'expired'; readonly at: Instant }
  | { readonly code: 'revoked'; readonly at: Instant }
  | { readonly code: 'clockSetBack'; readonly seen: Instant; readonly now: Instant }
  | { readonly code: 'leaseMissing' }
  | { readonly code: 'leaseOverdue'; readonly since: Instant; readonly until: Instant }
  | { readonly code: 'leaseEnded'; readonly at: Instant }
  | { readonly code: 'freeOffline' }
  | { readonly code: 'noRequest'; readonly path: string }
  | { readonly code: 'otherRequest' }
  /** the registration server's refusals */
  | { readonly code: 'unknownKey' }
  | { readonly code: 'alreadyUsed' }
  | { readonly code: 'keyRevoked' }
  | { readonly code: 'keyExpired' }
  | { readonly code: 'malformedKey' }
  | { readonly code: 'serverRefused'; readonly status: number; readonly said: string }
  | { readonly code: 'badAnswer'; readonly server: string }
  | { readonly code: 'noLink'; readonly server: string; readonly failure: LinkFailure; readonly detail: string };

export type LicenceFaultCode = LicenceFault['code'];

/** A fault inside nested calls; public functions turn it into data. */
export class LicenceError extends Error {
  readonly fault: LicenceFault;

  constructor(fault: LicenceFault) {
    super(fault.code);
    this.name = 'LicenceError';
    this.fault = fault;
  }
}

export type Outcome<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly fault: LicenceFault };

/** Runs `act` and turns a LicenceError into data; anything else is a programming error and goes on. */
export async function asOutcome<T extends object>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, ...(await act()) };
  } catch (error) {
    if (error instanceof LicenceError) return { ok: false, fault: error.fault };
    throw error;
  }
}
