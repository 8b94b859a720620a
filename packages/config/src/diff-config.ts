/**
 * What changed between two configurations, and whether a reload (SIGHUP) may apply it or a restart is needed.
 * Which keys need a restart is said in the schema, beside the key.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { CalendarProviderConfig, ConnectorConfig } from './connector-config.ts';
import { type KeyPath, keyName } from './finding.ts';
import { configFile } from './schema/config-file.ts';
import { keyInfoAt } from './schema-walk.ts';
import { Secret } from './secret.ts';

export interface ConfigChange {
  /** `limits.connections`, `calendarProviders[main].users` */
  readonly key: string;
  readonly applies: 'live' | 'restart';
}

export interface ConfigDifference {
  readonly changes: readonly ConfigChange[];
  /** true when at least one change takes effect only after a restart */
  readonly needsRestart: boolean;
  readonly providers: NameChanges;
  readonly trueConfServers: NameChanges;
  readonly mailboxes: { readonly added: readonly MailboxAddress[]; readonly removed: readonly MailboxAddress[] };
}

interface NameChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** present in both, but different; for providers a change of `users` alone does not count */
  readonly changed: readonly string[];
}

/** Compares two effective configurations. Equal secrets are equal however they were written. */
export function diffConfig(before: ConnectorConfig, after: ConnectorConfig): ConfigDifference {
  const changes = compare(before, after, []);
  return {
    changes,
    needsRestart: changes.some((change) => change.applies === 'restart'),
    providers: byName(
      before.calendarProviders.map(withoutUsers),
      after.calendarProviders.map(withoutUsers),
      (one) => one.name,
    ),
    trueConfServers: byName(before.trueConfServers, after.trueConfServers, (server) => server.id),
    mailboxes: mailboxChanges(before, after),
  };
}

function compare(before: unknown, after: unknown, path: KeyPath): ConfigChange[] {
  if (isSame(before, after)) return [];
  const isSection = isRecord(before) && isRecord(after) && path.length < 2;
  if (!isSection) return [change(path)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => compare(before[name], after[name], [...path, name]));
}

function change(path: KeyPath): ConfigChange {
  const written = path.map((step) => (step === 'ca' ? 'caFile' : step));
  return { key: keyName(path), applies: keyInfoAt(configFile, written)?.applies ?? 'live' };
}

function isSame(before: unknown, after: unknown): boolean {
  if (before instanceof Secret && after instanceof Secret) return before.matches(after.reveal());
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((one, index) => isSame(one, after[index]));
  }
  if (!isRecord(before) || !isRecord(after)) return before === after;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) => isSame(before[name], after[name]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

function byName<T>(before: readonly T[], after: readonly T[], nameOf: (one: T) => string): NameChanges {
  const [old, current] = [
    new Map(before.map((one) => [nameOf(one), one])),
    new Map(after.map((one) => [nameOf(one), one])),
  ];
  return {
    added: [...current.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !current.has(name)),
    changed: [...current.keys()].filter((name) => old.has(name) && !isSame(old.get(name), current.get(name))),
  };
}

function withoutUsers(
  provider: CalendarProviderConfig,
): Omit<CalendarProviderConfig, 'users'> & { readonly name: string } {
  const { users: _, ...rest } = provider;
  return rest;
}

function mailboxChanges(before: ConnectorConfig, after: ConnectorConfig): ConfigDifference['mailboxes'] {
  const users = (config: ConnectorConfig) => new Set(config.calendarProviders.flatMap((provider) => provider.users));
  const [old, current] = [users(before), users(after)];
  return { added: [...current].filter((one) => !old.has(one)), removed: [...old].filter((one) => !current.has(one)) };
}
