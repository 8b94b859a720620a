/**
 * Sends a request with the log-in the server wants. The scheme is chosen by the server's challenge (or forced) and
 * remembered per endpoint and account; NTLM logs in once per connection. A 401 after a log-in counts against the account
 * (two and it stops); a 401 that only means "the connection forgot the log-in" does not.
 */
import { randomBytes } from 'node:crypto';
import { EwsError } from '../errors/ews-error.ts';
import type { Clock } from '../transport/clock.ts';
import type { Connection, HttpRequest, HttpResponse } from '../transport/connection.ts';
import type { Account } from './credentials.ts';
import { authenticateMessage, negotiateMessage, parseChallenge, splitLogin } from './ntlm-messages.ts';

/** Which log-in to use; `auto`: the best of those the server offers, NTLM before Basic. */
export type AuthChoice = 'auto' | 'basic' | 'ntlm';
/** What goes before the token in the Authorization header. */
export type Scheme = 'Basic' | 'NTLM' | 'Negotiate';

/** What is learned about one endpoint with one account. */
interface Learned {
  scheme: Scheme | undefined;
  /** a load balancer that ends TLS breaks channel binding; then it is left out */
  withoutBinding: boolean;
  offered: readonly string[];
}

interface AuthenticatorOptions {
  readonly account: Account;
  readonly choice: AuthChoice;
  readonly host: string;
  readonly clock: Clock;
  readonly random?: (count: number) => Buffer;
  /** Path whose log-in never asks for channel binding (autodiscover): tells a wrong password from Extended Protection. */
  readonly probePath?: string | undefined;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #learned: Learned = { scheme: undefined, withoutBinding: false, offered: [] };

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    if (options.choice === 'basic') this.#learned.scheme = 'Basic';
  }

  get account(): Account {
    return this.#options.account;
  }

  /** The scheme in use, once known. */
  get scheme(): Scheme | undefined {
    return this.#learned.scheme;
  }

  /** Sends `request` on `connection`, logging in as needed. Any status but a final 401 is the caller's to judge. */
  async send(connection: Connection, request: HttpRequest): Promise<HttpResponse> {
    const { account } = this.#options;
    if (connection.isLoggedIn) {
      const response = await connection.request(request);
      if (response.statusCode !== 401) return response;
      connection.loggedOut();
      await response.body.dump();
    }
    if (account.isProven && this.#learned.scheme !== undefined) return await this.#logIn(connection, request);
    return await account.alone(() => this.#logIn(connection, request));
  }

  async #logIn(connection: Connection, request: HttpRequest): Promise<HttpResponse> {
    const password = await this.#options.account.password();
    if (this.#learned.scheme === undefined) {
      const answer = await this.#learnScheme(connection, request);
      if (answer !== undefined) return answer;
    }
    if (this.#learned.scheme === 'Basic') return await this.#basic(connection, request, password);
    try {
      return await this.#ntlm(connection, request, password);
    } catch (error) {
      if (!this.#isOnlyOffered(error)) throw error;
      this.#learned.scheme = 'Basic';
      return await this.#basic(connection, request, password);
    }
  }

  /** NTLM is offered and cannot be done: a gateway lists what the server can, and lets only Basic through. */
  #isOnlyOffered(error: unknown): boolean {
    const { account, choice } = this.#options;
    const isUndone = error instanceof EwsError && error.code === HANDSHAKE_FAILED && error.httpStatus === 401;
    return isUndone && choice === 'auto' && !account.isProven && this.#learned.offered.includes('basic');
  }

  /**
   * Asks without credentials to hear what the server offers; the question itself is kept back until somebody wants it.
   * An answer other than 401 is passed on.
   */
  async #learnScheme(connection: Connection, request: HttpRequest): Promise<HttpResponse | undefined> {
    const hello = await connection.request({ ...request, body: request.body === undefined ? undefined : EMPTY });
    if (hello.statusCode === 401) return await this.#learnFrom(hello);
    if (!MAY_MISS_THE_BODY.has(hello.statusCode)) return hello;
    await hello.body.dump();
    const response = await connection.request(request);
    if (response.statusCode === 401) return await this.#learnFrom(response);
    // Nobody asks for a log-in here; should one be asked for later, the connection will hear of it.
    connection.loggedIn();
    return response;
  }

  async #learnFrom(refusal: HttpResponse): Promise<undefined> {
    const offered = schemesOf(refusal.headers['www-authenticate']);
    await refusal.body.dump();
    this.#learned.offered = offered;
    this.#learned.scheme = this.#choose(offered);
  }

  #choose(offered: readonly string[]): Scheme {
    const { choice } = this.#options;
    const has = (name: string) => offered.includes(name);
    if (choice !== 'basic') {
      if (has('ntlm')) return 'NTLM';
      if (has('negotiate')) return 'Negotiate';
    }
    if (choice !== 'ntlm' && has('basic')) return 'Basic';
    const list = offered.length === 0 ? 'nothing' : offered.join(', ');
    throw new EwsError({
      kind: 'authFailed',
      code: 'NoCommonScheme',
      message: `Exchange offers ${list} to log in with, the configuration says "${choice}". Allow one of them on the server or change "auth".`,
      retriable: false,
      httpStatus: 401,
    });
  }

  async #basic(connection: Connection, request: HttpRequest, password: string): Promise<HttpResponse> {
    const { account } = this.#options;
    const pair = Buffer.from(`${account.login}:${password}`, 'utf8').toString('base64');
    const response = await connection.request(withAuthorization(request, `Basic ${pair}`));
    if (response.statusCode !== 401) {
      account.accepted();
      return response;
    }
    const offered = schemesOf(response.headers['www-authenticate']);
    await response.body.dump();
    // A good password is refused at times under load (facts §1.7): the account's count decides.
    if (offered.length === 0 || offered.includes('basic')) throw account.refused('Basic');
    // Nobody looked at the password: Basic is not taken here, or not any more.
    this.#learned.scheme = this.#choose(offered);
    return await this.#ntlm(connection, request, password);
  }

  async #ntlm(connection: Connection, request: HttpRequest, password: string): Promise<HttpResponse> {
    const { account } = this.#options;
    const first = await this.#handshake(connection, request, password, !this.#learned.withoutBinding);
    if (first.statusCode !== 401) {
      account.accepted();
      connection.loggedIn();
      return first;
    }
    await first.body.dump();
    if (account.isProven) {
      // The password worked before: the connection may have changed under the handshake. One more time.
      const again = await this.#handshake(connection, request, password, !this.#learned.withoutBinding);
      if (again.statusCode !== 401) {
        connection.loggedIn();
        return again;
      }
      await again.body.dump();
    }
    const refusal = account.refused(`${this.#learned.scheme ?? 'NTLM'}`);
    if (account.isStopped) throw refusal;
    return await this.#otherWays(connection, request, password, refusal);
  }

  /** After one refusal: the same password in the one other way that can tell why. */
  async #otherWays(
    connection: Connection,
    request: HttpRequest,
    password: string,
    refusal: EwsError,
  ): Promise<HttpResponse> {
    const { account, choice, probePath } = this.#options;
    if (choice === 'auto' && this.#learned.offered.includes('basic')) {
      const response = await this.#basic(connection, request, password);
      this.#learned.scheme = 'Basic';
      return response;
    }
    if (connection.channelBinding === undefined && probePath === undefined) throw refusal;
    const probe = await this.#probe(connection, request, password);
    if (probe === 'unknown' || probe === 'refused') throw probe === 'unknown' ? refusal : account.refused('NTLM');
    account.accepted();
    if (connection.channelBinding !== undefined) {
      const plain = await this.#handshake(connection, request, password, false);
      if (plain.statusCode !== 401) {
        this.#learned.withoutBinding = true;
        connection.loggedIn();
        return plain;
      }
      await plain.body.dump();
    }
    throw extendedProtection(account.login, connection.channelBinding !== undefined);
  }

  /** Logs in where channel binding is not asked for: is the password right at all? */
  async #probe(
    connection: Connection,
    request: HttpRequest,
    password: string,
  ): Promise<'accepted' | 'refused' | 'unknown'> {
    const { probePath } = this.#options;
    if (probePath === undefined) return 'unknown';
    const probe: HttpRequest = { ...request, path: probePath, body: EMPTY };
    const open = await connection.request(probe);
    await open.body.dump();
    if (open.statusCode !== 401 || !schemesOf(open.headers['www-authenticate']).includes('ntlm')) return 'unknown';
    const answer = await this.#handshake(connection, probe, password, false);
    await answer.body.dump();
    return answer.statusCode === 401 ? 'refused' : 'accepted';
  }

  async #handshake(
    connection: Connection,
    request: HttpRequest,
    password: string,
    bind: boolean,
  ): Promise<HttpResponse> {
    const scheme = this.#learned.scheme ?? 'NTLM';
    for (let attempt = 0; ; attempt++) {
      const negotiate = negotiateMessage();
      const hello = withAuthorization({ ...request, body: EMPTY }, `${scheme} ${negotiate.toString('base64')}`);
      const offer = await connection.request(hello);
      const socket = connection.socketNumber;
      await offer.body.dump();
      const challenge = offer.statusCode === 401 ? challengeOf(offer, scheme) : undefined;
      if (challenge === undefined) {
        if (attempt === 0) continue;
        throw handshakeFailed(
          `Exchange answered the ${scheme} log-in with HTTP ${offer.statusCode} and no challenge`,
          offer.statusCode,
        );
      }
      const { account, clock, host } = this.#options;
      const message = authenticateMessage({
        account: { ...splitLogin(account.login), password },
        negotiate,
        challenge,
        clientChallenge: (this.#options.random ?? randomBytes)(8),
        nowMs: clock.now(),
        binding: bind ? connection.channelBinding : undefined,
        host,
      });
      const response = await connection.request(withAuthorization(request, `${scheme} ${message.toString('base64')}`));
      if (response.statusCode !== 401 || connection.socketNumber === socket) return response;
      // The server closed the connection between the two messages: the log-in has to start again.
      await response.body.dump();
      if (attempt < 2) continue;
      throw handshakeFailed(
        `The connection to Exchange is closed between the two messages of the ${scheme} log-in each time: a proxy or gateway before it has to keep connections, or let Basic through.`,
        401,
      );
    }
  }
}

const EMPTY = Buffer.alloc(0);

/** Code of an NTLM log-in that did not come to the question whether the password is right. */
const HANDSHAKE_FAILED = 'NtlmHandshake';

/** What a server without a log-in answers to an empty body: it read it, and missed something in it. */
const MAY_MISS_THE_BODY: ReadonlySet<number> = new Set([200, 400, 411, 415, 500]);

function withAuthorization(request: HttpRequest, value: string): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: value } };
}

/** Lower-case scheme names of all WWW-Authenticate headers (one per line, or joined by commas). */
export function schemesOf(header: string | readonly string[] | undefined): readonly string[] {
  const lines = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  const names = lines.flatMap((line) => line.split(/,(?![^"]*"(?:[^"]*"[^"]*")*[^"]*$)/));
  return [...new Set(names.map((part) => /^\s*([A-Za-z]+)(?:\s|$)/.exec(part)?.[1]?.toLowerCase() ?? ''))].filter(
    (name) => name !== '' && name !== 'realm',
  );
}

function challengeOf(response: HttpResponse, scheme: string) {
  const header = response.headers['www-authenticate'] ?? [];
  // Challenges may share a line, as well in an answer of several lines; base64 holds no comma.
  const challenges = (typeof header === 'string' ? [header] : header).flatMap((line) => line.split(','));
  for (const challenge of challenges) {
    const match = /^\s*([A-Za-z]+)\s+([A-Za-z0-9+/=]+)\s*$/.exec(challenge);
    if (match?.[1]?.toLowerCase() === scheme.toLowerCase())
      return parseChallenge(Buffer.from(match[2] ?? '', 'base64'));
  }
  return undefined;
}

function handshakeFailed(message: string, httpStatus: number): EwsError {
  return new EwsError({ kind: 'protocol', code: HANDSHAKE_FAILED, message, httpStatus });
}

function extendedProtection(login: string, bound: boolean): EwsError {
  const why = bound
    ? 'something between us and Exchange (a load balancer that ends TLS) presents another certificate than Exchange has'
    : 'this connection is not encrypted, so it has nothing to bind to';
  return new EwsError({
    kind: 'extendedProtection',
    code: 'ChannelBindingRequired',
    message: `The password of ${login} is right, but Exchange requires channel binding (Extended Protection) and ${why}. Use TLS end to end with the same certificate, or set Extended Protection of the EWS front end to Allow.`,
    retriable: false,
    httpStatus: 401,
  });
}
