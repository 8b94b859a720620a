/**
 * Judges the licence now and then, renews the free edition's lease, and shares the accounts out over the mailboxes.
 * When a licence ends, mailboxes lose their place and are not synced any more; nothing is deleted, clients go on reading.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { ConnectorConfig } from '@calendar-connector/config';
import {
  assignProviders,
  assignSlots,
  checkLicence,
  LEASE_RETRY_MS,
  type LicenceCheck,
  type LicencePlace,
  licenceMessage,
  nextRenewalAt,
  renewLease,
} from '@calendar-connector/licensing';
import type { MailboxRegistration, MailboxStore } from '@calendar-connector/sync-core';
import { type Clock, waitFor } from '../engine/clock.ts';
import type { Log } from '../operation/log.ts';

/** How often the licence is judged; ends and leases are known to the second, so this bounds only the reaction. */
const CHECK_MS = 30_000;

export interface LicenceKeeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => ConnectorConfig;
  readonly directory: string;
  readonly store: Pick<MailboxStore, 'saveMailboxes' | 'listMailboxes'>;
  /** the set of licensed mailboxes may have changed */
  readonly onShared: () => Promise<void>;
}

export function licencePlace(config: ConnectorConfig, directory: string): LicencePlace {
  const file = config.registration.issuerKeyFile;
  return { directory, ...(file === undefined ? {} : { issuerKeyFile: file }) };
}

export class LicenceKeeper {
  readonly #options: LicenceKeeperOptions;
  readonly #stop = new AbortController();
  #check: LicenceCheck;
  #lastAttempt: number | undefined;
  #shared = '';
  #said = '';
  #loop: Promise<void> = Promise.resolve();

  constructor(options: LicenceKeeperOptions, check: LicenceCheck) {
    this.#options = options;
    this.#check = check;
  }

  get check(): LicenceCheck {
    return this.#check;
  }

  /** Shares the accounts out once, then keeps watch. */
  async start(): Promise<void> {
    await this.share();
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Which mailboxes are synced: configured, on an allowed server, within the number of accounts. */
  async share(): Promise<void> {
    const { config, store, onShared } = this.#options;
    const registrations = await this.#registrations(config());
    const text = JSON.stringify(registrations);
    if (text === this.#shared) return;
    await store.saveMailboxes(registrations);
    const first = this.#shared === '';
    this.#shared = text;
    if (!first) await onShared();
  }

  async #registrations(config: ConnectorConfig): Promise<readonly MailboxRegistration[]> {
    const { entitlements } = this.#check;
    const { allowed, refused } = assignProviders(entitlements, config.calendarProviders);
    if (refused.length > 0 && this.#shared === '') {
      const names = refused.map((provider) => provider.name).join(', ');
      this.#options.log.logger.warn(
        `the licence covers one Exchange server only: ${names} is left out; an Enterprise licence covers several`,
      );
    }
    const providerOf = new Map<MailboxAddress, string>();
    for (const provider of config.calendarProviders) {
      for (const user of provider.users) if (!providerOf.has(user)) providerOf.set(user, provider.name);
    }
    const allowedNames = new Set(allowed.map((provider) => provider.name));
    const candidates = [...providerOf].filter(([, name]) => allowedNames.has(name)).map(([address]) => address);
    const held = (await this.#options.store.listMailboxes())
      .filter((record) => record.licensed)
      .map((record) => record.address);
    const { granted } = assignSlots(entitlements, { mailboxes: candidates, priority: config.priorityUsers, held });
    const licensed = new Set(granted);
    const priority = new Set(config.priorityUsers);
    return [...providerOf].map(([address, provider]) => ({
      address,
      provider,
      priority: priority.has(address) ? 0 : 1,
      licensed: licensed.has(address),
    }));
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const signal = this.#stop.signal;
    while (!signal.aborted) {
      await waitFor(clock, CHECK_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#renewIfDue(signal);
        await this.judge();
      } catch (error) {
        this.#options.log.logger.error({ err: error }, 'the licence could not be checked; trying again');
      }
    }
  }

  /** Judges anew, says what changed, and shares the accounts out. */
  async judge(): Promise<void> {
    const { clock, config, directory, log } = this.#options;
    this.#check = await checkLicence(licencePlace(config(), directory), clock.now());
    const { state, fault } = this.#check.entitlements;
    const said = `${state}/${fault?.code ?? ''}`;
    if (said !== this.#said) {
      const text = fault ? licenceMessage(fault, config().language) : 'the licence is in order';
      log.logger[state === 'stopped' ? 'error' : state === 'overdue' ? 'warn' : 'info'](text);
      this.#said = said;
    }
    await this.share();
  }

  async #renewIfDue(signal: AbortSignal): Promise<void> {
    const { clock, config, directory, log } = this.#options;
    const now = clock.now();
    const due = nextRenewalAt(this.#check.lease, this.#lastAttempt);
    if (due === undefined || due > now) return;
    const { scheme, host, port, ca } = config().registration;
    const server = { scheme, host, port, ...(ca ? { ca: ca.pem } : {}) };
    const renewed = await renewLease({ ...licencePlace(config(), directory), server, now, signal });
    this.#lastAttempt = renewed.ok ? undefined : now;
    if (!renewed.ok) {
      const minutes = Math.round(LEASE_RETRY_MS / 60_000);
      log.logger.warn(`${licenceMessage(renewed.fault, config().language)} (next attempt in ${minutes} min)`);
    }
  }
}
