/**
 * Where EWS is: scheme, host, port and path; and which hosts credentials may be sent to.
 */
import { EwsError } from '../errors/ews-error.ts';

export interface EndpointOptions {
  /** `https`; `http` only towards this machine */
  readonly scheme?: 'https' | 'http';
  readonly host: string;
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
  const host = url.hostname.toLowerCase();
  if (host === endpoint.host.toLowerCase()) return true;
  return (endpoint.allowedHosts ?? []).some((entry) => {
    const name = entry.toLowerCase();
    if (!name.startsWith('*.')) return host === name;
    return host.endsWith(name.slice(1)) && host.length > name.length - 1;
  });
}
