/**
 * Authorised calls: the connector's token on each request, one repetition with a fresh token when the server refuses
 * the old one (v4 says 401, v3 says 403 with reason accessTokenInvalid), announced pauses respected, refusals classified.
 */
import type { CancelSignal } from '@calendar-connector/sync-core';
import type { z } from 'zod';
import type { TrueConfError } from './error.ts';
import type { TokenKeeper } from './oauth/token-keeper.ts';
import type { AnnouncedPause } from './transport/announced-pause.ts';
import { parseJson, type RawAnswer, readErrorFacts } from './transport/answer.ts';
import { failureOfAnswer, failureOfShape } from './transport/failure-classification.ts';
import type { HttpTransport, WireRequest } from './transport/http-transport.ts';

export type ApiRequest = Omit<WireRequest, 'changesSomething' | 'headers' | 'form'>;

export class Session {
  readonly #transport: HttpTransport;
  readonly #pause: AnnouncedPause;
  readonly #keeper: TokenKeeper;

  constructor(transport: HttpTransport, pause: AnnouncedPause, keeper: TokenKeeper) {
    this.#transport = transport;
    this.#pause = pause;
    this.#keeper = keeper;
  }

  /** Sends with the connector's own token; returns 2xx answers only. */
  async call(request: ApiRequest, signal: CancelSignal): Promise<RawAnswer> {
    const token = await this.#keeper.get(signal);
    const first = await this.#send(request, token, signal);
    if (!this.#refusesToken(first, token)) return this.#accepted(request, first);
    this.#keeper.invalidate(token);
    const fresh = await this.#keeper.get(signal);
    return this.#accepted(request, await this.#send(request, fresh, signal));
  }

  /** Sends with somebody else's token: never renewed, never mixed with ours. */
  async callAs(token: string, request: ApiRequest, signal: CancelSignal): Promise<RawAnswer> {
    return this.#accepted(request, await this.#send(request, token, signal));
  }

  /** A call whose answer must be JSON of the given form. */
  async fetch<Schema extends z.ZodType>(
    request: ApiRequest,
    schema: Schema,
    signal: CancelSignal,
  ): Promise<z.infer<Schema>> {
    return this.read(request, await this.call(request, signal), schema);
  }

  read<Schema extends z.ZodType>(request: ApiRequest, answer: RawAnswer, schema: Schema): z.infer<Schema> {
    const parsed = schema.safeParse(parseJson(answer.text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw this.unexpected(request, issue ? `${issue.path.map(String).join('.') || 'body'}: ${issue.code}` : 'body');
  }

  unexpected(request: ApiRequest, problem: string): TrueConfError {
    return failureOfShape(asWire(request), this.#transport.server, problem);
  }

  /** A front end may hide v3's reason: a bare 403 then costs one renewal, but not one per call. */
  #refusesToken(answer: RawAnswer, token: string): boolean {
    if (answer.status === 401) return true;
    if (answer.status !== 403) return false;
    const { reason } = readErrorFacts(answer.text);
    return reason === 'accessTokenInvalid' || (reason === undefined && !this.#keeper.isFresh(token));
  }

  async #send(request: ApiRequest, token: string, signal: CancelSignal): Promise<RawAnswer> {
    this.#pause.check(request.operation);
    const headers = { authorization: `Bearer ${token}` };
    return await this.#transport.send({ ...asWire(request), headers }, signal);
  }

  #accepted(request: ApiRequest, answer: RawAnswer): RawAnswer {
    if (answer.status >= 200 && answer.status < 300) return answer;
    const now = this.#transport.clock.now();
    const failure = failureOfAnswer(asWire(request), answer, this.#transport.server, now);
    if (failure.retryAfterMs !== undefined) this.#pause.announce(failure.retryAfterMs);
    throw failure;
  }
}

function asWire(request: ApiRequest): WireRequest {
  return { ...request, changesSomething: request.method !== 'GET' };
}
