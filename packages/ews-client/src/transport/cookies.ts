/**
 * Cookies of one affinity group: Exchange keeps a group of subscriptions on one back end by X-BackEndOverrideCookie, load
 * balancers by cookies of their own. Bounded; attributes other than expiry do not matter for one host and path.
 */
const MAX_COOKIES = 32;
const MAX_VALUE = 4_096;

interface Cookie {
  readonly value: string;
  /** clock time after which it is not sent any more */
  readonly until: number;
}

export class CookieJar {
  readonly #now: () => number;
  readonly #cookies = new Map<string, Cookie>();

  /** `now`: clock time in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes Set-Cookie headers of an answer. */
  take(header: string | readonly string[] | undefined): void {
    if (header === undefined) return;
    for (const line of typeof header === 'string' ? [header] : header) this.#takeOne(line);
  }

  /** The Cookie header, undefined when there is nothing to send. */
  header(): string | undefined {
    const now = this.#now();
    for (const [name, { until }] of this.#cookies) if (until <= now) this.#cookies.delete(name);
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
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
    const now = this.#now();
    const until = expiryOf(attributes, now);
    if (until <= now || value === '' || value.length > MAX_VALUE || !/^[\x21-\x7e]+$/.test(value + name)) return;
    if (this.#cookies.size >= MAX_COOKIES) this.#cookies.delete(this.#cookies.keys().next().value ?? '');
    this.#cookies.set(name, { value, until });
  }
}

/** Max-Age wins over Expires (RFC 6265 §5.3); with neither, or with what is no date, it lasts as long as we do. */
function expiryOf(attributes: readonly string[], now: number): number {
  const attribute = (name: RegExp) =>
    attributes.map((part) => name.exec(part)?.[1]).find((found) => found !== undefined);
  const age = attribute(/^\s*max-age\s*=\s*(-?\d+)\s*$/i);
  if (age !== undefined) return now + Number(age) * 1_000;
  const date = Date.parse(attribute(/^\s*expires\s*=\s*(.*)$/i) ?? '');
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date;
}
