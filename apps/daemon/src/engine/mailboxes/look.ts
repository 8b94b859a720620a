/**
 * One look at one mailbox: fetch what changed since the stored cursor, commit it, page by page.
 * Level-triggered: whatever made us look, the answer is the difference between the cursor and now (architecture §3.1).
 * A crash between two pages resumes at the last committed cursor; nothing is acted on that is not committed (I7).
 */
import type { FolderItem, Instant, ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import type {
  CalendarSource,
  ChangePage,
  Fence,
  MailboxRecord,
  Observation,
  ObservationReceipt,
  ResolvedMailbox,
  SyncStore,
} from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';

/** After so many pages the mailbox rests and queues up again, so that one with 50,000 items does not slow the others. */
const MAX_PAGES_PER_LOOK = 2;
/** An item that the server names but does not give is asked for again for this long, then reported and left alone. */
const READ_PATIENCE_MS = 5_000;
/** However many new ones of that kind come along, the cursor waits no longer than this. */
const MAX_CURSOR_WAIT_MS = 15_000;
/** The clocks of Exchange and ours may differ, and when a mailbox was read last is saved now and then only. */
const READ_MARGIN_MS = 10 * 60_000;

/** What the engine keeps in memory of a mailbox it holds; everything else is in the database. */
export interface HeldMailbox {
  readonly address: MailboxAddress;
  readonly provider: string;
  fence: Fence;
  resolved: ResolvedMailbox | undefined;
  record: Pick<MailboxRecord, 'cursor' | 'listing' | 'revision'>;
  /** when it was read to its end last */
  lastLookAt: Instant | undefined;
  /** Named by the server and not readable yet, since when: the cursor waits for them. */
  readonly unreadable: Map<ItemId, Instant>;
}

/** What a look asks of Exchange. */
export type LookSource = Pick<CalendarSource, 'resolve' | 'fetchChanges'>;

export interface LookOptions {
  /** false: what existed before the first look is not shown (guide §3.0.2 `cache.autoSync`) */
  readonly autoSync: boolean;
  readonly holdMs: number;
  readonly judgeDisappearance: (facts: { readonly live: number; readonly vanished: number }) => 'hold' | 'quarantine';
  readonly needsPlan: (item: FolderItem) => boolean;
}

export interface LookContext {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly source: LookSource;
  /** asked at each commit: a reload counts at once */
  readonly options: () => LookOptions;
  readonly newId: () => string;
  /** an item that could not be read in all its attempts */
  readonly onGaveUp: (itemId: ItemId) => void;
}

export type LookResult =
  | {
      readonly outcome: 'current';
      readonly inserted: number;
      readonly updated: number;
      readonly held: number;
      readonly quarantined: number;
    }
  /** pages are left: queue the mailbox again */
  | {
      readonly outcome: 'more';
      readonly inserted: number;
      readonly updated: number;
      readonly held: number;
      readonly quarantined: number;
    }
  /** another node owns the mailbox: let go of it */
  | { readonly outcome: 'fenced' };

/**
 * Looks once. Resolves the mailbox first when that was not done or is not valid any more.
 * Throws a Failure when Exchange or the database could not do it; the mailbox's state machine decides what follows.
 */
export async function lookAtMailbox(
  mailbox: HeldMailbox,
  context: LookContext,
  signal: AbortSignal,
): Promise<LookResult> {
  const sums = { inserted: 0, updated: 0, held: 0, quarantined: 0 };
  for (let pages = 0; pages < MAX_PAGES_PER_LOOK; pages += 1) {
    const page = await fetchPage(mailbox, context, signal);
    const receipt = await commitPage(mailbox, page, context);
    if (receipt.outcome === 'fenced') return { outcome: 'fenced' };
    if (receipt.outcome === 'stale') {
      await reload(mailbox, context);
      continue;
    }
    sums.inserted += receipt.inserted;
    sums.updated += receipt.updated;
    sums.held += receipt.held;
    sums.quarantined += receipt.quarantined;
    if (page.complete || mailbox.unreadable.size > 0) return { outcome: 'current', ...sums };
  }
  return { outcome: 'more', ...sums };
}

async function reload(mailbox: HeldMailbox, context: LookContext): Promise<void> {
  const record = await context.store.findMailbox(mailbox.address);
  if (record) mailbox.record = record;
}

async function resolve(mailbox: HeldMailbox, context: LookContext, signal: AbortSignal): Promise<ResolvedMailbox> {
  if (mailbox.resolved) return mailbox.resolved;
  const resolved = await context.source.resolve(mailbox.address, signal);
  await context.store.saveResolution(resolved);
  mailbox.resolved = resolved;
  return resolved;
}

async function fetchPage(mailbox: HeldMailbox, context: LookContext, signal: AbortSignal): Promise<ChangePage> {
  const resolved = await resolve(mailbox, context, signal);
  try {
    return await context.source.fetchChanges(resolved, mailbox.record.cursor, signal);
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.kind === 'cursorInvalid') {
      await startListing(mailbox, context);
      return await context.source.fetchChanges(resolved, undefined, signal);
    }
    if (error.kind === 'mailboxMoved' || error.kind === 'folderNotFound') mailbox.resolved = undefined;
    // A folder that was made anew has another history: its cursor means nothing.
    if (error.kind === 'folderNotFound') await startListing(mailbox, context);
    throw error;
  }
}

/** The refused cursor is forgotten in the database first: its commits are checked against what is stored there. */
async function startListing(mailbox: HeldMailbox, context: LookContext): Promise<void> {
  await context.store.resetCursor(mailbox.address);
  mailbox.record = { revision: mailbox.record.revision, listing: context.newId() };
}

/**
 * The server may name a change before the item can be read. The cursor does not pass such an item: the same page is
 * asked for again a little later, also by a service that was killed meanwhile. Only an item that stays unreadable is
 * left alone, and said so.
 */
function waitsForItems(mailbox: HeldMailbox, page: ChangePage, { clock, onGaveUp }: LookContext): boolean {
  const now = clock.now();
  const since = new Map(page.unreadable.map(({ itemId }) => [itemId, mailbox.unreadable.get(itemId) ?? now]));
  mailbox.unreadable.clear();
  const [oldest = now, youngest = now] = [Math.min(...since.values()), Math.max(...since.values())];
  if (since.size === 0) return false;
  if (now - youngest < READ_PATIENCE_MS && now - oldest < MAX_CURSOR_WAIT_MS) {
    for (const [itemId, at] of since) mailbox.unreadable.set(itemId, at);
    return true;
  }
  for (const itemId of since.keys()) onGaveUp(itemId);
  return false;
}

async function commitPage(mailbox: HeldMailbox, page: ChangePage, context: LookContext): Promise<ObservationReceipt> {
  const { store } = context;
  const options = context.options();
  const { cursor: previous, revision } = mailbox.record;
  const listing = mailbox.record.listing ?? (previous === undefined ? context.newId() : undefined);
  // The page waits as a whole: an item stored beyond the cursor and deleted meanwhile would never be heard of again.
  if (waitsForItems(mailbox, page, context)) return nothingSaved(revision);
  const nothingNew = page.changed.length === 0 && page.removed.length === 0 && page.cursor === previous;
  if (nothingNew && listing === undefined) return nothingSaved(revision);
  const receipt = await store.commitObservation({
    mailbox: mailbox.address,
    fence: mailbox.fence,
    ...(previous === undefined ? {} : { previousCursor: previous }),
    cursor: page.cursor,
    changed: page.changed,
    removed: page.removed,
    ...(listing === undefined ? {} : { listing: { id: listing, complete: page.complete } }),
    at: context.clock.now(),
    holdMs: options.holdMs,
    judgeDisappearance: options.judgeDisappearance,
    needsPlan: options.needsPlan,
    ...wantedIn(mailbox, listing, options),
  });
  if (receipt.outcome === 'committed') {
    const open = listing !== undefined && !page.complete ? { listing } : {};
    mailbox.record = { revision: receipt.revision, cursor: page.cursor, ...open };
  }
  return receipt;
}

function nothingSaved(revision: number): ObservationReceipt {
  return {
    outcome: 'committed',
    inserted: 0,
    updated: 0,
    unchanged: 0,
    held: 0,
    quarantined: 0,
    touched: [],
    revision,
  };
}

/**
 * With `autoSync` off, a first listing only takes its bearings: events made from now on are shown, older ones are not. Nor
 * are they when the mailbox has to be listed once more: what it shows already, and what was touched since it was read last.
 */
function wantedIn(
  { lastLookAt }: HeldMailbox,
  listing: string | undefined,
  { autoSync }: LookOptions,
): Pick<Observation, 'isWanted'> {
  if (autoSync || listing === undefined) return {};
  if (lastLookAt === undefined) return { isWanted: () => false };
  const since = lastLookAt - READ_MARGIN_MS;
  return { isWanted: ({ lastModified }) => lastModified === undefined || lastModified >= since };
}
