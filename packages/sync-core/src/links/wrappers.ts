/**
 * Links as mail filters rewrite them: the real address is taken out of the wrapper, nothing is ever fetched.
 * Outlook SafeLinks (`url=`), Proofpoint URL Defense v1–v3, Cisco (address in the path), and any wrapper that carries the
 * address in a query value.
 */
import { type HttpUrl, percentDecode, queryValues } from './http-url.ts';

/** The address inside a wrapper, or undefined when the URL wraps nothing that can be read. */
export function unwrapLink(url: HttpUrl): string | undefined {
  return proofpointV3(url) ?? proofpointV2(url) ?? wrappedInQuery(url) ?? wrappedInPath(url);
}

/** `…/v2/url?u=https-3A__host_path`: `-` stands for `%`, `_` for `/`. */
function proofpointV2(url: HttpUrl): string | undefined {
  if (!/^urldefense(?:\.proofpoint)?\.(?:com|us)$/.test(url.host) || !url.path.startsWith('/v2/')) return undefined;
  const wrapped = queryValues(url.query).find((pair) => pair.name === 'u')?.value;
  return wrapped === undefined ? undefined : percentDecode(wrapped.replaceAll('-', '%').replaceAll('_', '/'));
}

/** `…/v3/__https://host/path*__;Lg!!…`: each `*` (or `**` with a length letter) stands for bytes listed in base64url. */
function proofpointV3(url: HttpUrl): string | undefined {
  if (!/^urldefense(?:\.proofpoint)?\.(?:com|us)$/.test(url.host) || !url.path.startsWith('/v3/__')) return undefined;
  const text = url.query === '' ? url.path : `${url.path}?${url.query}`;
  const end = text.indexOf('__;');
  if (end < 0) return undefined;
  const wrapped = text.slice('/v3/__'.length, end).replace(/^(https?:\/)(?!\/)/i, '$1/');
  const replaced = base64UrlText(text.slice(end + 3).split('!', 1)[0] ?? '');
  return fillPlaceholders(wrapped, replaced);
}

const RUN_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function fillPlaceholders(wrapped: string, replaced: string): string {
  let taken = 0;
  return wrapped.replace(/\*\*([A-Za-z0-9_-])|\*/g, (_match, letter: string | undefined) => {
    const length = letter === undefined ? 1 : RUN_LETTERS.indexOf(letter) + 2;
    const piece = replaced.slice(taken, taken + length);
    taken += length;
    return piece;
  });
}

function base64UrlText(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let bits = 0;
  let count = 0;
  let out = '';
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) break;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += String.fromCharCode((bits >> count) & 0xff);
  }
  return out;
}

const ADDRESS_NAMES: ReadonlySet<string> = new Set([
  'url',
  'u',
  'q',
  'target',
  'targeturl',
  'redirect',
  'redirect_uri',
  'redirecturl',
  'link',
  'to',
  'dest',
  'destination',
  'goto',
  'href',
  'a',
  'r',
  'original',
  'originalurl',
]);

/** SafeLinks and every other wrapper that keeps the address in a query value. */
function wrappedInQuery(url: HttpUrl): string | undefined {
  for (const { name, value } of queryValues(url.query)) {
    if (!ADDRESS_NAMES.has(name)) continue;
    if (/^https?:\/\//i.test(value)) return value;
    const again = percentDecode(value);
    if (/^https?:\/\//i.test(again)) return again;
  }
  return undefined;
}

/** `https://secure-web.cisco.com/<token>/https%3A%2F%2Fhost%2Fc%2F1`. */
function wrappedInPath(url: HttpUrl): string | undefined {
  const at = url.path.search(/https?%3a%2f%2f/i);
  return at < 0 ? undefined : percentDecode(url.path.slice(at));
}
