/**
 * Cookies of one affinity group: Exchange keeps a group of subscriptions on one back end by X-BackEndOverrideCookie, load
 * balancers by cookies of their own. Bounded; attributes other than expiry do not matter for one host and path.
 */
const MAX_COOKIES = 32;
const MAX_VALUE = 4_096;

export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Takes Set-Cookie headers of an answer. */
  take(header: string | readonly string[] | undefined): void {
    if (header === undefined) return;
    for (const line of typeof header === 'string' ? [header] : header) this.#takeOne(line);
  }

  /** The Cookie header, undefined when there is nothing to send. */
  header(): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  clear(): void {
    this.#cookies.clear();
  }

  #takeOne(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    if (equals <= 0) return;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    this.#cookies.delete(name);
    const gone = attributes.some((part) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(part) || isPast(part));
    if (gone || value === '' || value.length > MAX_VALUE || !/^[\x21-\x7e]+$/.test(value + name)) return;
    if (this.#cookies.size >= MAX_COOKIES) this.#cookies.delete(this.#cookies.keys().next().value ?? '');
    this.#cookies.set(name, value);
  }
}

/** Servers delete a cookie by a date long ago; any other expiry outlives the session we keep it for. */
function isPast(attribute: string): boolean {
  const year = /^\s*expires\s*=.*\b(\d{4})\b/i.exec(attribute)?.[1];
  return year !== undefined && Number(year) < 2000;
}
