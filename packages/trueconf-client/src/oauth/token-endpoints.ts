/**
 * Where and how the connector's own token is asked for: v4's endpoint, and the older one that every version serves.
 * v4's endpoint may not offer `client_credentials` (the grants are ticked per application), so the older one is tried
 * then; which one worked is remembered. Source: facts/trueconf.md §2.2.
 */
import { z } from 'zod';
import { TrueConfError } from '../error.ts';
import { LIMITS } from '../options.ts';
import type { AnnouncedPause } from '../transport/announced-pause.ts';
import { parseJson, type RawAnswer, readErrorFacts } from '../transport/answer.ts';
import { failureOfAnswer } from '../transport/failure-classification.ts';
import type { HttpTransport } from '../transport/http-transport.ts';
import { integer } from '../wire/field-schemas.ts';
import type { IssuedToken } from './token-keeper.ts';

const V3_ENDPOINT = '/oauth2/v1/token';
const V4_ENDPOINT = '/api/v4/oauth2/token';
const REQUEST = { operation: 'fetchToken', method: 'POST', changesSomething: false } as const;
const DEFAULT_LIFE_SECONDS = 3600;
const MAX_LIFE_SECONDS = 30 * 86_400;

const tokenSchema = z.object({
  access_token: z.string().max(LIMITS.maxTokenCharacters).refine(isHeaderSafe),
  expires_in: integer.pipe(z.number().positive()).catch(DEFAULT_LIFE_SECONDS),
});

/** A bearer token travels in a header: visible ASCII only. */
export function isHeaderSafe(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token) && token.length <= LIMITS.maxTokenCharacters;
}

/** Makes the function that fetches tokens for one server. */
export function tokenEndpoints(
  transport: HttpTransport,
  pause: AnnouncedPause,
  clientId: string,
  family: () => Promise<'v3' | 'v4'>,
): (secret: string) => Promise<IssuedToken> {
  let works: string | undefined;
  return async (secret) => {
    const candidates = works ? [works] : (await family()) === 'v4' ? [V4_ENDPOINT, V3_ENDPOINT] : [V3_ENDPOINT];
    for (const path of candidates) {
      const isLast = path === candidates.at(-1);
      const askedAt = transport.clock.now();
      const answer = await ask(transport, pause, path, clientId, secret);
      if (!isLast && offersNoSuchGrant(answer)) continue;
      if (answer.status === 404) works = undefined;
      const token = readToken(transport, pause, answer, askedAt);
      works = path;
      return token;
    }
    throw new Error('a token endpoint is always asked');
  };
}

async function ask(transport: HttpTransport, pause: AnnouncedPause, path: string, clientId: string, secret: string) {
  pause.check(REQUEST.operation);
  const body = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
  return await transport.send({ ...REQUEST, path, body }, new AbortController().signal);
}

function offersNoSuchGrant(answer: RawAnswer): boolean {
  if (answer.status === 404 || answer.status === 405) return true;
  const { reason } = readErrorFacts(answer.text);
  return reason === 'unsupported_grant_type' || reason === 'unauthorized_client';
}

function readToken(transport: HttpTransport, pause: AnnouncedPause, answer: RawAnswer, askedAt: number): IssuedToken {
  const parsed = tokenSchema.safeParse(parseJson(answer.text));
  if (answer.status >= 200 && answer.status < 300 && parsed.success) {
    const life = Math.min(parsed.data.expires_in, MAX_LIFE_SECONDS) * 1000;
    return { value: parsed.data.access_token, expiresAt: askedAt + life };
  }
  const failure = failureOfAnswer(REQUEST, answer, transport.server, transport.clock.now());
  if (failure.retryAfterMs !== undefined) pause.announce(failure.retryAfterMs);
  const { reason, text } = readErrorFacts(answer.text);
  const isRefusal = [400, 401, 403].includes(answer.status) || (answer.status < 300 && reason !== undefined);
  if (isRefusal) throw refusedClient(transport.server, answer.status, reason, text);
  if (answer.status >= 300) throw failure;
  throw new TrueConfError(`fetchToken: TrueConf Server ${transport.server} answered without a usable token`, {
    kind: 'protocol',
    code: 'unexpectedAnswer',
    operation: REQUEST.operation,
  });
}

function refusedClient(server: string, status: number, reason: string | undefined, text: string | undefined) {
  const code = reason ?? `http${status}`;
  return new TrueConfError(`fetchToken: TrueConf Server ${server} refused clientId or clientSecret (${code})`, {
    kind: 'authFailed',
    code,
    operation: REQUEST.operation,
    httpStatus: status,
    serverText: text,
  });
}
