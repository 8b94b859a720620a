/** The autodiscover paths of the server: credentials, SOAP or plain XML, and the loop a fault can make of redirects. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/request-body.ts';
import { parseXml, XmlParseError } from '../xml/xml-element.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { answerPoxAutodiscover } from './autodiscover/pox-autodiscover.ts';
import { type AutodiscoverAnswer, answerSoapAutodiscover } from './autodiscover/soap-autodiscover.ts';
import type { SettingsSource } from './autodiscover/user-settings.ts';
import { setStandardHeaders } from './ews-endpoint.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Counters, Journal } from './probes.ts';
import type { FakeExchangeOptions } from './server-options.ts';

const BODY_LIMIT = 1024 * 1024;

export interface AutodiscoverParts {
  readonly source: SettingsSource;
  readonly options: FakeExchangeOptions;
  readonly authenticator: Authenticator;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly connectionOf: (request: IncomingMessage) => number;
}

export class AutodiscoverEndpoint {
  readonly #parts: AutodiscoverParts;

  constructor(parts: AutodiscoverParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse, form: 'soap' | 'pox'): Promise<void> {
    const started = performance.now();
    const body = await readBody(request, BODY_LIMIT).catch(() => undefined);
    if (body === undefined) {
      response.destroy();
      return;
    }
    const { authenticator, faults } = this.#parts;
    setStandardHeaders(response, undefined);
    const outcome = authenticator.check(request);
    if (outcome.kind === 'refused') {
      response.setHeader('WWW-Authenticate', [...outcome.challenges]);
      this.#send(
        request,
        response,
        started,
        { status: 401, body: '', codes: [], operation: 'Autodiscover' },
        undefined,
      );
      return;
    }
    const rule = faults.take(['redirectLoop', 'status'], { operation: 'Autodiscover' });
    if (rule?.kind === 'redirectLoop') {
      response.setHeader(
        'Location',
        `${this.#parts.source.ewsUrl.replace(/\/EWS\/.*$/, '')}${request.url ?? '/autodiscover/autodiscover.svc'}`,
      );
      this.#send(
        request,
        response,
        started,
        { status: 302, body: '', codes: [], operation: 'Autodiscover' },
        outcome.login,
      );
      return;
    }
    if (rule !== undefined) {
      this.#send(
        request,
        response,
        started,
        { status: rule.status ?? 503, body: '', codes: [], operation: 'Autodiscover' },
        outcome.login,
      );
      return;
    }
    this.#send(request, response, started, this.#answer(body.toString('utf8'), form), outcome.login);
  }

  #answer(body: string, form: 'soap' | 'pox'): AutodiscoverAnswer {
    const { source } = this.#parts;
    if (form === 'pox') return answerPoxAutodiscover(source, body, source.world.clock.now());
    try {
      return answerSoapAutodiscover(source, parseXml(body));
    } catch (error) {
      if (!(error instanceof XmlParseError)) throw error;
      return { status: 400, body: '', codes: ['malformed'], operation: 'Autodiscover' };
    }
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    started: number,
    answer: AutodiscoverAnswer,
    login: string | undefined,
  ): void {
    const { journal, counters, connectionOf, source, options } = this.#parts;
    const bytes = Buffer.from(answer.body, 'utf8');
    response.writeHead(answer.status, {
      'Content-Type': 'text/xml; charset=utf-8',
      'Content-Length': String(bytes.length),
    });
    response.end(bytes);
    counters.countRequest(answer.operation, undefined);
    counters.countAnswer(answer.status, answer.codes);
    if (answer.body !== '')
      options.onResponse?.({ operation: `Autodiscover:${answer.operation}`, status: answer.status, body: answer.body });
    journal.add({
      at: source.world.clock.now(),
      operation: answer.operation,
      status: answer.status,
      responseCodes: answer.codes,
      items: 0,
      requestBytes: Number(request.headers['content-length'] ?? 0),
      responseBytes: bytes.length,
      durationMs: performance.now() - started,
      connection: connectionOf(request),
      ...(login === undefined ? {} : { account: login }),
    });
  }
}
