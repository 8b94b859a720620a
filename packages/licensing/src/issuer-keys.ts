/**
 * Whose signature makes a licence valid. The keys of the build are listed here; `registration.issuerKeyFile` adds a further one.
 * The list is empty in the open source: who publishes a build for customers adds the public half of their own key
 * (its private half never enters the repository). See README, "Issuing licences".
 */
import { readFile } from 'node:fs/promises';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { LicenceError } from './fault.ts';

/** Public Ed25519 keys (JWK) every copy of this build trusts. */
export const BUILT_IN_ISSUER_KEYS: readonly JWK[] = [];

const MAX_KEYS = 20;
const publicJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().max(200).optional(),
});
const keyFile = z.union([
  z.object({ keys: z.array(publicJwk).min(1).max(MAX_KEYS) }),
  publicJwk.transform((key) => ({ keys: [key] })),
]);

export interface IssuerKey {
  readonly kid?: string | undefined;
  readonly key: CryptoKey;
}

/** All trusted keys; throws LicenceError when there are none or the file cannot be used. */
export async function loadIssuerKeys(
  file?: string,
  builtIn: readonly JWK[] = BUILT_IN_ISSUER_KEYS,
): Promise<readonly IssuerKey[]> {
  const named = file === undefined ? [] : await readKeyFile(file);
  const all = [...builtIn, ...named];
  if (all.length === 0) throw new LicenceError({ code: 'noIssuerKey' });
  return await Promise.all(all.map(imported));
}

async function readKeyFile(path: string): Promise<readonly JWK[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new LicenceError({
      code: 'issuerKeyUnusable',
      path,
      reason: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
  if (text.includes('"d"')) throw new LicenceError({ code: 'issuerKeyUnusable', path, reason: 'privateKey' });
  const parsed = keyFile.safeParse(parseJson(text));
  if (!parsed.success) throw new LicenceError({ code: 'issuerKeyUnusable', path, reason: 'otherContent' });
  return parsed.data.keys as readonly JWK[];
}

async function imported({ kty, crv, x, kid }: JWK): Promise<IssuerKey> {
  const key = (await importJWK({ kty, crv, x } as JWK, 'EdDSA')) as CryptoKey;
  return { kid, key };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
