/** The servers whose certificates are watched: all that the configuration names, and those Autodiscover led to. */
import type { ConnectorConfig } from '@calendar-connector/config';
import type { MailboxRecord } from '@calendar-connector/sync-core';
import type { TlsServer } from '../operation/certificates.ts';

const HTTPS_PORT = 443;

export function tlsServersOf(config: ConnectorConfig, mailboxes: readonly MailboxRecord[]): readonly TlsServer[] {
  const { calendarProviders, trueConfServers, registration } = config;
  const named = [...calendarProviders, registration]
    .filter(({ scheme }) => scheme === 'https')
    .map(({ host, port }) => ({ host, port }));
  const urls = new Set([...trueConfServers.map(({ url }) => url), ...mailboxes.flatMap(endpointOf)]);
  return [...named, ...[...urls].flatMap(serverOf)];
}

function endpointOf({ resolved }: MailboxRecord): readonly string[] {
  return resolved?.endpoint ? [resolved.endpoint] : [];
}

function serverOf(url: string): readonly TlsServer[] {
  if (!URL.canParse(url)) return [];
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return [];
  return [{ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? HTTPS_PORT : Number(port) }];
}
