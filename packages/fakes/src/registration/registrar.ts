/**
 * The vendor's registration office as a fake: keys of every edition, licences, leases, revocation, offline replies.
 * Protocol and bodies: `registration-protocol.ts`; source: design/contracts.md §7.
 */
import { compactVerify, importJWK } from 'jose';
import type { Issuer } from './issuer.ts';
import {
  type LeasePayload,
  type LeaseTimes,
  type LicenceEdition,
  type LicencePayload,
  leaseClaimSchema,
  RegistrationRefusal,
  type RequestPayload,
  requestPayloadSchema,
} from './registration-protocol.ts';

export interface KeyRecord {
  readonly key: string;
  readonly edition: LicenceEdition;
  readonly accounts: number;
  readonly servers: readonly string[];
  /** epoch ms; a key past it registers nobody */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

export interface LicenceRecord {
  readonly licenceId: string;
  readonly key: string;
  readonly edition: LicenceEdition;
  readonly accounts: number;
  readonly servers: readonly string[];
  readonly installationId: string;
  /** public key of the installation as JWK */
  readonly publicKey: RequestPayload['publicKey'];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly isRevoked: boolean;
  readonly lastLeaseAt?: number | undefined;
}

export interface LeaseRules {
  readonly renewAfterMs: number;
  readonly validForMs: number;
}

export interface RegistrarOptions {
  readonly clock: { now(): number };
  readonly issuer: Issuer;
  readonly servers?: readonly string[] | undefined;
  readonly lease?: Partial<LeaseRules> | undefined;
}

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const CLAIM_SKEW_MS = 15 * 60_000;
const ACCOUNTS: Readonly<Record<LicenceEdition, number>> = { free: 50, standard: 500, enterprise: 10_000 };
const PREFIXES: Readonly<Record<LicenceEdition, string>> = { free: 'FREE', standard: 'STND', enterprise: 'ENTR' };
/** keys `FREE-0000-0000-0001` … `FREE-0000-0000-0009` and so on exist from the start */
const DEFAULT_KEYS_PER_EDITION = 9;

export class Registrar {
  readonly issuer: Issuer;
  readonly #clock: { now(): number };
  readonly #servers: readonly string[];
  readonly #lease: LeaseRules;
  readonly #keys = new Map<string, KeyRecord>();
  readonly #licences = new Map<string, LicenceRecord>();
  #issued = 0;

  constructor(options: RegistrarOptions) {
    this.issuer = options.issuer;
    this.#clock = options.clock;
    this.#servers = options.servers ?? ['server.example.test#vcs'];
    this.#lease = { renewAfterMs: 6 * HOUR, validForMs: 24 * HOUR, ...options.lease };
    for (const edition of Object.keys(PREFIXES) as LicenceEdition[]) {
      for (let index = 1; index <= DEFAULT_KEYS_PER_EDITION; index += 1) {
        this.saveKey({ key: `${PREFIXES[edition]}-0000-0000-${String(index).padStart(4, '0')}`, edition });
      }
    }
  }

  /** Adds or replaces a key. */
  saveKey(key: { readonly key: string; readonly edition: LicenceEdition } & Partial<KeyRecord>): KeyRecord {
    const record: KeyRecord = {
      accounts: ACCOUNTS[key.edition],
      servers: this.#servers,
      expiresAt: this.#clock.now() + YEAR,
      isRevoked: false,
      ...key,
    };
    this.#keys.set(record.key, record);
    return record;
  }

  listKeys(): readonly KeyRecord[] {
    return [...this.#keys.values()];
  }

  listLicences(): readonly LicenceRecord[] {
    return [...this.#licences.values()];
  }

  /** Revokes a licence (and its key) by licence id or key. Says whether there was one. */
  revoke(licenceIdOrKey: string): boolean {
    const licence = this.listLicences().find((one) => one.licenceId === licenceIdOrKey || one.key === licenceIdOrKey);
    const key = this.#keys.get(licence?.key ?? licenceIdOrKey);
    if (licence) this.#licences.set(licence.licenceId, { ...licence, isRevoked: true });
    if (key) this.#keys.set(key.key, { ...key, isRevoked: true });
    return licence !== undefined || key !== undefined;
  }

  /** Frees a key for another installation, as the vendor does when a machine is replaced. */
  release(licenceIdOrKey: string): boolean {
    const licence = this.listLicences().find((one) => one.licenceId === licenceIdOrKey || one.key === licenceIdOrKey);
    return licence !== undefined && this.#licences.delete(licence.licenceId);
  }

  /** Online registration: the licence JWS. */
  async register(request: string): Promise<string> {
    const asked = await verifiedRequest(request);
    return await this.issuer.sign(this.#write(this.#grant(asked)));
  }

  /** Offline registration: the content of `regoffline2.crg`. The free edition is not served this way. */
  async replyOffline(request: string): Promise<string> {
    const asked = await verifiedRequest(request);
    if (this.#usableKey(asked.key).edition === 'free') {
      throw new RegistrationRefusal('editionNotAllowedOffline', 'The free edition cannot be registered offline.');
    }
    return await this.issuer.sign({ ...this.#write(this.#grant(asked)), nonce: asked.nonce });
  }

  /** A fresh lease for a licence, asked for by the installation that holds it. */
  async renewLease(licenceId: string, installationId: string, signature: string): Promise<string> {
    const licence = this.#licences.get(licenceId);
    if (!licence || licence.installationId !== installationId) {
      throw new RegistrationRefusal('unknownKey', 'This installation has no such licence.');
    }
    const claim = leaseClaimSchema.safeParse(await verifiedPayload(signature, licence.publicKey));
    if (!claim.success || claim.data.licenceId !== licenceId || claim.data.installationId !== installationId) {
      throw new RegistrationRefusal('invalidSignature', 'The signature is over something else.');
    }
    const now = this.#clock.now();
    const skew = Math.abs(instantOf(claim.data.at) - now);
    if (!(skew <= CLAIM_SKEW_MS)) {
      throw new RegistrationRefusal(
        'invalidSignature',
        'The signature is too old or from the future: check the clock.',
      );
    }
    if (licence.isRevoked) throw new RegistrationRefusal('revoked', 'This licence has been revoked.');
    if (licence.expiresAt <= now) throw new RegistrationRefusal('expired', 'This licence has expired.');
    this.#licences.set(licenceId, { ...licence, lastLeaseAt: now });
    const lease: LeasePayload = { licenceId, installationId, ...this.#leaseTimes(licence) };
    return await this.issuer.sign(lease);
  }

  #usableKey(key: string): KeyRecord {
    const record = this.#keys.get(key);
    if (!record) throw new RegistrationRefusal('unknownKey', 'This key is not known.');
    if (record.isRevoked) throw new RegistrationRefusal('revoked', 'This key has been revoked.');
    if (record.expiresAt <= this.#clock.now()) throw new RegistrationRefusal('expired', 'This key has expired.');
    return record;
  }

  #grant(asked: RequestPayload): LicenceRecord {
    const key = this.#usableKey(asked.key);
    const holder = this.listLicences().find((licence) => licence.key === key.key);
    if (holder && !isSameInstallation(holder, asked)) {
      throw new RegistrationRefusal('alreadyUsed', 'This key is in use by another installation.');
    }
    const licence: LicenceRecord = {
      licenceId: holder?.licenceId ?? this.#newLicenceId(key.key),
      key: key.key,
      edition: key.edition,
      accounts: key.accounts,
      servers: key.servers,
      installationId: asked.installationId,
      publicKey: asked.publicKey,
      issuedAt: this.#clock.now(),
      expiresAt: key.expiresAt,
      isRevoked: false,
    };
    this.#licences.set(licence.licenceId, licence);
    return licence;
  }

  #newLicenceId(key: string): string {
    this.#issued += 1;
    return `L-${key}-${this.#issued}`;
  }

  #write(licence: LicenceRecord): LicencePayload {
    return {
      licenceId: licence.licenceId,
      edition: licence.edition,
      accounts: licence.accounts,
      installationId: licence.installationId,
      servers: licence.servers,
      issuedAt: iso(licence.issuedAt),
      notBefore: iso(licence.issuedAt),
      expiresAt: iso(licence.expiresAt),
      ...(licence.edition === 'free' ? { lease: this.#leaseTimes(licence) } : {}),
    };
  }

  #leaseTimes(licence: LicenceRecord): LeaseTimes {
    const now = this.#clock.now();
    const until = (ms: number): string => iso(Math.min(now + ms, licence.expiresAt));
    return { renewAfter: until(this.#lease.renewAfterMs), validUntil: until(this.#lease.validForMs) };
  }
}

/** The request, its signature checked against the public key it carries. */
async function verifiedRequest(request: string): Promise<RequestPayload> {
  const claimed = requestPayloadSchema.safeParse(unverifiedPayload(request));
  if (!claimed.success) {
    const place = claimed.error.issues[0]?.path.join('.') ?? '';
    throw new RegistrationRefusal('invalidRequest', `The request is not complete${place === '' ? '' : `: ${place}`}.`);
  }
  await verifiedPayload(request, claimed.data.publicKey);
  return claimed.data;
}

async function verifiedPayload(jws: string, publicKey: RequestPayload['publicKey']): Promise<unknown> {
  try {
    const key = await importJWK({ kty: publicKey.kty, crv: publicKey.crv, x: publicKey.x }, 'EdDSA');
    const { payload } = await compactVerify(jws.trim(), key, { algorithms: ['EdDSA', 'Ed25519'] });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    throw new RegistrationRefusal('invalidSignature', 'The signature does not belong to this request.');
  }
}

function unverifiedPayload(jws: string): unknown {
  try {
    return JSON.parse(Buffer.from(jws.trim().split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    throw new RegistrationRefusal('invalidRequest', 'The request is not a compact JWS.');
  }
}

/** An installation is its id and its key: who lost the key needs the licence released first. */
function isSameInstallation(licence: LicenceRecord, asked: RequestPayload): boolean {
  return licence.installationId === asked.installationId && licence.publicKey.x === asked.publicKey.x;
}

/** RFC 3339 text, epoch seconds or epoch milliseconds. */
function instantOf(moment: string | number): number {
  if (typeof moment === 'string') return Date.parse(moment);
  return moment < 100_000_000_000 ? moment * 1000 : moment;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
