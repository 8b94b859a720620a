/**
 * One look at one mailbox: fetch what changed since the stored cursor, commit it, page by page.
 * Level-triggered: whatever made us look, the answer is the difference between the cursor and now (architecture §3.1).
 * A crash between two pages resumes at the last committed cursor; nothing is acted on that is not committed (I7).
 */
import type { FolderItem, ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import type {
  CalendarSource,
  ChangePage,
  Fence,
  MailboxRecord,
  ObservationReceipt,
  ResolvedMailbox,
  SyncStore,
} from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import type { Clock } from './clock.ts';

/** After so many pages the mailbox queues up again, so that one with 50,000 items does not hold a place for minutes. */
const MAX_PAGES_PER_LOOK = 8;
/** An item that the server names but does not give is asked for this often before it is reported and left alone. */
const MAX_READ_ATTEMPTS = 5;

/** What the engine keeps in memory of a mailbox it holds; everything else is in the database. */
export interface HeldMailbox {
  readonly address: MailboxAddress;
  readonly provider: string;
  fence: Fence;
  resolved: ResolvedMailbox | undefined;
  record: Pick<MailboxRecord, 'cursor' | 'listing' | 'liveItems' | 'revision'>;
  /** Named by the server, not readable yet. */
  readonly unreadable: Map<ItemId, number>;
}

export interface LookOptions {
  /** false: what existed before the first look is not shown (guide §3.0.2 `cache.autoSync`) */
  readonly autoSync: boolean;
  readonly holdMs: number;
  readonly judgeDisappearance: (facts: { readonly live: number; readonly vanished: number }) => 'hold' | 'quarantine';
}

export interface LookContext {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly source: CalendarSource;
  readonly options: LookOptions;
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
    if (page.complete) return { outcome: 'current', ...sums };
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
    const page = await context.source.fetchChanges(resolved, mailbox.record.cursor, signal);
    return await withReadAgain(mailbox, page, resolved, context, signal);
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
  const { liveItems, revision } = mailbox.record;
  mailbox.record = { liveItems, revision, listing: context.newId() };
}

/** Adds items that could not be read at an earlier look; the server may report a change before the item is readable. */
async function withReadAgain(
  mailbox: HeldMailbox,
  page: ChangePage,
  resolved: ResolvedMailbox,
  context: LookContext,
  signal: AbortSignal,
): Promise<ChangePage> {
  const gone = new Set(page.removed);
  const fresh = new Set(page.changed.map((item) => item.itemId));
  const found: FolderItem[] = [];
  for (const [itemId, attempts] of [...mailbox.unreadable]) {
    const over = attempts >= MAX_READ_ATTEMPTS;
    if (gone.has(itemId) || fresh.has(itemId) || over) {
      mailbox.unreadable.delete(itemId);
      if (over) context.onGaveUp(itemId);
      continue;
    }
    const item = await context.source.fetchItem(resolved, itemId, signal).catch((error: unknown) => {
      if (isFailure(error) && (error.kind === 'notFound' || error.kind === 'protocol')) return undefined;
      throw error;
    });
    if (item) {
      found.push(item);
      mailbox.unreadable.delete(itemId);
    } else {
      mailbox.unreadable.set(itemId, attempts + 1);
    }
  }
  return found.length > 0 ? { ...page, changed: [...page.changed, ...found] } : page;
}

async function commitPage(mailbox: HeldMailbox, page: ChangePage, context: LookContext): Promise<ObservationReceipt> {
  const { clock, store, options } = context;
  const now = clock.now();
  for (const missing of page.unreadable) {
    if (!mailbox.unreadable.has(missing.itemId)) mailbox.unreadable.set(missing.itemId, 0);
  }
  const first = mailbox.record.cursor === undefined;
  const listing = mailbox.record.listing ?? (first ? context.newId() : undefined);
  const nothingNew = page.changed.length === 0 && page.removed.length === 0 && page.cursor === mailbox.record.cursor;
  if (nothingNew && listing === undefined) {
    return {
      outcome: 'committed',
      inserted: 0,
      updated: 0,
      unchanged: 0,
      held: 0,
      quarantined: 0,
      touched: [],
      revision: mailbox.record.revision,
    };
  }
  const receipt = await store.commitObservation({
    mailbox: mailbox.address,
    fence: mailbox.fence,
    ...(mailbox.record.cursor === undefined ? {} : { previousCursor: mailbox.record.cursor }),
    cursor: page.cursor,
    changed: visibleItems(mailbox, page.changed, listing, options),
    removed: page.removed,
    ...(listing === undefined ? {} : { listing: { id: listing, complete: page.complete } }),
    at: now,
    holdMs: options.holdMs,
    judgeDisappearance: options.judgeDisappearance,
  });
  if (receipt.outcome === 'committed') {
    const { liveItems } = mailbox.record;
    const revision = receipt.revision;
    const open = listing !== undefined && !page.complete ? { listing } : {};
    mailbox.record = { liveItems: liveItems + receipt.inserted, revision, cursor: page.cursor, ...open };
  }
  return receipt;
}

/** With `autoSync` off, a first listing only takes its bearings: events made from now on are shown, older ones are not. */
function visibleItems(
  mailbox: HeldMailbox,
  changed: readonly FolderItem[],
  listing: string | undefined,
  options: LookOptions,
): readonly FolderItem[] {
  const bearingsOnly = !options.autoSync && listing !== undefined && mailbox.record.liveItems === 0;
  return bearingsOnly ? [] : changed;
}
