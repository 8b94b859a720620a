/**
 * JSON as PostgreSQL's jsonb accepts it. jsonb refuses NUL and unpaired surrogates, which strangers can put into a
 * subject: they become U+FFFD before anything is stored or hashed.
 */
const SUSPECT = /\\u0000|\\ud[89a-f]/i;
const REFUSED = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Text without the code points PostgreSQL refuses. */
export function cleanText(text: string): string {
  return text.replace(REFUSED, '\uFFFD');
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [cleanText(key), cleanValue(part)]));
}

/** Between JSON texts that travel as one: JSON never contains it, and an array of JSON texts is dear to quote. */
export const JSON_SEPARATOR = '\u001e';

/** Serialises a plain value for a jsonb column. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  return SUSPECT.test(text) ? JSON.stringify(cleanValue(value)) : text;
}
