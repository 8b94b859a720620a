/**
 * The issuer's key pair: made anew at each start, or kept in a file so that licences survive a restart of the fake.
 * The public half is what the connector is pointed at by `registration.issuerKeyFile`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

export interface Issuer {
  /** key id: thumbprint of the public key (RFC 7638) */
  readonly kid: string;
  readonly publicJwk: JWK;
  sign(payload: object): Promise<string>;
}

/** Opens the issuer; a named key file is read, or written when it does not exist yet. */
export async function openIssuer(privateKeyFile?: string): Promise<Issuer> {
  const privateJwk = privateKeyFile === undefined ? await newPrivateJwk() : await keptPrivateJwk(privateKeyFile);
  const { kty, crv, x } = privateJwk;
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined || privateJwk.d === undefined) {
    throw new Error(`${privateKeyFile ?? 'the issuer key'}: not a private Ed25519 key in JWK form`);
  }
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  const key = (await importJWK({ ...privateJwk, alg: 'EdDSA' }, 'EdDSA')) as CryptoKey;
  const sign = (payload: object): Promise<string> =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .sign(key);
  return { kid, publicJwk: { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' }, sign };
}

async function newPrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return await exportJWK(privateKey);
}

async function keptPrivateJwk(file: string): Promise<JWK> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Error(
        `${file}: not JSON. Name a file with a private Ed25519 key in JWK form, or one that is not there yet.`,
      );
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const jwk = await newPrivateJwk();
  await writeFile(file, `${JSON.stringify(jwk, null, 2)}\n`, { mode: 0o600 });
  return jwk;
}
