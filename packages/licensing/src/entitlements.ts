/**
 * What a licence allows at a moment: pure. Guide section 1.2, feature A8, contract section 7.
 * When a licence ends, only synchronisation ends: data and reading stay, nothing is deleted.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { CLOCK_TOLERANCE_MS } from './clock.ts';
import type { Edition, LicenceFault } from './fault.ts';
import type { LeaseTimes, Licence } from './payloads.ts';

/** The free edition's limit, whatever a licence says. */
export const FREE_ACCOUNTS = 50;

/** What the TrueConf side allows, as far as known. */
export interface DirectoryLimits {
  /** accounts of the TrueConf Server licence */
  readonly accounts?: number | undefined;
}

export interface Entitlements {
  readonly edition: Edition | undefined;
  /** working: all is well; overdue: works, but the free licence's confirmation is late; stopped: no synchronisation */
  readonly state: 'working' | 'overdue' | 'stopped';
  readonly maySync: boolean;
  /** clients may read what is there; true in every state */
  readonly mayRead: true;
  /** mailboxes that may be kept in step now; 0 when stopped */
  readonly accounts: number;
  /** where that number comes from */
  readonly accountsBy: 'edition' | 'licence' | 'trueConfServer' | 'none';
  readonly severalExchangeServers: boolean;
  /** priority users get their place first */
  readonly priorityFirst: boolean;
  readonly closedNetwork: boolean;
  readonly offlineRegistration: boolean;
  /** TrueConf Servers it is for; empty: any */
  readonly servers: readonly string[];
  /** why it stopped, or what is about to stop it */
  readonly fault?: LicenceFault;
  /** when the state began, where that is known */
  readonly since?: Instant;
  /** when the state ends unless something happens */
  readonly until?: Instant;
}

const RULES: Readonly<
  Record<
    Edition,
    Pick<Entitlements, 'severalExchangeServers' | 'priorityFirst' | 'closedNetwork' | 'offlineRegistration'>
  >
> = {
  free: { severalExchangeServers: false, priorityFirst: false, closedNetwork: false, offlineRegistration: false },
  standard: { severalExchangeServers: false, priorityFirst: false, closedNetwork: true, offlineRegistration: true },
  enterprise: { severalExchangeServers: true, priorityFirst: true, closedNetwork: true, offlineRegistration: true },
};

/** What `licence` with its newest lease allows at `now`. */
export function entitlements(
  licence: Licence | undefined,
  lease: LeaseTimes | undefined,
  now: Instant,
  limits: DirectoryLimits = {},
): Entitlements {
  if (!licence) return stopped({ code: 'notRegistered' });
  const end = endOf(licence, lease, now);
  if (end) return stopped(end.fault, licence, end.since);
  const current = newestLease(licence, lease);
  const until = earliest([licence.expiresAt, current?.validUntil]);
  const shared = { ...allowed(licence, limits), ...(until !== undefined && { until }) };
  if (!current || now < current.renewAfter) return { ...shared, state: 'working' };
  const fault = { code: 'leaseOverdue', since: current.renewAfter, until: current.validUntil } as const;
  return { ...shared, state: 'overdue', fault, since: current.renewAfter };
}

/** Nothing may be synchronised, for this reason. */
export function stopped(fault: LicenceFault, licence?: Licence, since?: Instant): Entitlements {
  const rules = RULES[licence?.edition ?? 'free'];
  return {
    edition: licence?.edition,
    state: 'stopped',
    maySync: false,
    mayRead: true,
    accounts: 0,
    accountsBy: 'none',
    ...rules,
    servers: licence?.servers ?? [],
    fault,
    ...(since !== undefined && { since }),
  };
}

/** The later of the lease in the licence and the one renewed since. */
export function newestLease(licence: Licence, lease: LeaseTimes | undefined): LeaseTimes | undefined {
  if (!licence.lease || !lease) return lease ?? licence.lease;
  return lease.validUntil >= licence.lease.validUntil ? lease : licence.lease;
}

/** May this TrueConf Server be worked with under the licence? */
export function isServerLicensed(granted: Pick<Entitlements, 'servers'>, serverId: string): boolean {
  return granted.servers.length === 0 || granted.servers.some((one) => one.toLowerCase() === serverId.toLowerCase());
}

function endOf(
  licence: Licence,
  lease: LeaseTimes | undefined,
  now: Instant,
): { fault: LicenceFault; since?: Instant } | undefined {
  // A request is judged at the time it was asked; the server's clock may be a little ahead.
  if (now + CLOCK_TOLERANCE_MS < licence.notBefore) return { fault: { code: 'notYetValid', from: licence.notBefore } };
  const at = licence.expiresAt;
  const current = newestLease(licence, lease);
  const leaseEnd = current?.validUntil;
  const isExpired = at !== null && now >= at;
  const hasLeaseEnded = leaseEnd !== undefined && now >= leaseEnd;
  if (isExpired && !(hasLeaseEnded && leaseEnd < at)) return { fault: { code: 'expired', at }, since: at };
  if (hasLeaseEnded) return { fault: { code: 'leaseEnded', at: leaseEnd }, since: leaseEnd };
  if (!current && licence.edition === 'free') return { fault: { code: 'leaseMissing' } };
  return undefined;
}

function allowed(licence: Licence, limits: DirectoryLimits): Omit<Entitlements, 'state'> {
  const { edition, servers } = licence;
  return { edition, maySync: true, mayRead: true, ...accounts(licence, limits), ...RULES[edition], servers };
}

function accounts(
  { edition, accounts: granted }: Licence,
  limits: DirectoryLimits,
): Pick<Entitlements, 'accounts' | 'accountsBy'> {
  const candidates = [
    ...(edition === 'free' ? [{ accounts: FREE_ACCOUNTS, accountsBy: 'edition' as const }] : []),
    ...(granted === null ? [] : [{ accounts: granted, accountsBy: 'licence' as const }]),
    ...(limits.accounts === undefined ? [] : [{ accounts: limits.accounts, accountsBy: 'trueConfServer' as const }]),
  ];
  const smallest = candidates.toSorted((a, b) => a.accounts - b.accounts)[0];
  return smallest ?? { accounts: Number.MAX_SAFE_INTEGER, accountsBy: 'none' };
}

function earliest(moments: readonly (Instant | null | undefined)[]): Instant | undefined {
  const known = moments.filter((one): one is Instant => typeof one === 'number');
  return known.length === 0 ? undefined : Math.min(...known);
}
