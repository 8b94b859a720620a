/**
 * A URL reader for link recognition: linear, without the platform's URL class (pure package), strict where a lenient one
 * would let a foreign host pass for a whitelisted one. Threats: facts on link detection (open redirect, SSRF, ReDoS).
 */

/** Longest URL looked at: safe-link wrappers reach about 2,000 characters, nested ones twice that. */
export const MAX_URL_LENGTH = 8192;

export interface HttpUrl {
  /** lower case, without port and trailing dot */
  readonly host: string;
  /** digits, empty when not given or 443 */
  readonly port: string;
  /** begins with `/` */
  readonly path: string;
  /** without `?` */
  readonly query: string;
}

/** Reads an absolute http(s) URL; undefined for anything else, for user info, and for hosts outside plain ASCII names. */
export function parseHttpUrl(text: string): HttpUrl | undefined {
  if (text.length > MAX_URL_LENGTH) return undefined;
  const scheme = /^https?:\/\//i.exec(text);
  if (!scheme) return undefined;
  const rest = text.slice(scheme[0].length);
  const authorityEnd = firstOf(rest, '/?#\\');
  const authority = rest.slice(0, authorityEnd);
  const parts = /^([a-z0-9](?:[a-z0-9.-]{0,252})?)(?::([0-9]{1,5}))?$/i.exec(authority);
  if (!parts?.[1]) return undefined;
  const tail = rest.slice(authorityEnd);
  if (tail.startsWith('\\')) return undefined;
  const [beforeFragment = ''] = tail.split('#', 1);
  const queryAt = beforeFragment.indexOf('?');
  const path = queryAt < 0 ? beforeFragment : beforeFragment.slice(0, queryAt);
  const port = parts[2] ?? '';
  return {
    host: parts[1].toLowerCase().replace(/\.$/, ''),
    port: port === '443' ? '' : port,
    path: path === '' ? '/' : path,
    query: queryAt < 0 ? '' : beforeFragment.slice(queryAt + 1),
  };
}

/** The values of a query string in order; names lower case, values percent-decoded. */
export function queryValues(query: string): readonly { readonly name: string; readonly value: string }[] {
  const MAX_PARAMETERS = 64;
  return query.split(/[&;]/, MAX_PARAMETERS).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0
      ? { name: pair.toLowerCase(), value: '' }
      : { name: pair.slice(0, at).toLowerCase(), value: percentDecode(pair.slice(at + 1)) };
  });
}

/** Percent-decodes what can be decoded and leaves the rest as it is; never throws. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

function firstOf(text: string, characters: string): number {
  for (let index = 0; index < text.length; index += 1) {
    if (characters.includes(text.charAt(index))) return index;
  }
  return text.length;
}
