/**
 * Reads what a server answered, whatever it is: JSON, HTML of a proxy, nothing at all.
 * Both error shapes of facts/trueconf.md §2.3: `{"error":{code,message,errors:[{reason,location}]}}` and
 * `{"error":"invalid_client","error_description"}`; v4 adds a top-level `message`, `reason` and `trace_id`.
 */
import { z } from 'zod';
import { LIMITS } from '../options.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What an error body says, as far as it says anything. */
export interface ErrorFacts {
  readonly reason?: string;
  readonly location?: string;
  readonly text?: string;
}

const shortText = z.string().transform((text) => text.slice(0, LIMITS.maxServerText));
const entrySchema = z.object({
  reason: shortText.optional().catch(undefined),
  message: shortText.optional().catch(undefined),
  location: shortText.optional().catch(undefined),
});
const objectErrorSchema = z.object({
  error: entrySchema.extend({ errors: z.array(entrySchema).max(1000).optional().catch(undefined) }),
});
const stringErrorSchema = z.object({
  error: shortText.optional().catch(undefined),
  error_description: shortText.optional().catch(undefined),
  reason: shortText.optional().catch(undefined),
  message: shortText.optional().catch(undefined),
});

/** The JSON of a body, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  // trimming takes the byte order mark away, too, which scripts saved by Windows editors put before their answers
  const json = text.trim();
  if (json === '') return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** Takes reason, place and text out of any known error body; an unknown one gives nothing. */
export function readErrorFacts(text: string): ErrorFacts {
  const json = parseJson(text);
  const nested = objectErrorSchema.safeParse(json);
  if (nested.success) {
    const { error } = nested.data;
    const first = error.errors?.find((entry) => entry.reason !== undefined) ?? error.errors?.[0];
    return facts(first?.reason ?? error.reason, first?.location ?? error.location, first?.message ?? error.message);
  }
  const flat = stringErrorSchema.safeParse(json);
  if (!flat.success) return {};
  const { error, error_description, reason, message } = flat.data;
  return facts(reason ?? reasonWord(error), undefined, error_description ?? message ?? error);
}

/** `Not Found` is a text, `invalid_client` a word. */
function reasonWord(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : undefined;
}

function facts(reason: string | undefined, location: string | undefined, text: string | undefined): ErrorFacts {
  const word = reasonWord(reason);
  const place = reasonWord(location);
  return {
    ...(word === undefined ? {} : { reason: word }),
    ...(place === undefined ? {} : { location: place }),
    ...(text === undefined ? {} : { text }),
  };
}

/** Retry-After in milliseconds: seconds or an HTTP date. */
export function readRetryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
