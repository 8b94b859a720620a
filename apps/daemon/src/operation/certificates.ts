/**
 * When the certificates of the servers we speak TLS to end, as the metric the alert is about. One handshake an hour and
 * server; nothing is sent over it, so a certificate that is not acceptable can be described too. A server that does not
 * answer keeps its last known date: that it is away is said elsewhere.
 */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Clock, waitFor } from '../engine/clock.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

const CHECK_MS = 3_600_000;
const HANDSHAKE_MS = 5_000;
const DAY_MS = 86_400_000;
/** As the alert rule CalendarCertificateExpires. */
const WARN_DAYS = 30;

export interface TlsServer {
  readonly host: string;
  readonly port: number;
}

export interface CertificateWatchOptions {
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'tlsExpiry'>;
  readonly log: Pick<Log, 'logger'>;
  readonly servers: () => Promise<readonly TlsServer[]>;
}

export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #stop = new AbortController();
  /** server → end of its certificate */
  readonly #ends = new Map<string, number>();
  /** server → days left when it was last warned of */
  readonly #warned = new Map<string, number>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Looks at every server once, one after the other. */
  async check(): Promise<void> {
    const servers = new Map((await this.#options.servers()).map((server) => [nameOf(server), server]));
    for (const name of this.#ends.keys()) if (!servers.has(name)) this.#forget(name);
    for (const [name, server] of servers) {
      if (this.#stop.signal.aborted) return;
      const end = await certificateEnd(server, this.#stop.signal).catch(() => undefined);
      if (end !== undefined) this.#found(name, end);
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The database may be away: the next hour sees to it.
      await this.check().catch(() => {});
      await waitFor(this.#options.clock, CHECK_MS, signal);
    }
  }

  #found(name: string, end: number): void {
    const { metrics, log, clock } = this.#options;
    this.#ends.set(name, end);
    metrics.tlsExpiry.set({ server: name }, end / 1000);
    const days = Math.floor((end - clock.now()) / DAY_MS);
    if (days >= WARN_DAYS || this.#warned.get(name) === days) return;
    this.#warned.set(name, days);
    const date = new Date(end).toISOString().slice(0, 10);
    const when = days < 0 ? `has ended on ${date}` : `ends in ${days} days, on ${date}`;
    log.logger.warn({ server: name, days }, `the certificate of ${name} ${when}; renew it`);
  }

  #forget(name: string): void {
    this.#ends.delete(name);
    this.#warned.delete(name);
    this.#options.metrics.tlsExpiry.remove({ server: name });
  }
}

/** `mail.example.com:443` */
function nameOf({ host, port }: TlsServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The end (epoch ms) of the certificate a server shows; rejects when there is no handshake. */
async function certificateEnd({ host, port }: TlsServer, signal: AbortSignal): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    const name = isIP(host) ? {} : { servername: host };
    // Only looked at: the connection ends here, whatever the certificate is worth.
    const socket = connect({ host, port, rejectUnauthorized: false, ...name });
    const abort = (): void => void socket.destroy(new Error('stopped'));
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error('no handshake in time')));
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const end = Date.parse(socket.getPeerCertificate().valid_to);
      socket.end();
      if (Number.isNaN(end)) reject(new Error('the server shows no certificate'));
      else resolve(end);
    });
  });
}
