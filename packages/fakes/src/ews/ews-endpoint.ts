/**
 * POST /EWS/Exchange.asmx: from bytes to an operation and back. The order is IIS's and Exchange's: length, credentials, body,
 * schema, version, impersonation, budget, work.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTooLargeError, readBody } from '../http/request-body.ts';
import type { ExchangeWorld } from '../world/exchange-world.ts';
import { WorldError } from '../world/world-error.ts';
import { parseXml, type XmlElement, XmlParseError } from '../xml/xml-element.ts';
import { XmlWriter } from '../xml/xml-writer.ts';
import { Answer } from './answer.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { BackEnds } from './back-ends.ts';
import type { BudgetLedger, BudgetSlot } from './budget-ledger.ts';
import { type FaultPlan, REQUEST_FAULTS, RESPONSE_FAULTS } from './faults/fault-plan.ts';
import { callerOf } from './impersonation.ts';
import { NEEDS_OTHER_ROLE, OPERATIONS } from './operations/table.ts';
import type { Counters, Journal } from './probes.ts';
import { RequestContext } from './request-context.ts';
import { playRequestFault } from './request-faults.ts';
import { validateRequest } from './schema/request-validator.ts';
import type { FakeExchangeOptions } from './server-options.ts';
import { EventStream } from './streaming/streaming-events.ts';
import type { SubscriptionRegistry } from './streaming/subscription-registry.ts';
import {
  closeEnvelope,
  openEnvelope,
  openResponse,
  operationOf,
  readEnvelope,
  type SoapRequest,
  writeFault,
} from './wire/envelope.ts';
import { EwsError, EwsFault } from './wire/ews-error.ts';
import { writeErrorFields } from './wire/response-messages.ts';

const BODY_LIMIT = 64 * 1024 * 1024;

export interface EndpointParts {
  readonly world: ExchangeWorld;
  readonly options: FakeExchangeOptions;
  readonly authenticator: Authenticator;
  readonly backEnds: BackEnds;
  readonly ledger: BudgetLedger;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly subscriptions: SubscriptionRegistry;
  readonly streams: Set<EventStream>;
  readonly connectionOf: (request: IncomingMessage) => number;
}

/** What is known of a request while it is answered; ends up in the journal. */
interface Visit {
  operation: string;
  account: string | undefined;
  mailbox: string | undefined;
  backEnd: string | undefined;
  fault: string | undefined;
  requestBytes: number;
  codes: readonly string[];
  items: number;
  readonly started: number;
  readonly startedReal: number;
}

export class EwsEndpoint {
  readonly #parts: EndpointParts;
  readonly #readers = new Map<string, EventStream>();

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visit: Visit = {
      operation: '-',
      account: undefined,
      mailbox: undefined,
      backEnd: undefined,
      fault: undefined,
      requestBytes: 0,
      codes: [],
      items: 0,
      started: this.#parts.world.clock.now(),
      startedReal: performance.now(),
    };
    if (request.headers['content-length'] === undefined && request.method === 'POST') {
      request.resume();
      sendEmpty(response, 411);
      this.#note(request, visit, 411, 0);
      return;
    }
    const login = await this.#authenticate(request, response, visit);
    if (login === undefined) return;
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      sendEmpty(response, 405);
      this.#note(request, visit, 405, 0);
      return;
    }
    const body = await this.#readBody(request, response, visit);
    if (body !== undefined) await this.#answer(request, response, visit, login, body);
  }

  async #authenticate(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<string | undefined> {
    const outcome = this.#parts.authenticator.check(request);
    if (outcome.kind === 'accepted') {
      visit.account = outcome.login;
      return outcome.login;
    }
    await drain(request);
    response.setHeader('WWW-Authenticate', [...outcome.challenges]);
    setStandardHeaders(response, undefined);
    sendEmpty(response, 401);
    visit.fault = outcome.reason === 'noCredentials' || outcome.reason === 'challenge' ? undefined : outcome.reason;
    this.#note(request, visit, 401, 0);
    return undefined;
  }

  async #readBody(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<string | undefined> {
    const type = request.headers['content-type'] ?? '';
    if (!/^\s*(text|application)\/(soap\+)?xml\b/i.test(type)) {
      await drain(request);
      sendEmpty(response, 415);
      this.#note(request, visit, 415, 0);
      return undefined;
    }
    try {
      const bytes = await readBody(request, BODY_LIMIT);
      visit.requestBytes = bytes.length;
      return decode(bytes, type);
    } catch (error) {
      if (error instanceof BodyTooLargeError) sendEmpty(response, 413);
      else response.destroy();
      this.#note(request, visit, 413, 0);
      return undefined;
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
    login: string,
    body: string,
  ): Promise<void> {
    const { counters } = this.#parts;
    let slot: BudgetSlot | undefined;
    let answer: Answer | undefined;
    try {
      const root = parse(body);
      visit.operation = nameOf(root);
      if (this.#parts.options.validate !== false) validateRequest(root);
      const soap = readEnvelope(root);
      visit.operation = soap.operation;
      const caller = callerOf(this.#parts.world, this.#parts.faults, login, soap);
      const key = (caller.mailbox?.address ?? login).toLowerCase();
      visit.mailbox = key;
      counters.countRequest(soap.operation, key);
      const route = this.#route(request, key);
      visit.backEnd = route.backEnd;
      const context = this.#context(soap, caller, route.backEnd, visit);
      setStandardHeaders(response, route.backEnd);
      if (route.setCookie !== undefined) response.setHeader('Set-Cookie', route.setCookie);
      answer = this.#openAnswer(request, response, visit, soap.operation, key);
      if ((await this.#playFault(response, visit, soap.operation, key)) === 'answered') {
        this.#note(request, visit, 0, 0);
        return;
      }
      slot = await this.#parts.ledger.enter(key, soap.operation);
      await this.#spendServiceTime();
      if (soap.operation === 'GetStreamingEvents') {
        this.#stream(request, response, visit, context, slot);
        slot = undefined;
        return;
      }
      await this.#perform(request, visit, context, answer);
    } catch (error) {
      await this.#answerError(request, response, visit, error, answer);
    } finally {
      slot?.release();
    }
  }

  #context(soap: SoapRequest, caller: RequestContext['caller'], backEnd: string, visit: Visit): RequestContext {
    const { world, faults, ledger, subscriptions } = this.#parts;
    return new RequestContext({
      world,
      faults,
      budgets: ledger.budgets,
      subscriptions,
      caller,
      request: soap,
      backEnd,
      started: visit.started,
    });
  }

  #route(request: IncomingMessage, key: string): ReturnType<BackEnds['route']> {
    const anchor = request.headers['x-anchormailbox'];
    const headers = {
      cookie: request.headers.cookie,
      anchor: Array.isArray(anchor) ? anchor[0] : anchor,
      prefersAffinity: String(request.headers['x-preferserveraffinity'] ?? '').toLowerCase() === 'true',
    };
    return this.#parts.backEnds.route(headers, key);
  }

  #openAnswer(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
    operation: string,
    mailbox: string,
  ): Answer {
    const { faults, world, options } = this.#parts;
    const fault = faults.isEmpty ? undefined : faults.take(RESPONSE_FAULTS, { mailbox, operation });
    if (fault !== undefined) visit.fault = fault.kind;
    const record = options.onResponse;
    const texts: string[] = [];
    const onText = record === undefined ? undefined : (text: string): void => void texts.push(text);
    const answer = new Answer({
      request,
      response,
      clock: world.clock,
      headers: { 'Content-Type': 'text/xml; charset=utf-8' },
      onText,
      fault,
    });
    if (record !== undefined)
      response.on(
        'close',
        () => texts.length > 0 && record({ operation, status: response.statusCode, body: texts.join('') }),
      );
    return answer;
  }

  async #playFault(
    response: ServerResponse,
    visit: Visit,
    operation: string,
    mailbox: string,
  ): Promise<'answered' | 'goOn'> {
    const { faults, world, ledger, authenticator } = this.#parts;
    if (faults.isEmpty) return 'goOn';
    const kinds = REQUEST_FAULTS.filter((kind) => kind !== 'impersonationDenied');
    const rule = faults.take(kinds, { mailbox, operation });
    if (rule === undefined) return 'goOn';
    visit.fault = rule.kind;
    return playRequestFault({
      rule,
      response,
      clock: world.clock,
      ledger,
      budgetKey: mailbox,
      challenges: authenticator.challenges(),
    });
  }

  async #spendServiceTime(): Promise<void> {
    const ms = this.#parts.ledger.budgets.serviceTimeMs ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void this.#parts.world.clock.after(ms, resolve));
  }

  async #perform(request: IncomingMessage, visit: Visit, context: RequestContext, answer: Answer): Promise<void> {
    const operation = OPERATIONS[context.operation];
    if (operation === undefined && NEEDS_OTHER_ROLE.has(context.operation))
      throw new EwsFault('ErrorAccessDenied', 'The account has no management role for this operation.');
    if (operation === undefined)
      throw new EwsFault('ErrorInvalidOperation', `The operation ${context.operation} is not offered by this server.`);
    const out = new XmlWriter(answer);
    openEnvelope(out);
    await operation(context, context.request.body, out);
    closeEnvelope(out);
    visit.codes = context.codes;
    visit.items = context.items;
    await answer.end(200, out.toString());
    this.#note(request, visit, 200, answer.bytes);
  }

  async #answerError(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
    error: unknown,
    answer: Answer | undefined,
  ): Promise<void> {
    const known = error instanceof EwsFault || error instanceof EwsError || error instanceof WorldError;
    if (response.headersSent || response.destroyed || answer?.hasBegun === true) {
      response.destroy();
      this.#note(request, visit, 500, 0);
      if (known) return;
      throw error;
    }
    const out = new XmlWriter();
    const isMessage = error instanceof EwsError || error instanceof WorldError;
    const code = known ? error.code : 'ErrorInternalServerError';
    visit.codes = [code];
    if (isMessage && visit.operation !== '-') writeErrorAnswer(out, visit.operation, error);
    else
      writeFault(
        out,
        error instanceof EwsFault
          ? error
          : new EwsFault(code, 'An internal server error occurred. The operation failed.'),
      );
    const status = isMessage ? 200 : 500;
    const reply = answer ?? this.#openAnswer(request, response, visit, visit.operation, visit.mailbox ?? '');
    await reply.end(status, out.toString());
    this.#note(request, visit, status, reply.bytes);
    if (!known) throw error;
  }

  #stream(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
    context: RequestContext,
    slot: BudgetSlot,
  ): void {
    const { faults, options, streams } = this.#parts;
    response.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8', 'X-NoBuffering': '1' });
    const stream = new EventStream({
      context,
      request: context.request.body,
      faults,
      options: options.streaming ?? {},
      readers: this.#readers,
      sink: {
        write: (text) => void response.write(text),
        end: () => response.end(),
        destroy: () => response.destroy(),
        cutAfter: (text) => void response.write(text, () => response.destroy()),
      },
      onText: (text) => options.onResponse?.({ operation: 'GetStreamingEvents', status: 200, body: text }),
      onClose: () => {
        streams.delete(stream);
        slot.release();
      },
    });
    streams.add(stream);
    response.on('close', () => stream.close(false));
    stream.open();
    visit.codes = context.codes;
    this.#note(request, visit, 200, 0);
  }

  #note(request: IncomingMessage, visit: Visit, status: number, responseBytes: number): void {
    const { counters, journal, connectionOf } = this.#parts;
    counters.countAnswer(status, visit.codes);
    const anchor = request.headers['x-anchormailbox'];
    journal.add({
      at: visit.started,
      operation: visit.operation,
      status,
      responseCodes: visit.codes,
      items: visit.items,
      requestBytes: visit.requestBytes,
      responseBytes,
      durationMs: performance.now() - visit.startedReal,
      connection: connectionOf(request),
      ...(visit.account === undefined ? {} : { account: visit.account }),
      ...(visit.mailbox === undefined ? {} : { mailbox: visit.mailbox }),
      ...(typeof anchor === 'string' ? { anchor } : {}),
      ...(visit.fault === undefined ? {} : { fault: visit.fault }),
      ...(visit.backEnd === undefined ? {} : { backEnd: visit.backEnd }),
    });
  }
}

function parse(body: string): XmlElement {
  try {
    return parseXml(body);
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    throw new EwsFault('ErrorSchemaValidation', 'The request failed schema validation.', {
      position: { line: error.line, column: error.column, violation: error.message },
    });
  }
}

function nameOf(root: XmlElement): string {
  return operationOf(root.child('Body')?.children[0]?.name ?? '-');
}

/** An error that concerns the whole request, in the shape of a response message (HTTP 200). */
function writeErrorAnswer(out: XmlWriter, operation: string, error: EwsError | WorldError): void {
  const shown = error instanceof EwsError ? error : new EwsError(error.code, error.message, { values: error.values });
  openEnvelope(out);
  if (operation === 'GetUserAvailability') {
    openResponse(out, 'GetUserAvailabilityResponse');
    out
      .open('m:FreeBusyResponseArray')
      .open('m:FreeBusyResponse')
      .open('m:ResponseMessage', { ResponseClass: 'Error' });
    writeErrorFields(out, shown);
    out.close().close().close().close();
  } else {
    openResponse(out, `${operation}Response`);
    out.open('m:ResponseMessages').open(`m:${operation}ResponseMessage`, { ResponseClass: 'Error' });
    writeErrorFields(out, shown);
    out.close().close().close();
  }
  closeEnvelope(out);
}

function decode(bytes: Buffer, type: string): string {
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1]?.toLowerCase();
  const hasUtf16Mark = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text =
    charset === 'utf-16' || charset === 'utf-16le' || hasUtf16Mark ? bytes.toString('utf16le') : bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

async function drain(request: IncomingMessage): Promise<void> {
  try {
    await readBody(request, BODY_LIMIT);
  } catch {
    // the client went away; nobody waits for the answer
  }
}

function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': '0' });
  response.end();
}

/** What IIS and Exchange put on every answer. */
export function setStandardHeaders(response: ServerResponse, backEnd: string | undefined): void {
  response.setHeader('Server', 'Microsoft-IIS/10.0');
  response.setHeader('X-Powered-By', 'ASP.NET');
  response.setHeader('X-FEServer', 'EXCH-FE');
  response.setHeader('Cache-Control', 'private');
  if (backEnd === undefined) return;
  response.setHeader('X-BEServer', backEnd.toUpperCase());
  response.setHeader('X-CalculatedBETarget', backEnd);
  response.setHeader('X-DiagInfo', backEnd.toUpperCase());
}
