/** One fault of every kind, for the generated reference; the type makes a forgotten kind an error of the compiler. */
import type { LicenceFault, LicenceFaultCode } from './fault.ts';

const DAY_MS = 86_400_000;
const THEN = Date.UTC(2026, 2, 2, 8);
const SERVER = 'reg.trueconf.com:443';

const EXAMPLES: { readonly [C in LicenceFaultCode]: Extract<LicenceFault, { readonly code: C }> } = {
  notRegistered: { code: 'notRegistered' },
  fileUnreadable: { code: 'fileUnreadable', path: 'PATH', reason: 'EACCES' },
  fileNotWritable: { code: 'fileNotWritable', path: 'PATH', reason: 'EACCES' },
  fileDamaged: { code: 'fileDamaged', path: 'PATH' },
  fileMissing: { code: 'fileMissing', path: 'PATH' },
  keyExposed: { code: 'keyExposed', path: 'PATH', mode: '0644' },
  noIssuerKey: { code: 'noIssuerKey' },
  issuerKeyUnusable: { code: 'issuerKeyUnusable', path: 'PATH', reason: 'ENOENT' },
  notALicence: { code: 'notALicence' },
  tampered: { code: 'tampered' },
  otherIssuer: { code: 'otherIssuer' },
  otherMachine: { code: 'otherMachine' },
  notYetValid: { code: 'notYetValid', from: THEN },
  expired: { code: 'expired', at: THEN },
  revoked: { code: 'revoked', at: THEN },
  clockSetBack: { code: 'clockSetBack', seen: THEN, now: THEN - DAY_MS },
  leaseMissing: { code: 'leaseMissing' },
  leaseOverdue: { code: 'leaseOverdue', since: THEN + DAY_MS / 4, until: THEN + DAY_MS },
  leaseEnded: { code: 'leaseEnded', at: THEN + DAY_MS },
  freeOffline: { code: 'freeOffline' },
  noRequest: { code: 'noRequest', path: 'PATH' },
  otherRequest: { code: 'otherRequest' },
  unknownKey: { code: 'unknownKey' },
  alreadyUsed: { code: 'alreadyUsed' },
  keyRevoked: { code: 'keyRevoked' },
  keyExpired: { code: 'keyExpired' },
  malformedKey: { code: 'malformedKey' },
  serverRefused: { code: 'serverRefused', status: 400, said: 'WORDS' },
  badAnswer: { code: 'badAnswer', server: SERVER },
  noLink: { code: 'noLink', server: SERVER, failure: 'refused', detail: 'ECONNREFUSED' },
};

export const LICENCE_FAULT_EXAMPLES: readonly LicenceFault[] = Object.values(EXAMPLES);
