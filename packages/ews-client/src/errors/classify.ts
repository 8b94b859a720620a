/**
 * From what the server said to an EwsError: SOAP faults, response messages with ResponseClass Error, and HTTP statuses.
 * The five shapes of throttling (facts §1.7) all end here.
 */
import type { RawMessage } from '../decoder/response-grammar.ts';
import { childOf, childrenOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { EwsError, type ThrottleScope } from './ews-error.ts';
import { kindOfCode } from './response-codes.ts';

export interface CallContext {
  readonly operation: string;
  readonly mailbox?: string | undefined;
}

/** A SOAP fault (HTTP 500, sometimes 200), of SOAP 1.1 or 1.2. */
export function errorOfFault(fault: TreeNode, context: CallContext, httpStatus: number): EwsError {
  const detail = childOf(fault, 'detail') ?? childOf(fault, 'Detail');
  const named =
    textOf(fault, 'faultcode') ?? textOf(fault, 'Code', 'Subcode', 'Value') ?? textOf(fault, 'Code', 'Value');
  const code = textOf(detail, 'ResponseCode') || faultCode(localName(named ?? ''));
  const said = textOf(fault, 'faultstring') || textOf(fault, 'Reason', 'Text');
  const message = textOf(detail, 'Message') || said || code;
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const value of childrenOf(
    detail?.children.find((child) => child.name === 'MessageXml'),
    'Value',
  )) {
    const name = value.attributes['Name'];
    if (name !== undefined) values[name] = value.text.trim();
  }
  for (const name of ['LineNumber', 'LinePosition', 'Violation']) {
    const found = textOf(detail, 'MessageXml', name);
    if (found !== undefined) values[name] = found;
  }
  return serverError(code, message, values, context, httpStatus);
}

/** A response message that is not a success. */
export function errorOfMessage(message: RawMessage, context: CallContext): EwsError {
  return serverError(message.code || 'ErrorUnknown', message.text, message.values, context, 200);
}

/**
 * A fault without a code of Exchange's own: SOAP's word for a fault of the server (1.1 and 1.2) and the one its web
 * framework has for a defect are what Exchange calls an internal error, and as likely to pass.
 */
function faultCode(name: string): string {
  return SERVERS_FAULT.has(name) ? 'ErrorInternalServerError' : name || 'SoapFault';
}

const SERVERS_FAULT: ReadonlySet<string> = new Set(['Server', 'Receiver', 'InternalServiceFault']);

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function serverError(
  code: string,
  text: string,
  values: Readonly<Record<string, string>>,
  context: CallContext,
  httpStatus: number,
): EwsError {
  const inner = innerThrottle(code, values, text);
  const effective = inner ?? code;
  const kind = kindOfCode(effective);
  const backOff = backOffOf(values, text);
  return new EwsError({
    kind,
    code: effective,
    message: sentence(effective, text, context),
    retryAfterMs: kind === 'throttled' ? backOff : undefined,
    budget: kind === 'throttled' ? scopeOf(effective, values, text) : undefined,
    httpStatus,
    mailbox: context.mailbox,
    values,
  });
}

/** Exchange sometimes wraps ErrorServerBusy into ErrorInternalServerError: as inner code, or only in the text (goals §4). */
function innerThrottle(code: string, values: Readonly<Record<string, string>>, text: string): string | undefined {
  if (code !== 'ErrorInternalServerError') return undefined;
  const inner = values['InnerErrorResponseCode'] ?? '';
  if (kindOfCode(inner) === 'throttled') return inner;
  return /ErrorServerBusy|server is too busy|Policy: MaxConcurrency|exceeded the available concurren/i.test(text)
    ? 'ErrorServerBusy'
    : undefined;
}

function backOffOf(values: Readonly<Record<string, string>>, text: string): number | undefined {
  const announced = Number(values['BackOffMilliseconds']);
  if (Number.isFinite(announced) && announced > 0) return Math.min(announced, MAX_BACK_OFF_MS);
  const suggested = /Suggested back-?off time:?\s*(\d{1,9})\s*(?:ms|milliseconds)?/i.exec(text)?.[1];
  if (suggested !== undefined && Number(suggested) > 0) return Math.min(Number(suggested), MAX_BACK_OFF_MS);
  return undefined;
}

/** A back-off longer than this is taken for nonsense. */
const MAX_BACK_OFF_MS = 3_600_000;

function scopeOf(code: string, values: Readonly<Record<string, string>>, text: string): ThrottleScope {
  const policy = `${values['Policy'] ?? ''} ${text}`;
  if (/ConcurrentSyncCalls/i.test(policy)) return 'mailboxSync';
  if (code === 'ErrorExceededConnectionCount' || /MaxConcurrency|HangingConnection/i.test(policy)) return 'concurrency';
  return 'mailbox';
}

function sentence(code: string, text: string, context: CallContext): string {
  const what = context.mailbox === undefined ? context.operation : `${context.operation} for ${context.mailbox}`;
  const cure = CURE.get(code);
  const said = text.trim() === '' ? '' : `: ${text.trim().slice(0, 400)}`;
  return `${what} was refused with ${code}${said}${cure === undefined ? '' : ` — ${cure}`}`;
}

const CURE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ErrorImpersonateUserDenied: 'give the service account the ApplicationImpersonation role for this mailbox',
    ErrorImpersonationDenied: 'give the service account the ApplicationImpersonation role',
    ErrorNonExistentMailbox: 'check that the address is a mailbox of this Exchange organisation',
    ErrorNonPrimarySmtpAddress: 'use the primary address instead of the alias',
    ErrorServerBusy: 'Exchange asked for a pause; it is kept',
    ErrorExceededConnectionCount:
      'the connection limit of the throttling policy is reached; fewer calls are made at once',
  }),
);

/** An HTTP answer that is no SOAP message. `retryAfterMs` comes from the Retry-After header. */
export function errorOfStatus(
  status: number,
  retryAfterMs: number | undefined,
  context: CallContext,
  location: string | undefined,
): EwsError {
  const parts = statusParts(status, location);
  const what = context.mailbox === undefined ? context.operation : `${context.operation} for ${context.mailbox}`;
  return new EwsError({
    ...parts,
    code: `Http${status}`,
    message: `${what}: the server answered HTTP ${status}; ${parts.message}`,
    retryAfterMs: parts.kind === 'throttled' ? retryAfterMs : undefined,
    httpStatus: status,
    mailbox: context.mailbox,
    values: location === undefined ? undefined : { Location: location },
  });
}

type StatusParts = Pick<EwsError, 'kind' | 'message'> & { readonly budget?: ThrottleScope };

function statusParts(status: number, location: string | undefined): StatusParts {
  if (status === 429 || status === 503) {
    return { kind: 'throttled', message: 'it is overloaded or in maintenance', budget: 'server' };
  }
  if (status === 401) return { kind: 'authFailed', message: 'login or password were refused' };
  if (status === 403)
    return { kind: 'forbidden', message: 'EWS is not allowed for this account (EwsBlockList, policy)' };
  if (status === 404 || status === 405) return { kind: 'invalidRequest', message: 'there is no EWS at this path' };
  if (status === 413) return { kind: 'limitExceeded', message: 'the request is too large' };
  if (location !== undefined && isLoginPage(location)) {
    const message = `a log-in page (${location.split('?')[0]}) stands before it: let EWS through without one`;
    return { kind: 'protocol', message };
  }
  if (status === 440) {
    return { kind: 'protocol', message: 'a log-in page has forgotten who asks: let EWS through without one' };
  }
  if (status === 451 || (status >= 300 && status < 400 && location !== undefined)) {
    return {
      kind: 'mailboxMoved',
      message: `the mailbox is served elsewhere${location === undefined ? '' : ` (${location})`}`,
    };
  }
  if (status === 408) return { kind: 'timeout', message: 'it waited too long for the request' };
  if (status >= 500) return { kind: 'unavailable', message: 'it or what it depends on is down' };
  return { kind: 'protocol', message: 'that is no answer EWS gives' };
}

/** Outlook on the web, AD FS and gateways (TMG, F5) like them send browsers to such places; no service for programs is there. */
function isLoginPage(location: string): boolean {
  const place = location.split('?')[0] ?? '';
  if (/\.(asmx|svc|xml)$/i.test(place)) return false;
  return /\/(owa|ecp|adfs|saml2?|oauth2|cgi)(\/|$)|\/(CookieAuth\.dll|my\.policy)$|\b(log-?on|log-?in|sign-?in)\b/i.test(
    place,
  );
}
