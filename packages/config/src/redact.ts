/** The effective configuration for eyes: the same shape, every secret `***`, certificate contents left out. For `config show --redact`. */
import type { ConnectorConfig } from './connector-config.ts';
import { Secret } from './secret.ts';

/** Plain data, safe to print and to put into a support bundle. */
export function redact(config: ConnectorConfig): Record<string, unknown> {
  return plain(config) as Record<string, unknown>;
}

function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.isEmpty ? '' : '***';
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const shown = Object.entries(value).filter(([name]) => name !== 'pem');
  return Object.fromEntries(shown.map(([name, inner]) => [name, plain(inner)]));
}
