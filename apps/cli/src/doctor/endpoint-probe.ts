/**
 * One unauthenticated look at a server, stage by stage: name, connection, certificate, first HTTP answer. Each stage is
 * reported by its own check. Certificates are examined even when they are not acceptable; nothing is sent to such a server.
 */
import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates, type TLSSocket } from 'node:tls';

export interface Endpoint {
  /** as the person knows it: `Exchange (main)` */
  readonly label: string;
  readonly scheme: 'http' | 'https' | 'tcp';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly ca?: string;
}

export interface CertificateFacts {
  readonly validTo: number;
  readonly issuer: string;
  readonly protocol: string;
  /** why it is not acceptable, as Node names it */
  readonly problem?: string;
}

export interface HttpFacts {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** the server's clock minus ours; its Date header has whole seconds */
  readonly clockOffsetMs?: number;
}

/** A stage that was not reached is absent; one that failed has a code. */
export interface EndpointFacts {
  readonly endpoint: Endpoint;
  readonly addresses?: readonly string[];
  readonly dnsError?: string;
  readonly connected?: boolean;
  readonly tcpError?: string;
  readonly certificate?: CertificateFacts;
  readonly tlsError?: string;
  readonly http?: HttpFacts;
  readonly httpError?: string;
}

const STAGE_MS = 3_000;

/** Name, connection and certificate are in order: what is wrong beyond is the business of later checks. */
export function isReached({ dnsError, tcpError, tlsError, certificate }: EndpointFacts): boolean {
  return (dnsError ?? tcpError ?? tlsError ?? certificate?.problem) === undefined;
}

export async function probeEndpoint(endpoint: Endpoint, now: () => number): Promise<EndpointFacts> {
  const facts: { -readonly [Key in keyof EndpointFacts]: EndpointFacts[Key] } = { endpoint };
  try {
    facts.addresses = (await limited(lookup(endpoint.host, { all: true }))).map(({ address }) => address);
  } catch (error) {
    facts.dnsError = codeOf(error);
    return facts;
  }
  try {
    const socket = await openTcp(endpoint);
    facts.connected = true;
    socket.destroy();
  } catch (error) {
    facts.tcpError = codeOf(error);
    return facts;
  }
  if (endpoint.scheme === 'tcp') return facts;
  if (endpoint.scheme === 'https') {
    try {
      facts.certificate = await examine(endpoint);
    } catch (error) {
      facts.tlsError = codeOf(error);
    }
    if (facts.certificate === undefined || facts.certificate.problem !== undefined) return facts;
  }
  try {
    facts.http = await ask(endpoint, now);
  } catch (error) {
    facts.httpError = codeOf(error);
  }
  return facts;
}

async function openTcp({ host, port }: Endpoint): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    socket.setTimeout(STAGE_MS, () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The handshake goes on to its end so that the certificate can be described; the connection is then dropped. */
async function examine({ host, port, ca }: Endpoint): Promise<CertificateFacts> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const options = { host, port, minVersion: 'TLSv1.2' as const, rejectUnauthorized: false, ...trusted(ca) };
    const opened = connectTls({ ...options, ...(isAddress(host) ? {} : { servername: host }) });
    opened.setTimeout(STAGE_MS, () => opened.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    opened.once('secureConnect', () => resolve(opened));
    opened.once('error', reject);
  });
  try {
    const certificate = socket.getPeerCertificate();
    const { authorizationError } = socket;
    const problem =
      authorizationError === null || authorizationError === undefined ? undefined : problemOf(authorizationError);
    return {
      validTo: Date.parse(certificate.valid_to),
      issuer: [certificate.issuer?.CN ?? ''].flat().join(', '),
      protocol: socket.getProtocol() ?? '',
      ...(problem === undefined ? {} : { problem }),
    };
  } finally {
    socket.destroy();
  }
}

async function ask({ scheme, host, port, path, ca }: Endpoint, now: () => number): Promise<HttpFacts> {
  const send = scheme === 'https' ? httpsRequest : httpRequest;
  const sentAt = now();
  return await new Promise((resolve, reject) => {
    const options = { host, port, path, method: 'GET', agent: false, timeout: STAGE_MS, ...trusted(ca) };
    const request = send(options, (response) => {
      const middle = (sentAt + now()) / 2;
      const date = Date.parse(response.headers.date ?? '');
      const offset = Number.isNaN(date) ? {} : { clockOffsetMs: date + 500 - middle };
      response.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, ...offset });
    });
    request.once('timeout', () => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    request.once('error', reject);
    request.end();
  });
}

function trusted(ca: string | undefined): { readonly ca?: string[] } {
  return ca === undefined ? {} : { ca: [...getCACertificates('default'), ...getCACertificates('system'), ca] };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}

function problemOf(error: Error | string): string {
  return typeof error === 'string' ? error : ((error as NodeJS.ErrnoException).code ?? error.message);
}

async function limited<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), STAGE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
