/** Verifying compact JWS of an issuer: only EdDSA, only known keys, bounded size; never a default. */
import { type CryptoKey, compactVerify, decodeProtectedHeader } from 'jose';
import type { z } from 'zod';
import { LicenceError } from './fault.ts';
import type { IssuerKey } from './issuer-keys.ts';
import { type Lease, type Licence, leasePayload, licencePayload } from './payloads.ts';

/** A licence is about 1 KB; nothing of ours is larger than this. */
const MAX_SIGNED_CHARACTERS = 65_536;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const ALGORITHMS = ['EdDSA', 'Ed25519'];

/** The licence in a signed text; throws LicenceError. Dates and machine are not judged here. */
export async function verifyLicence(text: string, keys: readonly IssuerKey[]): Promise<Licence> {
  return readAs(licencePayload, await verifiedPayload(text, keys));
}

export async function verifyLease(text: string, keys: readonly IssuerKey[]): Promise<Lease> {
  return readAs(leasePayload, await verifiedPayload(text, keys));
}

/** The payload of a JWS signed by one of the keys. */
export async function verifiedPayload(text: string, keys: readonly IssuerKey[]): Promise<unknown> {
  const jws = text.trim();
  if (jws.length > MAX_SIGNED_CHARACTERS || !COMPACT_JWS.test(jws)) throw new LicenceError({ code: 'notALicence' });
  const named = keyIdOf(jws);
  const candidates = keys.filter((one) => named === undefined || one.kid === undefined || one.kid === named);
  if (candidates.length === 0) throw new LicenceError({ code: 'otherIssuer' });
  for (const { key } of candidates) {
    const payload = await verifyWith(jws, key);
    if (payload) return parseJson(payload);
  }
  throw new LicenceError({ code: 'tampered' });
}

export function readAs<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) throw new LicenceError({ code: 'notALicence' });
  return parsed.data;
}

function keyIdOf(jws: string): string | undefined {
  try {
    return decodeProtectedHeader(jws).kid;
  } catch {
    throw new LicenceError({ code: 'notALicence' });
  }
}

async function verifyWith(jws: string, key: CryptoKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(jws, key, { algorithms: ALGORITHMS })).payload;
  } catch {
    return undefined;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new LicenceError({ code: 'notALicence' });
  }
}
