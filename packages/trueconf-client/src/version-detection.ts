/**
 * Which API version to speak: `GET /api/v4/server` needs no credentials and names the server's version. v4 from 5.5.3
 * on, v4.1 from 5.5.6 on; anything that does not answer like that (404, HTML of a start page) is served by v3.11.
 * No link is no answer: it throws, and nothing is concluded. Source: facts/trueconf.md §2.1, §2.4.
 */
import type { CancelSignal } from '@calendar-connector/sync-core';
import { z } from 'zod';
import type { ApiVersion } from './options.ts';
import type { AnnouncedPause } from './transport/announced-pause.ts';
import { parseJson } from './transport/answer.ts';
import { failureOfAnswer } from './transport/failure-classification.ts';
import type { HttpTransport } from './transport/http-transport.ts';
import { optionalText } from './wire/field-schemas.ts';

export interface ServerFacts {
  readonly api: ApiVersion;
  /** the server's domain name */
  readonly name?: string;
  readonly version?: string;
}

const REQUEST = { operation: 'detectVersion', method: 'GET', changesSomething: false } as const;
const V4_FROM = [5, 5, 3];
const V41_FROM = [5, 5, 6];

const serverSchema = z.object({ product: z.object({ display_name: optionalText, version: z.string().max(64) }) });

/** Asks the server what it is. */
export async function detectVersion(
  transport: HttpTransport,
  pause: AnnouncedPause,
  signal: CancelSignal,
): Promise<ServerFacts> {
  pause.check(REQUEST.operation);
  const answer = await transport.send({ ...REQUEST, path: '/api/v4/server' }, signal);
  const now = transport.clock.now();
  if (answer.status >= 500 || answer.status === 429) {
    const failure = failureOfAnswer(REQUEST, answer, transport.server, now);
    if (failure.retryAfterMs !== undefined) pause.announce(failure.retryAfterMs);
    throw failure;
  }
  const parsed = serverSchema.safeParse(parseJson(answer.text));
  if (answer.status !== 200 || !parsed.success) return { api: 'v3.11' };
  const { display_name: name, version } = parsed.data.product;
  return { api: apiOf(version), version, ...(name === undefined ? {} : { name }) };
}

function apiOf(version: string): ApiVersion {
  const parts = (version.match(/\d+/g) ?? []).map(Number);
  if (isAtLeast(parts, V41_FROM)) return 'v4.1';
  return isAtLeast(parts, V4_FROM) ? 'v4' : 'v3.11';
}

function isAtLeast(version: readonly number[], floor: readonly number[]): boolean {
  for (const [index, wanted] of floor.entries()) {
    const part = version[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
