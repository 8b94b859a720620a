/**
 * Who is at the door: Basic and NTLM as IIS offers them, all challenges at once, NTLM bound to the connection, lock-out after
 * wrong passwords. Facts "Authentication".
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { Counters } from '../probes.ts';
import type { AuthOptions } from '../server-options.ts';
import { NtlmHandshake, type NtlmRefusal } from './ntlm-verifier.ts';

export type AuthOutcome =
  | { readonly kind: 'accepted'; readonly login: string }
  | { readonly kind: 'refused'; readonly challenges: readonly string[]; readonly reason: string };

interface ConnectionState {
  handshake: NtlmHandshake | undefined;
  login: string | undefined;
}

interface Failures {
  count: number;
  lockedUntil: number;
}

const DEFAULT_LOCKOUT_MS = 30 * 60_000;

export class Authenticator {
  readonly #world: ExchangeWorld;
  readonly #options: AuthOptions;
  readonly #counters: Counters;
  readonly #connections = new WeakMap<Socket, ConnectionState>();
  readonly #failures = new Map<string, Failures>();
  /** replaced when the certificate rotates */
  channelBinding: Buffer | undefined;

  constructor(parts: {
    readonly world: ExchangeWorld;
    readonly options: AuthOptions;
    readonly counters: Counters;
    readonly channelBinding: Buffer | undefined;
  }) {
    this.#world = parts.world;
    this.#options = parts.options;
    this.#counters = parts.counters;
    this.channelBinding = parts.channelBinding;
  }

  check(request: IncomingMessage): AuthOutcome {
    const state = this.#stateOf(request.socket);
    const header = request.headers.authorization ?? '';
    const [scheme = '', blob = ''] = header.split(/\s+/, 2);
    switch (scheme.toLowerCase()) {
      case '':
        return state.login === undefined ? this.#refuse('noCredentials') : this.#stillWelcome(state.login);
      case 'basic':
        return this.#options.basic === false ? this.#refuse('basicOff') : this.#checkBasic(blob);
      case 'ntlm':
      case 'negotiate':
        return this.#options.ntlm === false ? this.#refuse('ntlmOff') : this.#checkNtlm(state, scheme, blob);
      default:
        return this.#refuse('unknownScheme');
    }
  }

  /** Accounts that are locked now. */
  lockedAccounts(): string[] {
    const now = this.#world.clock.now();
    return [...this.#failures].filter(([, failures]) => failures.lockedUntil > now).map(([login]) => login);
  }

  unlock(login: string): void {
    this.#failures.delete(login.toLowerCase());
  }

  #stateOf(socket: Socket): ConnectionState {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const fresh: ConnectionState = { handshake: undefined, login: undefined };
    this.#connections.set(socket, fresh);
    return fresh;
  }

  /** The challenges of a server that offers everything it may. */
  challenges(): string[] {
    const list: string[] = [];
    if (this.#options.ntlm !== false) list.push('Negotiate', 'NTLM');
    if (this.#options.basic !== false) list.push(`Basic realm="mail.${this.#world.domain}"`);
    return list;
  }

  #refuse(reason: string): AuthOutcome {
    if (reason !== 'noCredentials') this.#counters.authFailures += 1;
    return { kind: 'refused', challenges: this.challenges(), reason };
  }

  #stillWelcome(login: string): AuthOutcome {
    return this.#world.findAccount(login)?.disabled === false ? { kind: 'accepted', login } : this.#refuse('disabled');
  }

  #checkBasic(blob: string): AuthOutcome {
    const text = Buffer.from(blob, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) return this.#refuse('malformed');
    const account = this.#world.findAccount(text.slice(0, colon));
    if (account === undefined) return this.#refuse('unknownUser');
    if (account.disabled) return this.#refuse('disabled');
    if (this.#isLocked(account.login)) return this.#refuse('lockedOut');
    if (account.password !== text.slice(colon + 1)) return this.#wrongPassword(account.login);
    this.#failures.delete(account.login.toLowerCase());
    return { kind: 'accepted', login: account.login };
  }

  #checkNtlm(state: ConnectionState, scheme: string, blob: string): AuthOutcome {
    state.handshake ??= this.#newHandshake();
    const outcome = state.handshake.take(Buffer.from(blob, 'base64'));
    if (outcome.kind === 'challenge') {
      state.login = undefined;
      return { kind: 'refused', challenges: [`${scheme} ${outcome.message.toString('base64')}`], reason: 'challenge' };
    }
    if (outcome.kind === 'refused') {
      state.handshake = undefined;
      return outcome.reason === 'wrongPassword' && outcome.account !== undefined
        ? this.#wrongPassword(outcome.account)
        : this.#refuse(outcome.reason satisfies NtlmRefusal);
    }
    if (this.#isLocked(outcome.login)) return this.#refuse('lockedOut');
    if (this.#world.findAccount(outcome.login)?.disabled === true) return this.#refuse('disabled');
    this.#failures.delete(outcome.login.toLowerCase());
    state.login = outcome.login;
    return { kind: 'accepted', login: outcome.login };
  }

  #newHandshake(): NtlmHandshake {
    const { domain, clock } = this.#world;
    return new NtlmHandshake({
      domain: (domain.split('.')[0] ?? domain).toUpperCase(),
      computer: 'EXCH01',
      dnsDomain: domain,
      extendedProtection: this.#options.extendedProtection ?? 'allow',
      channelBinding: this.channelBinding,
      findAccount: (name) => this.#world.findAccount(name),
      now: () => clock.now(),
    });
  }

  #isLocked(login: string): boolean {
    return (this.#failures.get(login.toLowerCase())?.lockedUntil ?? 0) > this.#world.clock.now();
  }

  #wrongPassword(login: string): AuthOutcome {
    const threshold = this.#options.lockoutThreshold ?? 0;
    const failures = this.#failures.get(login.toLowerCase()) ?? { count: 0, lockedUntil: 0 };
    failures.count += 1;
    if (threshold > 0 && failures.count >= threshold) {
      failures.lockedUntil = this.#world.clock.now() + (this.#options.lockoutMs ?? DEFAULT_LOCKOUT_MS);
      failures.count = 0;
    }
    this.#failures.set(login.toLowerCase(), failures);
    return this.#refuse('wrongPassword');
  }
}
