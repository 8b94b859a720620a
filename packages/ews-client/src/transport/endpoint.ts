/**
 * Where EWS is: scheme, host, port and path; and which hosts credentials may be sent to.
 */
import { isIP } from 'node:net';
import { EwsError } from '../errors/ews-error.ts';

/** Where EWS is, and where else it may be. */
export interface EndpointOptions {
  /** `https`; `http` only towards this machine */
  readonly scheme?: 'https' | 'http';
  /** name or address, IPv6 with or without brackets */
  readonly host: string;
  /** default: that of the scheme */
  readonly port?: number;
  /** default `/EWS/Exchange.asmx` */
  readonly path?: string;
  /** path of the SOAP autodiscover service, e.g. `/autodiscover/autodiscover.svc`; absent: no autodiscover */
  readonly autodiscoverPath?: string;
  /** further hosts mailboxes may be served by: exact names or `*.example.com`; credentials go nowhere else */
  readonly allowedHosts?: readonly string[];
}

const DEFAULT_PATH = '/EWS/Exchange.asmx';

/** The explicit EWS URL of a configuration. */
export function endpointUrl(endpoint: EndpointOptions): URL {
  return serverUrl(endpoint, endpoint.path ?? DEFAULT_PATH);
}

export function autodiscoverUrl(endpoint: EndpointOptions): URL | undefined {
  const { autodiscoverPath } = endpoint;
  if (autodiscoverPath === undefined || autodiscoverPath === '') return undefined;
  // Configurations of the original product name the POX file; the SOAP service stands beside it.
  return serverUrl(endpoint, autodiscoverPath.replace(/\.xml$/i, '.svc'));
}

function serverUrl(endpoint: EndpointOptions, path: string): URL {
  const scheme = endpoint.scheme ?? 'https';
  const host = endpoint.host.includes(':') && !endpoint.host.startsWith('[') ? `[${endpoint.host}]` : endpoint.host;
  const port = endpoint.port === undefined ? '' : `:${endpoint.port}`;
  const url = new URL(`${scheme}://${host}${port}${path.startsWith('/') ? path : `/${path}`}`);
  checkSafe(url);
  return url;
}

/** Credentials are never sent in clear text off this machine. */
export function checkSafe(url: URL): void {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) || url.hostname.startsWith('127.');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && local)) return;
  throw new EwsError({
    kind: 'forbidden',
    code: 'InsecureEndpoint',
    message: `Exchange at ${url.origin} would get the password unencrypted. Use https (http is allowed to this machine only).`,
  });
}

/** Whether credentials may be sent to this host. */
export function isAllowedHost(endpoint: EndpointOptions, url: URL): boolean {
  const host = bare(url.hostname);
  if (host === bare(endpoint.host)) return true;
  return (endpoint.allowedHosts ?? []).some((entry) => {
    const name = entry.toLowerCase();
    if (!name.startsWith('*.')) return host === name;
    return host.endsWith(name.slice(1)) && host.length > name.length - 1;
  });
}

/** A host as it is compared: IPv6 addresses without their brackets. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '');
}

/** Second-level names under which everybody registers (`co.uk`, `com.tr`, `msk.ru`): no domain of one organisation. */
const SHARED_LEVEL = /^(ac|co|com|edu|gob|gov|gv|mil|msk|ne|net|nom|or|org|spb)$/;

/**
 * Patterns for the other servers of the organisation's own domain, for `allowedHosts`: of `mail.example.com` that is
 * `*.example.com`. Of a name right under a
 * domain that many organisations share it is only what lies below the name itself; of addresses and bare names, nothing.
 */
export function siblingHosts(host: string): readonly string[] {
  const labels = host.toLowerCase().split('.');
  if (isIP(host) !== 0 || labels.length < 2 || labels.includes('')) return [];
  const domain = labels.length === 2 ? labels : labels.slice(1);
  const isShared = domain.length === 2 && labels.length === 3 && SHARED_LEVEL.test(domain[0] ?? '');
  return isShared && (domain[1] ?? '').length === 2 ? [`*.${labels.join('.')}`] : [`*.${domain.join('.')}`];
}
