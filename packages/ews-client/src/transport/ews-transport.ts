/**
 * Sends requests of the published list for one source: picks the service account and its connections, waits for the
 * limiter, reads the answer, classifies failures, repeats what may be repeated. Nothing above sees a socket.
 */
import { Authenticator } from '../auth/authenticator.ts';
import { Account } from '../auth/credentials.ts';
import { RawMessage, type ResponseState } from '../decoder/response-grammar.ts';
import { DEFAULT_LIMITS } from '../decoder/scanner.ts';
import { textOf } from '../decoder/tree.ts';
import { type CallContext, errorOfMessage } from '../errors/classify.ts';
import { EwsError } from '../errors/ews-error.ts';
import { errorOfException, neverSent } from '../errors/network.ts';
import { kindOfCode } from '../errors/response-codes.ts';
import type { ResolvedOptions } from '../options.ts';
import { Limiter } from '../throttle/limiter.ts';
import { OPERATIONS, type WireRequest } from '../wire/request.ts';
import { abortedError, deadline, pause } from './clock.ts';
import { CookieJar } from './cookies.ts';
import { autodiscoverUrl, checkSafe, isAllowedHost } from './endpoint.ts';
import { ExchangeFailed, HttpSession, type SoapAnswer, type SoapRequest } from './http-session.ts';

/** Whom a call is for and where it goes. */
export interface Target {
  /** URL of the service */
  readonly url: string;
  /** mailbox that is impersonated and whose budget is charged */
  readonly mailbox: string;
  /** mailbox the front end routes by; default `mailbox` */
  readonly anchor?: string;
  /** default: none are kept */
  readonly cookies?: CookieJar;
  /** asks for one back end for a group (X-PreferServerAffinity) */
  readonly preferAffinity?: boolean;
  /** chooses the service account in place of the mailbox: a group of subscriptions belongs to one account */
  readonly accountKey?: string;
}

const MAX_ATTEMPTS = 4;

/** Sends requests of the published list with log-in, limits and repetitions; for tools that need more than a source offers. */
export class EwsTransport {
  readonly #options: ResolvedOptions;
  readonly #accounts: readonly Account[];
  readonly #sessions = new Map<string, HttpSession>();
  readonly #jars = new Map<string, CookieJar>();
  readonly #priority: ReadonlySet<string>;
  /** who may call when */
  readonly limiter: Limiter;
  readonly #closing = new AbortController();

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#accounts = options.credentials.map((credential) => new Account(credential, () => options.clock.now()));
    this.#priority = new Set(options.priorityMailboxes.map((address) => address.toLowerCase()));
    const { limits, timings, clock, observer } = options;
    this.limiter = new Limiter({ clock, observer, ...limits, patienceMs: timings.patienceMs });
  }

  /** Sends a request and returns the decoded answer; throws EwsError. */
  async call(request: WireRequest, target: Target, signal: AbortSignal): Promise<ResponseState> {
    if (!OPERATIONS.includes(request.operation)) throw refusedOperation(request.operation);
    const context: CallContext = { operation: request.operation, mailbox: target.mailbox };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(request, target, context, signal, attempt);
      } catch (error) {
        const failure = errorOfException(error, context, false);
        const waitMs = this.#retryIn(failure, request, attempt);
        if (waitMs === undefined) throw failure;
        if (waitMs > 0) await pause(this.#options.clock, waitMs, signal, request.operation);
      }
    }
  }

  /** Opens a hanging response (GetStreamingEvents). It takes no slot of the limiter, but respects its gates and closes them. */
  async openStream(request: WireRequest, target: Target, signal: AbortSignal) {
    const context: CallContext = { operation: request.operation, mailbox: target.mailbox };
    // A pause may be drawn out while it is waited for.
    for (let ms = this.limiter.closedForMs(target.mailbox); ms > 0; ms = this.limiter.closedForMs(target.mailbox)) {
      await pause(this.#options.clock, ms, signal, request.operation);
    }
    const limit = deadline(this.#options.clock, this.#options.timings.callMs, signal);
    try {
      const session = this.#session(target);
      return await session.openStream(this.#soap(request, target, context, limit.signal));
    } catch (error) {
      const failure = this.#explain(error, context, limit.timedOut(), signal, false);
      if (failure.kind === 'throttled') this.limiter.note(target.mailbox, failure);
      throw failure;
    } finally {
      limit.clear();
    }
  }

  /** Cookies of a group of mailboxes that share a back end. */
  jar(group: string): CookieJar {
    let jar = this.#jars.get(group);
    if (jar === undefined) {
      jar = this.newJar();
      if (this.#jars.size >= MAX_JARS) this.#jars.delete(this.#jars.keys().next().value ?? '');
      this.#jars.set(group, jar);
    }
    return jar;
  }

  /** A jar for a group that keeps its cookies to itself. */
  newJar(): CookieJar {
    return new CookieJar(() => this.#options.clock.now());
  }

  /** Gives up what is under way and closes every connection. */
  close(): void {
    this.#closing.abort(new Error('closed'));
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  async #attempt(
    request: WireRequest,
    target: Target,
    context: CallContext,
    signal: AbortSignal,
    attempt: number,
  ): Promise<ResponseState> {
    const { mailbox } = target;
    const claim = {
      mailbox,
      priority: this.#priority.has(mailbox.toLowerCase()),
      isSync: request.operation === 'SyncFolderItems',
      operation: request.operation,
      signal: AbortSignal.any([signal, this.#closing.signal]),
    };
    return await this.limiter.run(claim, () => this.#timed(request, target, context, claim.signal, attempt));
  }

  async #timed(
    request: WireRequest,
    target: Target,
    context: CallContext,
    signal: AbortSignal,
    attempt: number,
  ): Promise<ResponseState> {
    const { clock, observer, timings } = this.#options;
    const began = clock.now();
    const limit = deadline(clock, timings.callMs, signal);
    const record = {
      operation: request.operation,
      mailbox: target.mailbox,
      requestBytes: Buffer.byteLength(request.body),
      attempt,
    };
    try {
      const answer = await this.#exchange(request, target, context, limit.signal);
      const refusal = this.#check(answer, request, context);
      if (refusal !== undefined) throw refusal;
      observer.requestFinished?.({ ...record, ms: clock.now() - began, code: 'ok', responseBytes: answer.bytes });
      return answer.state;
    } catch (error) {
      const failure = this.#explain(error, context, limit.timedOut(), signal, !request.idempotent);
      const { code, kind } = failure;
      observer.requestFinished?.({ ...record, ms: clock.now() - began, code, kind, responseBytes: 0 });
      throw failure;
    } finally {
      limit.clear();
    }
  }

  /** One exchange; a connection the server had closed meanwhile is replaced once, when nothing can be done twice. */
  async #exchange(
    request: WireRequest,
    target: Target,
    context: CallContext,
    signal: AbortSignal,
  ): Promise<SoapAnswer> {
    const session = this.#session(target);
    const soap = this.#soap(request, target, context, signal);
    try {
      return await session.exchange(soap);
    } catch (error) {
      const stale = error instanceof ExchangeFailed && error.reused && !error.answered && !signal.aborted;
      const network = error instanceof ExchangeFailed && !(error.cause instanceof EwsError);
      if (!stale || !network || !request.idempotent) throw error;
      return await session.exchange(soap);
    }
  }

  /** The answer must be the one to this question; a throttled message counts as a refusal unless others succeeded. */
  #check(answer: SoapAnswer, request: WireRequest, context: CallContext): EwsError | undefined {
    const { state } = answer;
    const expected =
      request.operation === 'GetUserSettings' ? 'GetUserSettingsResponseMessage' : `${request.operation}Response`;
    if (state.operation !== expected) {
      return new EwsError({
        kind: 'protocol',
        code: 'UnexpectedAnswer',
        message: `${request.operation} was answered with ${state.operation === '' ? 'nothing' : state.operation}`,
        mailbox: context.mailbox,
      });
    }
    const direct = textOf(state.trees.find((tree) => tree.name === 'ResponseCode'));
    if (state.messages.length === 0 && direct !== undefined && direct !== 'NoError') {
      const message = Object.assign(new RawMessage(state.operation, 'Error'), { code: direct });
      message.text = textOf(state.trees.find((tree) => tree.name === 'MessageText')) ?? '';
      return errorOfMessage(message, context);
    }
    const busy = state.messages.find((message) => isThrottled(message));
    if (busy === undefined) return undefined;
    const failure = errorOfMessage(busy, context);
    if (state.messages.every((message) => message.responseClass === 'Error')) return failure;
    this.limiter.note(context.mailbox ?? '', failure);
    return undefined;
  }

  #explain(error: unknown, context: CallContext, late: boolean, signal: AbortSignal, write: boolean): EwsError {
    const cause = error instanceof ExchangeFailed ? error.cause : error;
    const answered = error instanceof ExchangeFailed && error.answered;
    const certain = cause instanceof EwsError ? !leavesOpen(cause) : neverSent(cause);
    const maybeDone = write && !certain;
    if (late) {
      const { operation, mailbox } = context;
      const seconds = Math.round(this.#options.timings.callMs / 1000);
      const what = mailbox === undefined ? operation : `${operation} for ${mailbox}`;
      const message = `${what}: the server did not ${answered ? 'finish its answer' : 'answer'} within ${seconds} s`;
      return new EwsError({
        kind: 'timeout',
        code: 'CallTimeout',
        message,
        mailbox,
        maybeDone: write ? true : undefined,
      });
    }
    if (signal.aborted) return abortedError(context.operation).with({ maybeDone: maybeDone ? true : undefined });
    return errorOfException(cause, context, maybeDone);
  }

  /** When to try again, undefined when not to. Refused-before-done failures may be repeated for writes too. */
  #retryIn(failure: EwsError, request: WireRequest, attempt: number): number | undefined {
    if (attempt >= MAX_ATTEMPTS || failure.code === 'BackOff' || failure.code === 'TooManyWaiting') return undefined;
    const { random, timings } = this.#options;
    if (failure.kind === 'throttled') {
      const announced = failure.retryAfterMs ?? 0;
      if (announced > timings.patienceMs) return undefined;
      // The gate holds the call back for the announced time; without one, one to five seconds by chance.
      return announced > 0 ? 0 : 1_000 + random() * 4_000;
    }
    const transient = failure.kind === 'unavailable' && failure.httpStatus !== undefined && request.idempotent;
    return transient ? (150 + random() * 350) * 2 ** attempt : undefined;
  }

  #soap(request: WireRequest, target: Target, context: CallContext, signal: AbortSignal): SoapRequest {
    return {
      path: pathOf(target.url),
      body: request.body,
      anchor: target.anchor ?? target.mailbox,
      preferAffinity: target.preferAffinity ?? false,
      cookies: target.cookies,
      signal,
      context,
    };
  }

  #session(target: Target): HttpSession {
    const url = new URL(target.url);
    checkSafe(url);
    if (!isAllowedHost(this.#options.endpoint, url)) throw unlistedHost(url);
    const account = this.#accountOf(target.accountKey ?? target.mailbox);
    // Each virtual directory has log-in schemes of its own: what autodiscover takes, EWS may not.
    const directory = url.pathname.split('/')[1]?.toLowerCase() ?? '';
    const key = `${url.origin} ${directory} ${this.#accounts.indexOf(account)}`;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.#openSession(url, account);
      this.#sessions.set(key, session);
    }
    return session;
  }

  #openSession(url: URL, account: Account): HttpSession {
    const { auth, ca, clock, endpoint, limits, proxy, randomBytes, timings, userAgent } = this.#options;
    const probePath = autodiscoverUrl(endpoint)?.pathname;
    const authenticator = new Authenticator({
      account,
      choice: auth,
      host: url.hostname,
      clock,
      random: randomBytes,
      probePath,
    });
    return new HttpSession({
      authenticator,
      connection: {
        origin: url.origin,
        ca,
        proxy,
        connectTimeoutMs: timings.connectMs,
        keepAliveMs: timings.keepAliveMs,
      },
      maxConnections: limits.maxConcurrency,
      userAgent,
      limits: { ...DEFAULT_LIMITS, maxBytes: limits.maxResponseBytes },
    });
  }

  /** Mailboxes are shared out among the accounts by name; one that is stopped hands its mailboxes to the others. */
  #accountOf(mailbox: string): Account {
    for (const account of this.#accounts) if (account.isStopped) account.reconsider();
    const usable = this.#accounts.filter((account) => !account.isStopped);
    const among = usable.length === 0 ? this.#accounts : usable;
    let hash = 0;
    for (let i = 0; i < mailbox.length; i++) hash = (Math.imul(hash, 31) + mailbox.charCodeAt(i)) >>> 0;
    return among[hash % among.length] as Account;
  }
}

/**
 * Not Exchange's word but that of something before it, which may have lost the answer and not the request. 503 is what is
 * said instead of passing a request on.
 */
function leavesOpen({ code }: EwsError): boolean {
  return code === 'NoSoapAnswer' || code === 'UnexpectedAnswer' || /^Http5(?!03)/.test(code);
}

const MAX_JARS = 20_000;

function isThrottled(message: RawMessage): boolean {
  return message.responseClass === 'Error' && kindOfCode(message.code) === 'throttled';
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function refusedOperation(operation: string): EwsError {
  const message = `${operation} is not among the operations this client sends`;
  return new EwsError({ kind: 'forbidden', code: 'OperationNotAllowed', message });
}

function unlistedHost(url: URL): EwsError {
  return new EwsError({
    kind: 'forbidden',
    code: 'HostNotAllowed',
    message: `Exchange points to ${url.hostname}, which is not among the allowed hosts, so no password is sent there. Add it to the allowed hosts of this provider if it is yours.`,
  });
}
