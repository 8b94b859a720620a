/**
 * How a socket to Exchange is made: TCP or TLS, directly or through an HTTP proxy (CONNECT), always with certificate
 * checks. Tells the owner about each new socket, since NTLM is bound to it.
 */
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { buildConnector } from 'undici';
import { EwsError } from '../errors/ews-error.ts';

/** An HTTP proxy that opens tunnels (CONNECT). */
export interface ProxyOptions {
  /** `http://[user:password@]host:port` */
  readonly url: string;
}

export interface ConnectorOptions {
  /** PEM certificates of authorities; absent: the platform's */
  readonly ca?: readonly string[] | undefined;
  readonly proxy?: ProxyOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly onSocket: (socket: Socket | TLSSocket) => void;
}

/** undici's type of a connector, callback style. */
type Connector = ReturnType<typeof buildConnector>;

export function makeConnector(options: ConnectorOptions): Connector {
  const ca = options.ca === undefined ? {} : { ca: [...options.ca] };
  const direct = buildConnector({
    ...ca,
    rejectUnauthorized: true,
    timeout: options.connectTimeoutMs,
    maxCachedSessions: 0,
  });
  const connect: Connector = options.proxy === undefined ? direct : throughProxy(options.proxy, options);
  return (target, callback) =>
    connect(target, (error, socket) => {
      if (error !== null || socket === null) {
        (callback as (error: Error | null, socket: null) => void)(error ?? new Error('no socket'), null);
        return;
      }
      try {
        options.onSocket(socket);
      } catch (problem) {
        socket.destroy();
        (callback as (error: unknown, socket: null) => void)(problem, null);
        return;
      }
      callback(null, socket);
    });
}

function throughProxy(proxy: ProxyOptions, options: ConnectorOptions): Connector {
  return (target, callback) => {
    const fail = callback as (error: Error, socket: null) => void;
    openTunnel(proxy, target, options.connectTimeoutMs).then(
      (tunnel) => {
        if (target.protocol !== 'https:') {
          callback(null, tunnel);
          return;
        }
        const servername = target.servername ?? target.hostname;
        const ca = options.ca === undefined ? {} : { ca: [...options.ca] };
        const name = isIP(servername) === 0 ? { servername } : { host: servername };
        const socket = tlsConnect({
          socket: tunnel,
          ...name,
          ...ca,
          rejectUnauthorized: true,
          ALPNProtocols: ['http/1.1'],
        });
        const late = proxyError('Exchange does not answer behind the proxy');
        socket.setTimeout(options.connectTimeoutMs, () => socket.destroy(late));
        socket.once('error', (error) => fail(error, null));
        socket.once('secureConnect', () => {
          socket.setTimeout(0);
          callback(null, socket);
        });
      },
      (error: unknown) => fail(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function openTunnel(
  proxy: ProxyOptions,
  target: { readonly hostname: string; readonly port?: string | null; readonly protocol: string },
  timeoutMs: number,
): Promise<Socket> {
  const url = new URL(proxy.url);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const authority = `${isIP(target.hostname) === 6 ? `[${target.hostname}]` : target.hostname}:${port}`;
  const user = decodeURIComponent(url.username);
  const headers: Record<string, string> = { Host: authority };
  if (user !== '') {
    const pair = `${user}:${decodeURIComponent(url.password)}`;
    headers['Proxy-Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return await new Promise((resolve, reject) => {
    const request = httpRequest({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || 80,
      method: 'CONNECT',
      path: authority,
      headers,
      agent: false,
      timeout: timeoutMs,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(proxyError(`the proxy answered HTTP ${response.statusCode ?? 0}`));
    });
    request.once('timeout', () => request.destroy(proxyError('the proxy does not answer')));
    request.once('error', reject);
    request.end();
  });
}

function proxyError(message: string): EwsError {
  return new EwsError({ kind: 'unavailable', code: 'ProxyFailed', message: `no tunnel to Exchange: ${message}` });
}
