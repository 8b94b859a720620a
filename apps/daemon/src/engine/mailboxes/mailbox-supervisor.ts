/**
 * Holds this node's share of the mailboxes (architecture §3, §4): takes and gives them up with the leases, passes hints,
 * people's wishes and stream states on to the schedule. One bulkhead per mailbox: a look under way, at most one more
 * owed, a state machine of its own. A failing mailbox waits by itself; the others never notice. Everything here may be
 * lost at any time: leases, cursors and items are in the database, and the next look heals.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type {
  CalendarSource,
  LeaseGrant,
  LookLane,
  MailboxRecord,
  MailboxStatus,
  ResolvedMailbox,
  SyncStore,
} from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { type Held, isListed, newHeld, statusOf } from './held-mailbox.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { LookOptions } from './look.ts';
import { type LookObserver, LookRunner } from './look-runner.ts';
import { LookSchedule, type LookScheduleOptions } from './look-schedule.ts';
import { ProviderLinks } from './provider-links.ts';
import { ProviderNews, STREAM_PATIENCE_MS } from './provider-news.ts';
import { Roster } from './roster.ts';

/** A mailbox taken over from another node waits no longer for its stream. */
const TAKEOVER_PATIENCE_MS = 500;
/** Fractions of multiples of this fill a period evenly, however many there are. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

export interface SupervisorSettings extends LookOptions {
  readonly language: 'ru' | 'en';
  readonly sweepMs: number;
  readonly pollMs: number;
}

export interface SupervisorObserver extends LookObserver {
  stateChanged(mailbox: MailboxAddress, from: string, to: string): void;
  /** a commit was refused: another node owns the mailbox */
  fenced?(mailbox: MailboxAddress): void;
  leases(facts: { readonly held: number; readonly nodes: number }): void;
  leaseError(error: unknown): void;
}

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly node: { readonly id: string; readonly name: string };
  readonly store: SyncStore;
  readonly settings: () => SupervisorSettings;
  readonly observer: SupervisorObserver;
}

export class MailboxSupervisor {
  readonly #options: SupervisorOptions;
  readonly #roster: Roster;
  readonly #links: ProviderLinks;
  readonly #schedule: LookSchedule;
  readonly #leases: LeaseKeeper;
  #phase: number;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    const { clock, random, store, settings, observer, newId } = options;
    this.#options = options;
    this.#phase = random();
    const roster = new Roster({ clock, random, onState: (...facts) => observer.stateChanged(...facts) });
    const links = new ProviderLinks(clock, roster);
    const onFenced = (held: Held): void => {
      observer.fenced?.(held.address);
      this.#release(held);
    };
    const runner = new LookRunner({ clock, store, roster, links, settings, newId, observer, onFenced });
    const isAway = (provider: string): boolean => links.isAway(provider);
    const look: LookScheduleOptions['look'] = (held, lane) => runner.look(held, lane);
    this.#roster = roster;
    this.#links = links;
    this.#schedule = new LookSchedule({ clock, roster, timing: settings, isAway, look });
    links.listener = new ProviderNews({ clock, random, roster, schedule: this.#schedule });
    this.#leases = new LeaseKeeper({
      clock,
      store,
      node: options.node,
      onGrants: (grants, nodes) => this.#onGrants(grants, nodes),
      onError: (error) => observer.leaseError(error),
    });
  }

  /** Opens the hint streams and takes the first leases. */
  async start(sources: ReadonlyMap<string, CalendarSource>): Promise<void> {
    this.#links.update(sources);
    await this.#leases.start();
  }

  /** Makes the providers equal to `sources` (reload); other settings of the reload take effect, too. */
  async updateSources(sources: ReadonlyMap<string, CalendarSource>): Promise<void> {
    const { opened, closed } = this.#links.update(sources);
    for (const held of opened.flatMap((provider) => this.#roster.of(provider))) {
      held.resolved = undefined;
      this.#roster.step(held, { type: 'credentialsChanged' });
      this.#schedule.hint(held);
    }
    this.#schedule.reconsider();
    await closed;
  }

  /** Finishes or abandons looks under way, closes streams, gives the mailboxes back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = this.#schedule.stop();
    for (const held of this.#roster.list()) held.stop.abort();
    await this.#links.close();
    await ended;
    await this.#leases.stop();
  }

  get heldCount(): number {
    return this.#roster.size;
  }

  queueDepths(): Readonly<Record<LookLane, number>> {
    return this.#schedule.depths();
  }

  /** Statuses that changed since the last call: the daemon saves them in one batch. */
  takeStatuses(): readonly MailboxStatus[] {
    const { language } = this.#options.settings();
    return this.#roster.takeChanged().map((held) => statusOf(held, this.#schedule.dueAt(held.address), language));
  }

  census(): ReturnType<Roster['census']> {
    return this.#roster.census();
  }

  /** Something says "look now". Harmless for mailboxes of other nodes. */
  hint(mailbox: MailboxAddress): void {
    this.#links.listener?.onHint({ mailbox, reason: 'notification' });
  }

  /** Looks as soon as possible; resolves when a look that began after this call has ended, however it ended. */
  async lookNow(mailbox: MailboxAddress): Promise<void> {
    const held = this.#roster.find(mailbox);
    if (held) await this.#schedule.lookNow(held);
  }

  /** Pauses or resumes a mailbox; another node that holds it learns it with its lease. */
  async setPaused(mailbox: MailboxAddress, paused: boolean): Promise<void> {
    await this.#options.store.setPaused(mailbox, paused);
    const held = this.#roster.find(mailbox);
    if (held) this.#pause(held, paused);
  }

  #pause(held: Held, paused: boolean): void {
    held.paused = paused;
    this.#roster.step(held, { type: paused ? 'paused' : 'resumed' });
    if (!paused) this.#schedule.hint(held);
    else this.#schedule.forget(held.address);
    this.#links.watchSoon();
  }

  /** Lists the mailbox from scratch at the next look and compares; another node that holds it learns it with its lease. */
  async resync(mailbox: MailboxAddress): Promise<void> {
    await this.#options.store.resetCursor(mailbox);
    const held = this.#roster.find(mailbox);
    if (!held) return;
    const record = await this.#options.store.findMailbox(mailbox);
    if (record) this.#startOver(held, record);
    await this.lookNow(mailbox);
  }

  #startOver(held: Held, record: MailboxRecord): void {
    held.record = record;
    held.resolved = undefined;
    this.#roster.step(held, { type: 'resyncRequested' });
    this.#schedule.hint(held);
  }

  /** Passwords may have changed: mailboxes that were refused are tried again. */
  credentialsChanged(): void {
    for (const held of this.#roster.list()) {
      this.#roster.step(held, { type: 'credentialsChanged' });
      if (held.machine.state === 'starting') this.#schedule.hint(held);
    }
  }

  /** The list of configured or licensed mailboxes changed. */
  async refreshLeases(): Promise<void> {
    await this.#leases.renewNow();
  }

  /** Where a mailbox is; known for held ones, asked for others (a client's write may come to any node). */
  async locate(
    mailbox: MailboxAddress,
    signal: AbortSignal,
  ): Promise<{ source: CalendarSource; resolved: ResolvedMailbox } | undefined> {
    const held = this.#roster.find(mailbox);
    const record = held ? undefined : await this.#options.store.findMailbox(mailbox);
    const source = this.#links.source(held?.provider ?? record?.provider ?? '');
    if (!source) return undefined;
    const known = held?.resolved ?? record?.resolved;
    return { source, resolved: known ?? (await source.resolve(mailbox, signal)) };
  }

  async #onGrants(grants: readonly LeaseGrant[], nodes: number): Promise<void> {
    if (this.#stopping) return;
    const granted = new Map(grants.map((grant) => [grant.mailbox, grant]));
    for (const held of this.#roster.list()) {
      const grant = granted.get(held.address);
      if (grant?.provider !== held.provider) this.#release(held);
      else await this.#renew(held, grant);
    }
    const gained = grants.filter((grant) => !this.#roster.find(grant.mailbox));
    if (gained.length > 0) await this.#gain(new Map(gained.map((grant) => [grant.mailbox, grant.fence])));
    this.#options.observer.leases({ held: this.#roster.size, nodes });
  }

  /** What a person asked of another node reaches the holder with the lease. */
  async #renew(held: Held, grant: LeaseGrant): Promise<void> {
    held.fence = grant.fence;
    if (held.paused !== grant.paused) this.#pause(held, grant.paused);
    if (grant.hasCursor || held.record.cursor === undefined) return;
    const record = await this.#options.store.findMailbox(held.address);
    // A look under way finds out by itself: what it commits is checked against what is stored.
    if (record && record.cursor === undefined && !held.looking && this.#roster.has(held)) this.#startOver(held, record);
  }

  async #gain(fences: ReadonlyMap<MailboxAddress, number>): Promise<void> {
    const records = (await this.#options.store.listMailboxes()).filter((record) => fences.has(record.address));
    const ordered = [...records].sort((a, b) => a.priority - b.priority);
    // At a start all streams are about to open; what a lost node held has waited long enough.
    const patienceMs = this.#roster.size === 0 ? STREAM_PATIENCE_MS : TAKEOVER_PATIENCE_MS;
    for (const record of ordered) this.#hold(record, fences.get(record.address) ?? 0, patienceMs);
    this.#links.watchSoon();
  }

  #hold(record: MailboxRecord, fence: number, patienceMs: number): void {
    const now = this.#options.clock.now();
    this.#phase = (this.#phase + GOLDEN_RATIO) % 1;
    const held = newHeld(record, fence, this.#phase, now);
    this.#roster.add(held);
    if (held.paused) this.#roster.step(held, { type: 'paused' });
    // A mailbox that was synced before is looked at when its stream opens (one look, not two); a new one at once.
    else if (isListed(held) && held.resolved) this.#schedule.lookAt(held, now + patienceMs);
    else this.#schedule.hint(held);
  }

  #release(held: Held): void {
    if (!this.#roster.has(held)) return;
    held.stop.abort();
    this.#roster.remove(held);
    this.#schedule.forget(held.address);
    for (const resolve of held.waiters.splice(0)) resolve();
    this.#links.watchSoon();
  }
}
