/**
 * Mailbox servers behind one name: where a mailbox lives, where a request is worked on, the cookies that keep a group of
 * subscriptions together, and fail-over. Facts "Notifications", affinity.
 */
import type { ExchangeWorld } from '../world/exchange-world.ts';
import { hashText, mix } from '../world/random.ts';

export const AFFINITY_COOKIE = 'X-BackEndOverrideCookie';

export interface RoutingHeaders {
  readonly cookie: string | undefined;
  readonly anchor: string | undefined;
  readonly prefersAffinity: boolean;
}

export interface Route {
  readonly backEnd: string;
  /** cookie to set, when the client asked for affinity */
  readonly setCookie?: string;
}

export class BackEnds {
  readonly #names: readonly string[];
  readonly #down = new Set<string>();
  readonly #moved = new Map<string, string>();
  readonly #world: ExchangeWorld;

  constructor(names: readonly string[], world: ExchangeWorld) {
    this.#names = names.length > 0 ? names : ['exch01'];
    this.#world = world;
  }

  list(): readonly { readonly name: string; readonly isUp: boolean }[] {
    return this.#names.map((name) => ({ name, isUp: !this.#down.has(name) }));
  }

  /** The server a mailbox's database is active on. */
  homeOf(address: string): string {
    const key = (this.#world.findMailbox(address)?.address ?? address).toLowerCase();
    const up = this.#names.filter((name) => !this.#down.has(name));
    const moved = this.#moved.get(key);
    if (moved !== undefined && up.includes(moved)) return moved;
    const own = this.#names[mix(hashText(key)) % this.#names.length] as string;
    if (up.includes(own)) return own;
    return up[mix(hashText(key), 1) % Math.max(1, up.length)] ?? own;
  }

  /** Where a request is worked on: the cookie decides, then the anchor, then the account. */
  route(headers: RoutingHeaders, account: string): Route {
    const wanted = headers.cookie === undefined ? undefined : readCookie(headers.cookie);
    if (wanted !== undefined && this.#names.includes(wanted) && !this.#down.has(wanted)) return { backEnd: wanted };
    const backEnd = this.homeOf(headers.anchor ?? account);
    return headers.prefersAffinity ? { backEnd, setCookie: writeCookie(backEnd, this.#world.domain) } : { backEnd };
  }

  move(address: string, backEnd: string): void {
    this.#moved.set(address.toLowerCase(), backEnd);
  }

  fail(name: string): void {
    this.#down.add(name);
  }

  restore(name: string): void {
    this.#down.delete(name);
  }

  isUp(name: string): boolean {
    return !this.#down.has(name);
  }
}

/** `exch01~1941962754`: a server name with a build, as the front end writes it. */
function writeCookie(backEnd: string, domain: string): string {
  return `${AFFINITY_COOKIE}=${backEnd}.${domain}~1942062522; path=/; secure; HttpOnly`;
}

function readCookie(header: string): string | undefined {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === AFFINITY_COOKIE) return value?.split('~')[0]?.split('.')[0];
  }
  return undefined;
}
