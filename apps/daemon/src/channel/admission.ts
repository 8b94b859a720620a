/**
 * Who may connect at all: origin, number of connections in all, per address and per user (threats T10, T19).
 * `ws` checks none of this by itself (CWE-1385).
 */
import type { IncomingMessage } from 'node:http';

export interface AdmissionRules {
  /** `https://host[:port]` of the pages that may open the socket */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly trustedProxies: ReadonlySet<string>;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  readonly maxPerUser: number;
}

export type Refusal = { readonly status: 403 | 429 | 503; readonly reason: string };

function normalise(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}

/** The peer's address; X-Forwarded-For counts only when the direct peer is a trusted proxy. */
export function clientAddress(request: IncomingMessage, trustedProxies: ReadonlySet<string>): string {
  const peer = normalise(request.socket.remoteAddress);
  if (!trustedProxies.has(peer)) return peer;
  const forwarded = request.headers['x-forwarded-for'];
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').at(-1)?.trim();
  return last ? normalise(last) : peer;
}

/** Counts living connections and says whether one more is welcome. */
export class Admission {
  #rules: AdmissionRules;
  #total = 0;
  readonly #perAddress = new Map<string, number>();
  readonly #perUser = new Map<string, number>();

  constructor(rules: AdmissionRules) {
    this.#rules = rules;
  }

  get total(): number {
    return this.#total;
  }

  get trustedProxies(): ReadonlySet<string> {
    return this.#rules.trustedProxies;
  }

  update(rules: AdmissionRules): void {
    this.#rules = rules;
  }

  /** A browser always names its origin; programs (TrueConf Server's proxy, clients) send none and prove themselves by token. */
  check(request: IncomingMessage, address: string): Refusal | undefined {
    const origin = request.headers.origin;
    if (origin !== undefined && !this.#rules.allowedOrigins.has(origin.toLowerCase())) {
      return { status: 403, reason: `origin ${origin.slice(0, 200)} may not open the calendar socket` };
    }
    if (this.#total >= this.#rules.maxConnections) return { status: 503, reason: 'too many connections' };
    if ((this.#perAddress.get(address) ?? 0) >= this.#rules.maxPerAddress) {
      return { status: 429, reason: 'too many connections from this address' };
    }
    return undefined;
  }

  opened(address: string): void {
    this.#total += 1;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    this.#total -= 1;
    lower(this.#perAddress, address);
  }

  /** False when the user has all the connections one user may have. */
  userJoined(user: string): boolean {
    const count = this.#perUser.get(user) ?? 0;
    if (count >= this.#rules.maxPerUser) return false;
    this.#perUser.set(user, count + 1);
    return true;
  }

  userLeft(user: string): void {
    lower(this.#perUser, user);
  }
}

function lower(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
