/** One EWS client per calendar provider, each a bulkhead with its own credentials, limits and streams (feature C12). */
import type { CalendarProviderConfig, ConnectorConfig } from '@calendar-connector/config';
import { createEwsSource, siblingHosts } from '@calendar-connector/ews-client';
import type { CalendarSource } from '@calendar-connector/sync-core';
import { observeEws, type Reporting } from './ews-observer.ts';
import { zones } from './zones.ts';

export class Sources {
  readonly #reporting: Reporting;
  readonly #config: () => ConnectorConfig;
  #open = new Map<string, { readonly source: CalendarSource; readonly place: string }>();

  constructor(config: () => ConnectorConfig, reporting: Reporting) {
    this.#config = config;
    this.#reporting = reporting;
  }

  /** Sources by provider name: those whose address and accounts are as before stay the same objects. */
  update(config: ConnectorConfig): ReadonlyMap<string, CalendarSource> {
    const next = new Map<string, { readonly source: CalendarSource; readonly place: string }>();
    for (const provider of config.calendarProviders) {
      const place = placeOf(provider);
      const present = this.#open.get(provider.name);
      next.set(provider.name, present?.place === place ? present : { source: this.#create(provider), place });
    }
    this.#open = next;
    return new Map([...next].map(([name, { source }]) => [name, source]));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map(({ source }) => source.close()));
  }

  #create(provider: CalendarProviderConfig): CalendarSource {
    const current = (): CalendarProviderConfig =>
      this.#config().calendarProviders.find((one) => one.name === provider.name) ?? provider;
    return createEwsSource({
      name: provider.name,
      endpoint: {
        scheme: provider.scheme,
        host: provider.host,
        port: provider.port,
        path: provider.path,
        autodiscoverPath: provider.autodiscoverPath,
        // Autodiscover may lead to other servers of the organisation's own domain.
        allowedHosts: [...provider.trustedHosts, ...siblingHosts(provider.host)],
      },
      credentials: provider.credentials.map(({ login }, index) => ({
        login,
        // Read when needed: a password changed by a reload works without closing streams.
        password: () => current().credentials[index]?.password.reveal() ?? '',
      })),
      auth: provider.auth,
      ...(provider.ca ? { ca: [provider.ca.pem] } : {}),
      limits: { maxConcurrency: provider.maxConcurrentRequests },
      zones,
      observer: observeEws(provider.name, this.#reporting),
    });
  }
}

/** Everything that makes another connection necessary; users and passwords do not. */
function placeOf(provider: CalendarProviderConfig): string {
  const { scheme, host, port, path, autodiscoverPath, trustedHosts, auth, ca, credentials, maxConcurrentRequests } =
    provider;
  const logins = credentials.map(({ login }) => login);
  return JSON.stringify([
    scheme,
    host,
    port,
    path,
    autodiscoverPath,
    trustedHosts,
    auth,
    ca?.pem,
    logins,
    maxConcurrentRequests,
  ]);
}
