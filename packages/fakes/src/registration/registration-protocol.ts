/**
 * The registration protocol, byte for byte (design/contracts.md §7). The vendor's own is not public; this one is ours.
 *
 * All JWS are compact, `alg` EdDSA (Ed25519), payload JSON. All moments are RFC 3339 UTC strings, `2026-03-02T08:00:00.000Z`.
 *
 * 1. Request (content of `regoffline.crg`, and `request` of the online call): a JWS signed by the installation's own key over
 *      {product, version, key, installationId, publicKey, nonce, createdAt}
 *    `publicKey` is the installation's public key as JWK {kty:"OKP", crv:"Ed25519", x}; the signature is checked against it, so a
 *    request cannot be altered, and whoever renews a lease later must hold the same private key.
 *
 * 2. POST /api/calendar/v1/register   {"request": "<JWS>"}
 *      200 {"licence": "<JWS>"}: signed by the issuer (header {alg, kid}) over
 *      {licenceId, edition: "free"|"standard"|"enterprise", accounts, installationId, servers: string[],
 *       issuedAt, notBefore, expiresAt, lease?: {renewAfter, validUntil}}
 *    `lease` is there for the free edition only. The same installation asking again with the same key gets its licence again
 *    (same licenceId, fresh lease): a lost answer costs nothing.
 *
 * 3. POST /api/calendar/v1/lease   {"licenceId", "installationId", "signature"}
 *    `signature`: a JWS by the installation key over {licenceId, installationId, at}; `at` within 15 minutes of the server's clock.
 *      200 {"lease": "<JWS>"}: signed by the issuer over {licenceId, installationId, renewAfter, validUntil}
 *    renewAfter = now + 6 h, validUntil = now + 24 h (never past the licence's end).
 *
 * 4. POST /api/calendar/v1/offline   {"request": "<JWS>"}   (stands for the vendor's manager; not called by the connector)
 *      200 {"reply": "<JWS>"}: content of `regoffline2.crg`: the licence JWS whose payload also holds the request's `nonce`.
 *
 * 5. GET /api/calendar/v1/issuer.jwk   the issuer's public key as JWK (what `registration.issuerKeyFile` holds).
 *
 * Errors: {"error": {"code", "message"}}
 *   400 invalidRequest (not JSON, no JWS, fields missing) · 400 invalidSignature · 403 revoked · 403 expired
 *   403 editionNotAllowedOffline · 404 unknownKey (key or licence unknown) · 409 alreadyUsed (key taken by another installation)
 */
import { z } from 'zod';

export const EDITIONS = ['free', 'standard', 'enterprise'] as const;
export type LicenceEdition = (typeof EDITIONS)[number];

/** What an installation signs when it asks for a licence. */
export const requestPayloadSchema = z.object({
  product: z.string().min(1),
  version: z.string().min(1),
  key: z.string().min(1).max(100),
  installationId: z.string().min(1).max(200),
  publicKey: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(1) }),
  nonce: z.string().min(1).max(200),
  createdAt: z.union([z.string().min(1), z.number()]),
});
export type RequestPayload = z.infer<typeof requestPayloadSchema>;

export const registerBodySchema = z.object({ request: z.string().min(1).max(20_000) });
export const leaseBodySchema = z.object({
  licenceId: z.string().min(1).max(200),
  installationId: z.string().min(1).max(200),
  signature: z.string().min(1).max(20_000),
});
export const leaseClaimSchema = z.object({
  licenceId: z.string(),
  installationId: z.string(),
  at: z.union([z.string().min(1), z.number()]),
});

export interface LeaseTimes {
  readonly renewAfter: string;
  readonly validUntil: string;
}

export interface LicencePayload {
  readonly licenceId: string;
  readonly edition: LicenceEdition;
  readonly accounts: number;
  readonly installationId: string;
  readonly servers: readonly string[];
  readonly issuedAt: string;
  readonly notBefore: string;
  readonly expiresAt: string;
  readonly lease?: LeaseTimes;
  /** in an offline reply only */
  readonly nonce?: string;
}

export interface LeasePayload extends LeaseTimes {
  readonly licenceId: string;
  readonly installationId: string;
}

export type RegistrationCode =
  | 'invalidRequest'
  | 'invalidSignature'
  | 'unknownKey'
  | 'alreadyUsed'
  | 'revoked'
  | 'expired'
  | 'editionNotAllowedOffline';

export const REGISTRATION_STATUS: Readonly<Record<RegistrationCode, number>> = {
  invalidRequest: 400,
  invalidSignature: 400,
  revoked: 403,
  expired: 403,
  editionNotAllowedOffline: 403,
  unknownKey: 404,
  alreadyUsed: 409,
};

/** A refusal of the registration server. */
export class RegistrationRefusal extends Error {
  readonly code: RegistrationCode;

  constructor(code: RegistrationCode, message: string) {
    super(message);
    this.name = 'RegistrationRefusal';
    this.code = code;
  }
}
