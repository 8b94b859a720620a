/**
 * OAuth of the fake TrueConf Server: applications, access tokens, refresh tokens, one-time codes, with every way to lose
 * them (expiry by the world's clock, expire-now, revocation). Wire forms are in `oauth-routes.ts`. Source: facts/trueconf.md §2.2.
 */
import { Random } from '../../world/random.ts';
import { DIGITS_HEX, randomText } from './random-text.ts';

export type GrantType = 'client_credentials' | 'password' | 'refresh_token' | 'authorization_code';

export interface OAuthApplication {
  readonly clientId: string;
  /** absent: public client, as the built-in `trueconf_server_users` */
  readonly clientSecret?: string | undefined;
  readonly grants: readonly GrantType[];
  /** `conferences` covers `conferences:read` and so on */
  readonly scopes: readonly string[];
}

export interface TokenRecord {
  readonly token: string;
  readonly clientId: string;
  /** absent: server wide */
  readonly userId?: string | undefined;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

export interface IssuedTokens {
  readonly access: TokenRecord;
  readonly refreshToken?: string | undefined;
}

interface RefreshRecord {
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

const ALL_SCOPES: readonly string[] = [
  'conferences',
  'conferences.invitations',
  'conferences.participants',
  'conferences.records',
  'conferences.sessions:read',
  'conferences.sessions.participants:read',
  'groups',
  'users',
  'users.avatar',
  'users.addressbook',
  'templates.conferences',
  'logs.calls:read',
  'logs.calls.participants:read',
  'logs.calls.invites:read',
];

const ALL_GRANTS: readonly GrantType[] = ['client_credentials', 'password', 'refresh_token', 'authorization_code'];
export const USERS_CLIENT_ID = 'trueconf_server_users';
/** Dead tokens are swept when this many are held. */
const SWEEP_AT = 50_000;

/** All OAuth state of one server. */
export class TokenStore {
  readonly #now: () => number;
  readonly #random: Random;
  readonly #applications = new Map<string, OAuthApplication>();
  readonly #access = new Map<string, TokenRecord>();
  readonly #refresh = new Map<string, RefreshRecord>();
  readonly #codes = new Map<string, RefreshRecord>();
  #issued = 0;

  constructor(now: () => number, seed: number) {
    this.#now = now;
    this.#random = new Random(seed);
    this.saveApplication({ clientId: USERS_CLIENT_ID, grants: ['password', 'refresh_token'], scopes: ALL_SCOPES });
  }

  saveApplication(application: Partial<OAuthApplication> & { readonly clientId: string }): void {
    this.#applications.set(application.clientId, { grants: ALL_GRANTS, scopes: ALL_SCOPES, ...application });
  }

  findApplication(clientId: string): OAuthApplication | undefined {
    return this.#applications.get(clientId);
  }

  /** A token that never expires: the control panel's "Secret key". */
  saveSecretKey(token: string): void {
    this.#access.set(token, { token, clientId: 'secret-key', scopes: ALL_SCOPES, expiresAt: Number.POSITIVE_INFINITY });
  }

  /** A new access token; with a refresh token when it belongs to a user. */
  issue(grant: {
    readonly clientId: string;
    readonly userId?: string | undefined;
    readonly scopes?: readonly string[] | undefined;
    readonly seconds: number;
    readonly refreshSeconds?: number | undefined;
  }): IssuedTokens {
    const scopes = grant.scopes ?? this.findApplication(grant.clientId)?.scopes ?? ALL_SCOPES;
    const token = randomText(this.#random, 40, DIGITS_HEX);
    const expiresAt = this.#now() + grant.seconds * 1000;
    const access: TokenRecord = { token, clientId: grant.clientId, userId: grant.userId, scopes, expiresAt };
    if (this.#access.size >= SWEEP_AT) this.#sweep();
    this.#access.set(token, access);
    this.#issued += 1;
    if (grant.userId === undefined || grant.refreshSeconds === undefined) return { access };
    const refreshToken = randomText(this.#random, 40, DIGITS_HEX);
    this.#refresh.set(refreshToken, {
      clientId: grant.clientId,
      userId: grant.userId,
      scopes,
      expiresAt: this.#now() + grant.refreshSeconds * 1000,
    });
    return { access, refreshToken };
  }

  /** The token, if it is alive. */
  find(token: string): TokenRecord | undefined {
    const record = this.#access.get(token);
    return record && record.expiresAt > this.#now() ? record : undefined;
  }

  /** Uses up a refresh token. */
  redeemRefreshToken(refreshToken: string, clientId: string): RefreshRecord | undefined {
    return this.#redeem(this.#refresh, refreshToken, clientId);
  }

  /** A one-time code as the browser flow hands it out. */
  issueCode(clientId: string, userId: string, seconds: number): string {
    const code = randomText(this.#random, 40, DIGITS_HEX);
    const scopes = this.findApplication(clientId)?.scopes ?? ALL_SCOPES;
    this.#codes.set(code, { clientId, userId, scopes, expiresAt: this.#now() + seconds * 1000 });
    return code;
  }

  redeemCode(code: string, clientId: string): RefreshRecord | undefined {
    return this.#redeem(this.#codes, code, clientId);
  }

  /** Expire-now hook: one token, or every access token (the secret key excepted). Refresh tokens stay good. */
  expire(token?: string): number {
    const doomed = [...this.#access.values()].filter(
      (record) => Number.isFinite(record.expiresAt) && (token === undefined || record.token === token),
    );
    for (const record of doomed) this.#access.set(record.token, { ...record, expiresAt: this.#now() });
    return doomed.length;
  }

  /** Revocation hook: the tokens (refresh tokens too) of one user, one application, or one token. */
  revoke(whose: { readonly userId?: string; readonly clientId?: string; readonly token?: string }): number {
    let revoked = 0;
    for (const [token, record] of this.#access) {
      if (belongsTo(record, whose) || token === whose.token) revoked += Number(this.#access.delete(token));
    }
    for (const [token, record] of this.#refresh) {
      if (belongsTo(record, whose) || token === whose.token) revoked += Number(this.#refresh.delete(token));
    }
    return revoked;
  }

  /** How many access tokens were handed out: a client that asks for one per request shows here. */
  get issuedInAll(): number {
    return this.#issued;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [token, record] of this.#access) if (record.expiresAt <= now) this.#access.delete(token);
  }

  #redeem(from: Map<string, RefreshRecord>, secret: string, clientId: string): RefreshRecord | undefined {
    const record = from.get(secret);
    if (!record || record.clientId !== clientId) return undefined;
    from.delete(secret);
    return record.expiresAt > this.#now() ? record : undefined;
  }
}

/** Does one of these scopes allow that? `conferences` allows `conferences:read`; `conferences:write` does not. */
export function allows(scopes: readonly string[], wanted: string): boolean {
  return scopes.includes(wanted) || scopes.includes(wanted.replace(/:(read|write)$/, ''));
}

function belongsTo(
  record: { readonly userId?: string | undefined; readonly clientId: string },
  whose: { readonly userId?: string; readonly clientId?: string },
): boolean {
  if (whose.userId !== undefined) return record.userId === whose.userId;
  return whose.clientId !== undefined && record.clientId === whose.clientId;
}
