/**
 * What an endpoint is, for doctor: reachable, TLS chain, log-in schemes offered, the server's clock; and with an account
 * its build. Certificates are always checked: an untrusted one is reported by its code, nothing is sent past it.
 */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { type AuthChoice, schemesOf } from '../auth/authenticator.ts';
import type { Credential } from '../auth/credentials.ts';
import type { ServerBuild } from '../decoder/response-grammar.ts';
import { errorOfException } from '../errors/network.ts';
import { resolveOptions } from '../options.ts';
import { type Clock, deadline, systemClock } from '../transport/clock.ts';
import { Connection } from '../transport/connection.ts';
import type { ProxyOptions } from '../transport/connector.ts';
import { type EndpointOptions, endpointUrl } from '../transport/endpoint.ts';
import { EwsTransport } from '../transport/ews-transport.ts';
import { loadFacade } from '../wire/facade.ts';
import { getServerTimeZones } from '../wire/read-requests.ts';

/** Where to look, and how long. */
export interface ProbeOptions {
  readonly endpoint: EndpointOptions;
  /** PEM certificates of the authorities to trust; absent: the platform's */
  readonly ca?: readonly string[];
  readonly proxy?: ProxyOptions;
  /** how long the probe may take */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** One certificate of the server's chain, in the forms of Node's X509Certificate. */
export interface CertificateInfo {
  readonly subject: string;
  readonly issuer: string;
  /** subjectAltName */
  readonly names: string;
  /** epoch milliseconds */
  readonly validFrom: number;
  /** epoch milliseconds */
  readonly validTo: number;
  readonly fingerprint256: string;
}

/** What an endpoint shows without a log-in. */
export interface EndpointProbe {
  readonly url: string;
  /** HTTP status of a request without credentials: 401 from a healthy EWS */
  readonly httpStatus: number;
  /** log-in schemes offered, lower case: `ntlm`, `negotiate`, `basic`, `bearer` */
  readonly schemes: readonly string[];
  /** the server's certificate first, then its issuers; empty over plain HTTP */
  readonly certificates: readonly CertificateInfo[];
  /** e.g. `TLSv1.3`; absent over plain HTTP */
  readonly tlsVersion?: string;
  /** the server's clock minus ours */
  readonly clockSkewMs?: number;
}

const PROBE_MS = 20_000;

/** Asks the endpoint one question without credentials. Throws EwsError when it cannot be reached or trusted. */
export async function probeEndpoint(options: ProbeOptions, signal: AbortSignal): Promise<EndpointProbe> {
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? PROBE_MS;
  const url = endpointUrl(options.endpoint);
  const limit = deadline(clock, timeoutMs, signal);
  let certificates: readonly CertificateInfo[] = [];
  let tlsVersion: string | undefined;
  const connection = new Connection({
    origin: url.origin,
    ca: options.ca,
    proxy: options.proxy,
    connectTimeoutMs: timeoutMs,
    keepAliveMs: 1_000,
    inspect: (open) => {
      // Read now: the server may close the connection right after its answer.
      if (!('getPeerCertificate' in open)) return;
      certificates = chainOf(open as TLSSocket);
      tlsVersion = (open as TLSSocket).getProtocol() ?? undefined;
    },
  });
  try {
    const headers = { 'content-type': 'text/xml; charset=utf-8' };
    const body = Buffer.alloc(0);
    const response = await connection.request({
      path: url.pathname,
      method: 'POST',
      headers,
      body,
      signal: limit.signal,
    });
    await response.body.dump({ limit: 65_536 });
    const date = Date.parse(String(response.headers.date ?? ''));
    return {
      url: url.href,
      httpStatus: response.statusCode,
      schemes: schemesOf(response.headers['www-authenticate']),
      certificates,
      ...(tlsVersion === undefined ? {} : { tlsVersion }),
      ...(Number.isNaN(date) ? {} : { clockSkewMs: date - clock.now() }),
    };
  } catch (error) {
    throw errorOfException(error, { operation: 'Probe' }, false);
  } finally {
    limit.clear();
    connection.drop();
  }
}

const MAX_CHAIN = 10;

function chainOf(socket: TLSSocket): readonly CertificateInfo[] {
  const chain: CertificateInfo[] = [];
  const seen = new Set<string>();
  let peer: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (peer?.raw !== undefined && chain.length < MAX_CHAIN) {
    const certificate = new X509Certificate(peer.raw);
    if (seen.has(certificate.fingerprint256)) break;
    seen.add(certificate.fingerprint256);
    chain.push({
      subject: certificate.subject,
      issuer: certificate.issuer,
      names: certificate.subjectAltName ?? '',
      validFrom: Date.parse(certificate.validFrom),
      validTo: Date.parse(certificate.validTo),
      fingerprint256: certificate.fingerprint256,
    });
    peer = peer.issuerCertificate;
  }
  return chain;
}

/** A probe that logs in. */
export interface ServerBuildOptions extends ProbeOptions {
  readonly credential: Credential;
  readonly auth?: AuthChoice;
  /** mailbox to impersonate; absent: the account itself, which then needs a mailbox */
  readonly mailbox?: string;
}

/** Logs in and asks for the server's build. Throws EwsError: a wrong password, missing rights and so on. */
export async function fetchServerBuild(
  options: ServerBuildOptions,
  signal: AbortSignal,
): Promise<ServerBuild | undefined> {
  const { ca, clock, credential, auth, endpoint, mailbox, proxy, timeoutMs } = options;
  const transport = new EwsTransport(
    resolveOptions({
      name: 'probe',
      endpoint,
      credentials: [credential],
      ...(ca === undefined ? {} : { ca }),
      ...(clock === undefined ? {} : { clock }),
      ...(auth === undefined ? {} : { auth }),
      ...(proxy === undefined ? {} : { proxy }),
      timings: { callMs: timeoutMs ?? PROBE_MS },
    }),
  );
  try {
    const request = getServerTimeZones(await loadFacade(), mailbox, ['UTC']);
    const target = { url: endpointUrl(endpoint).href, mailbox: mailbox ?? credential.login };
    return (await transport.call(request, target, signal)).server;
  } finally {
    transport.close();
  }
}
