/** One client per TrueConf Server, each a bulkhead: a server that is down fails its own meetings only. */
import type { ConnectorConfig, TrueConfServerConfig } from '@calendar-connector/config';
import type { ConferenceTarget } from '@calendar-connector/sync-core';
import { createTrueConfServer } from '@calendar-connector/trueconf-client';
import type { Metrics } from '../operation/metrics.ts';

/** A storm of starts at the full hour needs many connections at once (goal G8). */
const MAX_CONNECTIONS = 48;

export class Targets {
  readonly #metrics: Metrics;
  #byId = new Map<string, { readonly target: ConferenceTarget; readonly config: TrueConfServerConfig }>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** Whitelisted servers with an entry in the configuration; by id, case does not matter. */
  find(id: string): ConferenceTarget | undefined {
    return this.#byId.get(id.toLowerCase())?.target;
  }

  get all(): readonly ConferenceTarget[] {
    return [...this.#byId.values()].map(({ target }) => target);
  }

  /** Opens what is new or changed, keeps what is as it was, closes what is gone. */
  async update(config: ConnectorConfig): Promise<void> {
    const wanted = new Map<string, { readonly target: ConferenceTarget; readonly config: TrueConfServerConfig }>();
    const whitelisted = new Set(config.productWhitelist.tcs.map((id) => id.toLowerCase()));
    for (const server of config.trueConfServers) {
      const key = server.id.toLowerCase();
      if (!whitelisted.has(key)) continue;
      const present = this.#byId.get(key);
      wanted.set(
        key,
        present && same(present.config, server) ? present : { target: this.#open(server), config: server },
      );
    }
    const gone = [...this.#byId.values()].filter(
      ({ target }) => ![...wanted.values()].some((kept) => kept.target === target),
    );
    this.#byId = wanted;
    await Promise.allSettled(gone.map(({ target }) => target.close()));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.all.map((target) => target.close()));
  }

  #open(server: TrueConfServerConfig): ConferenceTarget {
    return createTrueConfServer({
      id: server.id,
      url: server.url,
      apiVersion: server.apiVersion,
      clientId: server.clientId,
      clientSecret: () => server.clientSecret.reveal(),
      maxConnections: MAX_CONNECTIONS,
      ...(server.ca ? { ca: server.ca.pem } : {}),
      observer: {
        onRequest: ({ operation, status, failure }) =>
          this.#metrics.trueconfRequests.inc({ op: operation, code: failure ?? String(status ?? 'none') }),
      },
    });
  }
}

function same(a: TrueConfServerConfig, b: TrueConfServerConfig): boolean {
  const view = (server: TrueConfServerConfig): string =>
    JSON.stringify([
      server.id,
      server.url,
      server.apiVersion,
      server.clientId,
      server.clientSecret.reveal(),
      server.ca?.pem,
      server.fallbackOwner,
    ]);
  return view(a) === view(b);
}
