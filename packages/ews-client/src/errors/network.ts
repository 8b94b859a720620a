/**
 * Sockets and TLS to EwsError: by code, never by message text.
 */
import { XmlError } from '../decoder/xml-error.ts';
import type { CallContext } from './classify.ts';
import { EwsError } from './ews-error.ts';

const TLS_CODES = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'EPROTO',
]);

const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** Failed before a byte of the request could have been carried out. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Whether the request certainly never reached the server. */
export function neverSent(error: unknown): boolean {
  return NEVER_SENT.has(codeOf(error)) || isTls(codeOf(error));
}

function isTls(code: string): boolean {
  return TLS_CODES.has(code) || code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_');
}

/** Turns whatever sending or reading threw into an EwsError. */
export function errorOfException(error: unknown, context: CallContext, maybeDone: boolean): EwsError {
  const what = context.mailbox === undefined ? context.operation : `${context.operation} for ${context.mailbox}`;
  const base = { mailbox: context.mailbox, maybeDone: maybeDone ? true : undefined, cause: error };
  if (error instanceof EwsError) return maybeDone ? error.with({ maybeDone: true }) : error;
  if (error instanceof XmlError) {
    const { problem } = error;
    const kind = problem === 'truncated' ? 'unavailable' : problem.endsWith('Limit') ? 'limitExceeded' : 'protocol';
    return new EwsError({
      ...base,
      kind,
      code: `Xml_${problem}`,
      message: `${what}: the answer cannot be read: ${error.message}`,
    });
  }
  const code = codeOf(error) || 'NetworkError';
  const said = error instanceof Error ? error.message : String(error);
  if (isTls(code)) {
    const message = `${what}: the server's certificate is not accepted (${code}: ${said}). Name its authority in caFile, or renew it.`;
    return new EwsError({ ...base, kind: 'tls', code, message, maybeDone: undefined });
  }
  if (TIMEOUT_CODES.has(code)) {
    return new EwsError({ ...base, kind: 'timeout', code, message: `${what}: the server did not answer in time` });
  }
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_')) {
    const message = `${what}: the answer cannot be read: it is not compressed as it says, or cut short (${said})`;
    return new EwsError({ ...base, kind: 'unavailable', code, message });
  }
  return new EwsError({
    ...base,
    kind: 'unavailable',
    code,
    message: `${what}: no link to the server (${code}: ${said})`,
  });
}
