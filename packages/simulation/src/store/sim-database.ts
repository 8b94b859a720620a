/**
 * What is durable: the tables of the store, their transactions as plain synchronous steps. A step happens wholly or not at
 * all; which of its calls get lost is decided by the node that makes them. Semantics as in storage-kysely.
 */
import {
  type FolderItem,
  type Instant,
  type ItemId,
  type MailboxAddress,
  type MeetingKey,
  meetingKey,
} from '@calendar-connector/calendar-model';
import type {
  Anomaly,
  Baseline,
  BoundMeeting,
  LeaseGrant,
  MailboxRegistration,
  Observation,
  ObservationReceipt,
  Settlement,
  StoredMeeting,
} from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';
import { AnnouncementLocks, type Wanted } from './announcement-locks.ts';
import { JobTable, planLaterKey, planNowKey, startKey } from './job-table.ts';
import type { ItemRow, MailboxRow, MeetingRow } from './rows.ts';
import { SimFeed } from './sim-feed.ts';

interface NodeRow {
  beatAt: Instant;
  leaseUntil: Instant;
}

/** As long after a first settlement storage-kysely has a meeting planned again. */
const FOLLOW_UP_MS = 2_000;
/** A mailbox that is licensed again is read for so long before its meetings are planned. */
const CATCH_UP_MS = 30_000;

export class SimDatabase {
  readonly mailboxes = new Map<MailboxAddress, MailboxRow>();
  readonly meetings = new Map<MeetingKey, MeetingRow>();
  readonly nodes = new Map<string, NodeRow>();
  /** nodes whose process lives and holds its lock */
  readonly #sessions = new Set<string>();
  readonly anomalies: Omit<Anomaly, 'decision'>[] = [];
  readonly feed = new SimFeed(this);
  /** meetings whose organizer's copy was ever stored, for the oracle */
  readonly organizersSeen = new Set<MeetingKey>();
  /** meetings that changed and were not loaded since, and when they did, for the oracle */
  readonly unplanned = new Map<MeetingKey, Instant>();
  readonly #locks = new AnnouncementLocks();
  readonly jobs: JobTable;
  readonly #run: Run;

  constructor(run: Run, registrations: readonly MailboxRegistration[]) {
    this.#run = run;
    this.jobs = new JobTable(run);
    for (const registration of registrations) {
      const row: MailboxRow = {
        registration,
        listed: new Set(),
        items: new Map(),
        fence: 0,
        revision: 0,
        removals: new Map(),
      };
      this.mailboxes.set(registration.address, row);
    }
  }

  mailbox(address: MailboxAddress): MailboxRow {
    const row = this.mailboxes.get(address);
    if (!row) throw new Error(`mailbox ${address} is not registered`);
    return row;
  }

  commitObservation(observation: Observation): ObservationReceipt {
    const { sometimes, mutant, journal } = this.#run;
    const row = this.mailbox(observation.mailbox);
    if (row.fence !== observation.fence) {
      sometimes.count('commit fenced');
      if (mutant !== 'noFence') return { outcome: 'fenced' };
      journal.broken.push('I7: a node that lost the mailbox committed');
    }
    const stale =
      row.cursor !== observation.previousCursor ||
      (observation.listing && observation.listing.id !== row.listing && observation.previousCursor !== undefined);
    if (stale) {
      sometimes.count('commit stale');
      return { outcome: 'stale' };
    }
    return this.#apply(row, observation);
  }

  /** The cursor alone, for the mutant that commits it before the items. */
  commitCursorOnly(observation: Observation): void {
    const row = this.mailbox(observation.mailbox);
    if (row.fence === observation.fence && row.cursor === observation.previousCursor) row.cursor = observation.cursor;
  }

  resetCursor(address: MailboxAddress): void {
    if (this.#run.mutant === 'refusedCursorKept') return;
    const row = this.mailbox(address);
    delete row.cursor;
    delete row.listing;
    row.listed.clear();
  }

  #apply(row: MailboxRow, observation: Observation): ObservationReceipt {
    const receipt = this.#write(row, observation);
    if (receipt.outcome === 'committed') {
      const changed = observation.changed.map((item) => `${item.itemId}/${item.uid}`).join(' ');
      const { held, quarantined } = receipt;
      const listing = observation.listing ? ` listing ${observation.listing.complete}` : '';
      this.#run.trace(
        `${observation.mailbox} +${changed} -${observation.removed.join(' ')} held ${held} quarantined ${quarantined}${listing}`,
      );
    }
    return receipt;
  }

  #write(row: MailboxRow, observation: Observation): ObservationReceipt {
    const { sometimes, mutant } = this.#run;
    const { listing, at } = observation;
    if (listing && listing.id !== row.listing) row.listed.clear();
    const touched = new Set<MeetingKey>();
    const replaced = new Set<ItemId>();
    const gone = this.#gone(row, observation);
    if ([...gone].some((id) => !row.items.has(id))) row.unknownGoneAt = at;
    const revision = row.revision + 1;
    let visible = false;
    let inserted = 0;
    let updated = 0;
    for (const seen of observation.changed) {
      const item = this.#asRead(seen);
      const key = meetingKey(item);
      if (item.isOrganizer) this.organizersSeen.add(key);
      const before = row.items.get(item.itemId);
      let shown = before;
      if (!before) {
        inserted += 1;
        const old = this.#predecessor(row, key, item, { observation, gone });
        if (old) {
          shown = row.items.get(old);
          row.items.delete(old);
          replaced.add(old);
          sometimes.count('item gone and back under a new id');
        }
      } else if (!same(before.item, item) || before.missingSince !== undefined || before.quarantined) updated += 1;
      else continue;
      const isNews = !shown || shown.missingSince !== undefined || !sameContent(shown.item, item);
      const eventId = shown?.eventId ?? freshEventId(row, key, item.itemId);
      row.items.set(item.itemId, { item, key, eventId, revision: isNews ? revision : (shown?.revision ?? revision) });
      if (isNews) {
        visible = true;
        row.removals.delete(eventId);
      }
      if (before && isLive(before) && sameContent(before.item, item)) continue;
      // An item that needs no plan by itself does not make a meeting planned about which nothing was settled.
      const isFreshOrLive = before ? isLive(before) : shown === undefined;
      if (isFreshOrLive && !this.meetings.has(key) && observation.needsPlan?.(item) === false) {
        sometimes.count('item passed over');
        continue;
      }
      touched.add(key);
      if (before) touched.add(before.key);
    }
    const vanished = [...gone].filter((id) => !replaced.has(id) && isLive(row.items.get(id)));
    const live = liveCount(row);
    let verdict = vanished.length === 0 ? 'hold' : observation.judgeDisappearance({ live, vanished: vanished.length });
    if (mutant === 'guardOff') verdict = 'hold';
    for (const id of vanished) {
      const entry = row.items.get(id);
      if (!entry) continue;
      if (verdict === 'hold') {
        entry.missingSince = mutant === 'deleteAtOnce' ? at - 3_600_000 : at;
        row.removals.set(entry.eventId, revision);
        touched.add(entry.key);
        this.jobs.add(planLaterKey(entry.key), { kind: 'plan', key: entry.key }, at + observation.holdMs, true);
      } else entry.quarantined = true;
    }
    if (verdict === 'quarantine') {
      sometimes.count('quarantined');
      if (mutant !== 'heldStillBelieved') doubtHeld(row, revision);
    }
    visible ||= vanished.length > 0;
    if (visible) row.revision = revision;
    this.#rememberListing(row, observation);
    row.cursor = observation.cursor;
    for (const key of touched) {
      this.jobs.add(planNowKey(key), { kind: 'plan', key }, at, false);
      if (!this.unplanned.has(key)) this.unplanned.set(key, this.#run.time.now);
    }
    const held = verdict === 'hold' ? vanished.length : 0;
    if (visible) this.feed.tell(observation.mailbox);
    return {
      outcome: 'committed',
      inserted,
      updated,
      unchanged: observation.changed.length - inserted - updated,
      held,
      quarantined: vanished.length - held,
      touched: [...touched],
      revision: row.revision,
    };
  }

  #asRead(item: FolderItem): FolderItem {
    const { mutant } = this.#run;
    if (mutant === 'echoNotRecognized') return { ...item, marker: {} };
    if (mutant === 'privateLost') return { ...item, sensitivity: 'normal' };
    return item;
  }

  /** A vanished row of the same meeting in the same mailbox that the new item continues. */
  #predecessor(
    row: MailboxRow,
    key: MeetingKey,
    item: FolderItem,
    { observation, gone }: { readonly observation: Observation; readonly gone: ReadonlySet<ItemId> },
  ): ItemId | undefined {
    if (this.#run.mutant === 'deleteAtOnce') return undefined;
    const shown = new Set(observation.changed.map((changed) => changed.itemId));
    for (const [id, old] of row.items) {
      const free = !isLive(old) || gone.has(id);
      if (old.key === key && free && !shown.has(id) && id !== item.itemId) return id;
    }
    return undefined;
  }

  /** What the page reports as gone: the removed ids and, at the end of a listing, everything no page of it has shown. */
  #gone(row: MailboxRow, observation: Observation): ReadonlySet<ItemId> {
    const shown = new Set(observation.changed.map((item) => item.itemId));
    const gone = new Set(observation.removed.filter((id) => !shown.has(id)));
    if (observation.listing?.complete) {
      for (const id of row.items.keys()) {
        const listedBefore = row.listed.has(id) && this.#run.mutant !== 'listingForgetsPages';
        if (!shown.has(id) && !listedBefore) gone.add(id);
      }
    }
    return gone;
  }

  #rememberListing(row: MailboxRow, { listing, changed, removed }: Observation): void {
    if (!listing) return;
    for (const id of removed) row.listed.delete(id);
    for (const item of changed) row.listed.add(item.itemId);
    if (listing.complete) {
      delete row.listing;
      row.listed.clear();
    } else row.listing = listing.id;
  }

  /** The mailbox gets or loses its place in the licence; its meetings are planned anew as far as that can change them. */
  setLicensed(address: MailboxAddress, licensed: boolean): void {
    const row = this.mailbox(address);
    if (row.registration.licensed === licensed) return;
    row.registration = { ...row.registration, licensed };
    if (licensed && this.#run.mutant === 'returnUnplanned') return;
    const at = this.#run.time.now + (licensed ? CATCH_UP_MS : 0);
    for (const { key } of row.items.values()) {
      if (licensed || this.meetings.has(key)) this.jobs.add(planLaterKey(key), { kind: 'plan', key }, at, true);
    }
  }

  loadMeeting(key: MeetingKey): StoredMeeting {
    this.unplanned.delete(key);
    const stored = this.meetings.get(key);
    const speaking = [...this.mailboxes].filter(([, row]) => row.registration.licensed);
    const copies = speaking.flatMap(([mailbox, row]) =>
      [...row.items.values()]
        .filter((entry) => entry.key === key)
        .map(({ item, missingSince }) => ({ mailbox, item, ...(missingSince !== undefined && { missingSince }) })),
    );
    return { key, copies, version: stored?.version ?? 0, ...(stored && { baseline: stored.baseline }) };
  }

  /** `holders`: who held a copy when the transaction began to announce. */
  commitSettlement(settlement: Settlement, holders = this.feed.holdersOf([settlement.key])): 'done' | 'stale' {
    const { sometimes, mutant, time } = this.#run;
    const { key, version } = settlement;
    const stored = this.meetings.get(key);
    if ((stored?.version ?? 0) !== version) {
      sometimes.count('settlement stale');
      if (mutant !== 'settlementOverwrites') return 'stale';
    }
    let { baseline } = settlement;
    if (mutant === 'startNotRecorded') {
      const starts = baseline.starts.map((record) => ({ ...record, state: 'scheduled' as const }));
      baseline = { ...baseline, starts };
    }
    if (mutant === 'echoNotRecognized') {
      const { linkWritten: _linkWritten, ...forgetful } = baseline;
      baseline = forgetful;
    }
    if (stored) this.#checkStarts(stored.baseline, baseline);
    const rebound = !stored || !sameBinding(stored.baseline, baseline);
    const boundAt = rebound ? time.now : stored.boundAt;
    this.meetings.set(key, { baseline: structuredClone(baseline), version: (stored?.version ?? 0) + 1, boundAt });
    this.#acceptRemovals(settlement);
    const told = settlement.visibleChange && mutant !== 'changeUntold';
    if (told) this.feed.announce(holders, [key]);
    for (const job of settlement.startsToCancel) this.jobs.remove(startKey(job));
    for (const job of settlement.startsToSchedule) {
      this.jobs.add(startKey(job), { kind: 'start', job }, job.at, false);
    }
    const { planAgainAt } = settlement;
    const retry = baseline.retry !== undefined && mutant === 'noRetry';
    if (planAgainAt !== undefined && !retry) {
      this.jobs.add(planLaterKey(key), { kind: 'plan', key }, Math.max(planAgainAt, time.now), true);
    }
    if (version === 0) this.jobs.add(planLaterKey(key), { kind: 'plan', key }, time.now + FOLLOW_UP_MS, true);
    return 'done';
  }

  /** Rows that are still missing go; clients were told when they vanished. */
  #acceptRemovals({ removals }: Settlement): void {
    for (const { mailbox, itemId } of removals) {
      const { items } = this.mailbox(mailbox);
      if (items.get(itemId)?.missingSince !== undefined) items.delete(itemId);
    }
  }

  /** Locks of a transaction, or undefined while it has to wait for another one. */
  lock(wanted: Wanted): (() => void) | undefined {
    return this.#run.mutant === 'announcementUnlocked' ? () => {} : this.#locks.take(wanted);
  }

  /** A start on record is never forgotten while the meeting keeps its conference: it would happen twice. */
  #checkStarts(before: Baseline, after: Baseline): void {
    if (before.binding?.conferenceId !== after.binding?.conferenceId || after.starts.length > 20) return;
    const kept = new Set(
      after.starts.filter((record) => record.state !== 'scheduled').map((record) => record.occurrenceStart),
    );
    const lost = before.starts.find((record) => record.state === 'started' && !kept.has(record.occurrenceStart));
    if (lost) this.#run.journal.broken.push(`C5: the record of a start of ${before.binding?.conferenceId} got lost`);
  }

  findMeetingByConference(conferenceId: string): MeetingKey | undefined {
    const bound = [...this.meetings].filter(([, { baseline }]) => baseline.binding?.conferenceId === conferenceId);
    const rank = ({ baseline: { sharedWith, binding } }: MeetingRow): number =>
      (sharedWith === undefined ? 0 : 2) + (binding?.ownership === 'created' ? 0 : 1);
    return bound.sort(([a, x], [b, y]) => rank(x) - rank(y) || x.boundAt - y.boundAt || (a < b ? -1 : 1))[0]?.[0];
  }

  listBoundMeetings(): readonly BoundMeeting[] {
    return [...this.meetings].flatMap(([meeting, { baseline }]) => {
      const { binding, agreed, removed } = baseline;
      return binding && !removed ? [structuredClone({ meeting, binding, ...(agreed && { agreed }) })] : [];
    });
  }

  /** A process has ended: its session, and every lock held in it, is gone at once. */
  endSession(id: string): void {
    this.#sessions.delete(id);
    this.jobs.endSession(id);
  }

  beat(id: string, deadAfterMs: number): { nodes: number; freed: number } {
    const { now } = this.#run.time;
    const node = this.nodes.get(id);
    this.#sessions.add(id);
    this.nodes.set(id, { beatAt: now, leaseUntil: node?.leaseUntil ?? 0 });
    let freed = 0;
    for (const [other, { beatAt }] of [...this.nodes]) {
      const silentMs = this.#sessions.has(other) ? deadAfterMs : deadAfterMs / 2;
      if (other === id || beatAt >= now - silentMs) continue;
      this.nodes.delete(other);
      if (this.#run.mutant !== 'deadNodesJobsStuck') this.jobs.unlock(other);
      for (const row of this.mailboxes.values()) {
        if (row.node !== other) continue;
        delete row.node;
        freed += 1;
      }
    }
    if (this.#run.mutant !== 'deadNodesJobsStuck') this.jobs.unlockUnknown(this.nodes, now - deadAfterMs);
    return { nodes: this.nodes.size, freed };
  }

  acquireLeases(id: string, ttlMs: number): readonly LeaseGrant[] {
    const { now } = this.#run.time;
    const node = this.nodes.get(id) ?? { beatAt: now, leaseUntil: 0 };
    node.leaseUntil = now + ttlMs;
    this.nodes.set(id, node);
    const licensed = [...this.mailboxes.values()].filter((row) => row.registration.licensed);
    for (const row of this.mailboxes.values()) if (row.node === id && !row.registration.licensed) delete row.node;
    const share = Math.ceil(licensed.length / Math.max(1, this.nodes.size));
    const held = licensed.filter((row) => row.node === id);
    for (const row of held.slice(share)) delete row.node;
    let free = share - held.length;
    for (const row of licensed) {
      const taken = row.node !== undefined && (row.node === id || (this.nodes.get(row.node)?.leaseUntil ?? 0) > now);
      if (free <= 0 || taken) continue;
      row.node = id;
      row.fence += 1;
      free -= 1;
    }
    return [...this.mailboxes]
      .filter(([, row]) => row.node === id)
      .map(([mailbox, { fence, registration, cursor }]) => {
        return { mailbox, fence, provider: registration.provider, paused: false, hasCursor: cursor !== undefined };
      });
  }
}

/** Nothing of a mailbox in quarantine can be checked now: removals that are still held are not believed either. */
function doubtHeld({ items, removals }: MailboxRow, revision: number): void {
  for (const entry of items.values()) {
    if (entry.missingSince === undefined) continue;
    delete entry.missingSince;
    entry.quarantined = true;
    entry.revision = revision;
    removals.delete(entry.eventId);
  }
}

/** Further copies of a meeting in one mailbox have ids that depend on the item. */
function freshEventId(row: MailboxRow, key: MeetingKey, itemId: ItemId): string {
  const taken = new Set([...row.items.values()].map((entry) => entry.eventId));
  return taken.has(key) ? `${key} ${itemId}` : key;
}

function isLive(row: ItemRow | undefined): boolean {
  return row !== undefined && row.missingSince === undefined && !row.quarantined;
}

function liveCount(row: MailboxRow): number {
  let count = 0;
  for (const entry of row.items.values()) if (isLive(entry)) count += 1;
  return count;
}

/** Equal but for the server's bookkeeping: nobody has to plan anew. */
function sameContent(a: FolderItem, b: FolderItem): boolean {
  const bare = (item: FolderItem) => JSON.stringify({ ...item, changeKey: undefined, lastModified: undefined });
  return bare(a) === bare(b);
}

function sameBinding({ binding: a }: Baseline, { binding: b }: Baseline): boolean {
  return a?.serverId === b?.serverId && a?.conferenceId === b?.conferenceId;
}

function same(a: FolderItem, b: FolderItem): boolean {
  return a.changeKey === b.changeKey && JSON.stringify(a) === JSON.stringify(b);
}
