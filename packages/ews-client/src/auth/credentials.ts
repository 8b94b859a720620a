/**
 * Service accounts and what is known about them: which scheme works, and whether a password was refused. Two refusals
 * stop every further try with that password, so the account is not locked out; a changed password starts afresh. One that
 * had been accepted is tried once more after half an hour, and then ever more rarely: a good password is refused too
 * while the directory is away, and that must not stop everything until somebody comes.
 */
import { createHash } from 'node:crypto';
import { EwsError } from '../errors/ews-error.ts';

/** A service account. */
export interface Credential {
  /** `user`, `DOMAIN\user` or `user@domain` */
  readonly login: string;
  /** asked for at each log-in, so that a changed configuration takes effect */
  readonly password: () => string | Promise<string>;
}

const MAX_REFUSALS = 2;
/** As long as directories count wrong passwords by default; the pause doubles, for those that count longer. */
const FIRST_PAUSE_MS = 30 * 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/** One credential's state. */
export class Account {
  readonly login: string;
  readonly #password: () => string | Promise<string>;
  readonly #now: () => number;
  #refusals = 0;
  /** clock time of the last refusal */
  #refusedAt = 0;
  /** until one more try, when the password had worked */
  #pauseMs = FIRST_PAUSE_MS;
  #fingerprint = '';
  #reason = '';
  #wasAccepted = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** `now`: clock time in milliseconds. */
  constructor(credential: Credential, now: () => number) {
    this.#now = now;
    this.login = credential.login;
    this.#password = credential.password;
  }

  /** The password, unless it has been refused too often. */
  async password(): Promise<string> {
    const password = await this.#ask();
    const fingerprint = createHash('sha256').update(password).digest('base64');
    if (fingerprint !== this.#fingerprint) {
      this.#fingerprint = fingerprint;
      this.#refusals = 0;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#wasAccepted = false;
    }
    if (this.isStopped && this.#wasAccepted && this.#now() - this.#refusedAt >= this.#pauseMs) {
      this.#refusals = MAX_REFUSALS - 1;
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    }
    if (this.isStopped) throw this.#stopped();
    return password;
  }

  async #ask(): Promise<string> {
    try {
      return await this.#password();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `The password of ${this.login} cannot be had: ${why}`;
      throw new EwsError({ kind: 'authFailed', code: 'NoPassword', message, cause });
    }
  }

  /** Whether a log-in must wait for its turn: with a doubtful password only one try runs at a time. */
  get isProven(): boolean {
    return this.#wasAccepted && this.#refusals === 0;
  }

  get isStopped(): boolean {
    return this.#refusals >= MAX_REFUSALS;
  }

  /** A stopped account whose password has been changed meanwhile, or may be looked at again, goes on. */
  reconsider(): void {
    void this.password().catch(() => undefined);
  }

  accepted(): void {
    this.#refusals = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#wasAccepted = true;
  }

  /** The server refused login and password once more. */
  refused(reason: string): EwsError {
    this.#refusals++;
    this.#refusedAt = this.#now();
    this.#reason = reason;
    return this.#stopped();
  }

  /** Runs a log-in alone while the password is unproven, so that parallel calls cannot add up to a lock-out. */
  async alone<T>(logIn: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(logIn, logIn);
    this.#turn = run.catch(() => undefined);
    return await run;
  }

  #stopped(): EwsError {
    const again = this.#wasAccepted ? ` but one in ${this.#pauseMs / 60_000} minutes, for it was right before` : '';
    const rest = this.isStopped ? `; no further tries are made with it${again}, so the account is not locked out` : '';
    return new EwsError({
      kind: 'authFailed',
      code: 'LoginRefused',
      message: `Exchange refuses login or password of ${this.login} (${this.#reason})${rest}. Set the right password.`,
      retriable: false,
      httpStatus: 401,
    });
  }
}
