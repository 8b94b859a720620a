/**
 * The connector's own access token: fetched when first needed, shared by all calls, renewed before it ends or when the
 * server refuses it, and never by two calls at once (single flight).
 * A refused client secret is not tried again for a while: repeating it would only lock the client out.
 * Source: facts/trueconf.md §2.2.
 */
import type { CancelSignal } from '@calendar-connector/sync-core';
import { TrueConfError } from '../error.ts';
import { type Clock, LIMITS } from '../options.ts';
import { untilAborted } from '../until-aborted.ts';

export interface IssuedToken {
  readonly value: string;
  readonly expiresAt: number;
}

export interface TokenSource {
  readonly clientSecret: () => string;
  readonly clock: Clock;
  fetchToken(secret: string): Promise<IssuedToken>;
}

/** Renewed this long before its end, or at 90 % of its life when that is shorter. */
const RENEW_EARLY_MS = 60_000;
const FRESH_MS = 60_000;

interface Refusal {
  readonly secret: string;
  readonly until: number;
  readonly error: TrueConfError;
}

export class TokenKeeper {
  readonly #source: TokenSource;
  #token: (IssuedToken & { readonly renewAt: number; readonly fetchedAt: number }) | undefined;
  #flight: Promise<string> | undefined;
  #refusal: Refusal | undefined;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** A token that is good as far as we know. The wait can be given up; the shared fetch goes on for the others. */
  async get(signal: CancelSignal): Promise<string> {
    if (this.#token && this.#source.clock.now() < this.#token.renewAt) return this.#token.value;
    this.#flight ??= this.#renew().finally(() => {
      this.#flight = undefined;
    });
    return await untilAborted(this.#flight, signal, 'fetchToken');
  }

  /** Fetched a moment ago: if it is refused, another one will not help. */
  isFresh(token: string): boolean {
    return this.#token?.value === token && this.#source.clock.now() - this.#token.fetchedAt < FRESH_MS;
  }

  /** The server refused this token: the next `get` fetches another, unless somebody already has. */
  invalidate(token: string): void {
    if (this.#token?.value === token) this.#token = undefined;
  }

  async #renew(): Promise<string> {
    const { clock } = this.#source;
    const secret = this.#source.clientSecret();
    const refusal = this.#refusal;
    if (refusal && refusal.secret === secret && clock.now() < refusal.until) throw refusal.error;
    const askedAt = clock.now();
    try {
      const token = await this.#source.fetchToken(secret);
      const life = Math.max(0, token.expiresAt - askedAt);
      const renewAt = token.expiresAt - Math.min(RENEW_EARLY_MS, life * 0.1);
      this.#token = { ...token, renewAt, fetchedAt: clock.now() };
      this.#refusal = undefined;
      return token.value;
    } catch (error) {
      if (error instanceof TrueConfError && error.kind === 'authFailed') {
        this.#refusal = { secret, until: clock.now() + LIMITS.refusedSecretPauseMs, error };
      }
      throw error;
    }
  }
}
