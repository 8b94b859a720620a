/** The request an installation signs: sent online, or carried as regoffline.crg. Contract, section 7. */
import { randomBytes } from 'node:crypto';
import type { Instant } from '@calendar-connector/calendar-model';
import { LicenceError } from './fault.ts';
import type { Installation } from './installation.ts';

const PRODUCT = 'tc_calendar';

const KEY_SHAPE = /^[A-Za-z0-9][A-Za-z0-9-]{2,98}[A-Za-z0-9]$/;

export interface SignedRequest {
  /** compact JWS */
  readonly text: string;
  readonly nonce: string;
}

/** Signs a request for `key`; throws LicenceError when that is no key at all. */
export async function signRequest(
  installation: Installation,
  key: string,
  version: string,
  now: Instant,
): Promise<SignedRequest> {
  const given = key.trim();
  if (!KEY_SHAPE.test(given)) throw new LicenceError({ code: 'malformedKey' });
  const nonce = randomBytes(24).toString('base64url');
  const text = await installation.sign({
    product: PRODUCT,
    version,
    key: given,
    installationId: installation.id,
    publicKey: installation.publicKey,
    nonce,
    createdAt: new Date(now).toISOString(),
  });
  return { text, nonce };
}
