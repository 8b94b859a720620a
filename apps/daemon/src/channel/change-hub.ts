/**
 * One committed change → every client that watches that calendar. The feed is read once per mailbox, projected once per
 * kind of viewer and serialised once; a thousand watchers share one buffer. Nothing is read for mailboxes nobody watches.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { FeedPage, FeedStore } from '@calendar-connector/sync-core';

/** What a viewer may see: `owner` everything, `other` private items as the policy says. */
export type ViewerKind = 'owner' | 'other';

export interface Watcher {
  readonly kind: ViewerKind;
  /** newest revision this watcher was given */
  revision: number;
  /**
   * Where what it holds comes from. `here`: this process showed it. `elsewhere`: it came back with today's revision,
   * perhaps from another process. `earlier`: it came back with an older one, and series may have been others then.
   */
  holds: 'here' | 'elsewhere' | 'earlier';
  push(calendarId: string, frame: Buffer): void;
  resync(calendarId: string): void;
}

export interface Rendered {
  readonly changed: readonly unknown[];
  readonly removed: readonly string[];
  /** who may hold events that the page takes away and cannot name, and therefore has to read anew */
  readonly leavesGhostsWith: readonly Watcher['holds'][];
}

interface Frame {
  readonly text: Buffer;
  readonly leavesGhostsWith: Rendered['leavesGhostsWith'];
}

interface Hub {
  readonly mailbox: MailboxAddress;
  readonly calendarId: string;
  readonly watchers: Set<Watcher>;
  /** newest revision read from the feed */
  revision: number;
  /** newest revision heard of */
  heard: number;
  reading: boolean;
}

/** A page of changes larger than this is answered with `resync` instead. */
const MAX_CHANGES_PER_PUSH = 500;

export interface ChangeHubOptions {
  readonly store: Pick<FeedStore, 'changesSince'>;
  /** a page of the feed as a viewer of that kind may see it */
  readonly render: (mailbox: MailboxAddress, calendarId: string, page: FeedPage, kind: ViewerKind) => Rendered;
  readonly encode: (calendarId: string, revision: number, rendered: Rendered) => string;
  /** the page was rendered for all who watch */
  readonly delivered: (page: FeedPage) => void;
  readonly onPushed: (mailbox: MailboxAddress, revision: number, receivers: number) => void;
  readonly onError: (mailbox: MailboxAddress, error: unknown) => void;
}

export class ChangeHub {
  readonly #options: ChangeHubOptions;
  readonly #hubs = new Map<MailboxAddress, Hub>();

  constructor(options: ChangeHubOptions) {
    this.#options = options;
  }

  get watched(): number {
    return this.#hubs.size;
  }

  /** Adds a watcher that knows everything up to `watcher.revision`; the returned function removes it. */
  watch(mailbox: MailboxAddress, calendarId: string, watcher: Watcher): () => void {
    const present = this.#hubs.get(mailbox);
    const hub = present ?? {
      mailbox,
      calendarId,
      watchers: new Set(),
      revision: watcher.revision,
      heard: watcher.revision,
      reading: false,
    };
    if (!present) this.#hubs.set(mailbox, hub);
    hub.watchers.add(watcher);
    if (!present) void this.#read(hub);
    else if (watcher.revision < hub.revision) void this.#catchUp(hub, watcher);
    return () => {
      hub.watchers.delete(watcher);
      if (hub.watchers.size === 0 && this.#hubs.get(mailbox) === hub) this.#hubs.delete(mailbox);
    };
  }

  /** Somebody (any node) committed a change. */
  changed(mailbox: MailboxAddress, revision: number): void {
    const hub = this.#hubs.get(mailbox);
    if (!hub || revision <= hub.revision) return;
    hub.heard = Math.max(hub.heard, revision);
    if (!hub.reading) void this.#read(hub);
  }

  /** Notifications may have been lost: read every watched mailbox's feed. */
  lookAgain(): void {
    for (const hub of this.#hubs.values()) {
      hub.heard = Number.MAX_SAFE_INTEGER;
      if (!hub.reading) void this.#read(hub);
    }
  }

  async #read(hub: Hub): Promise<void> {
    hub.reading = true;
    try {
      for (;;) {
        const wanted = hub.heard;
        const page = await this.#options.store.changesSince(hub.mailbox, hub.revision, MAX_CHANGES_PER_PUSH);
        this.#deliver(hub, page);
        this.#options.delivered(page);
        hub.revision = Math.max(hub.revision, page.revision);
        // Heard of more while reading: once more. Otherwise what we know is what there is.
        if (hub.heard === wanted || hub.heard <= hub.revision) {
          hub.heard = hub.revision;
          return;
        }
      }
    } catch (error) {
      this.#options.onError(hub.mailbox, error);
      for (const watcher of hub.watchers) watcher.resync(hub.calendarId);
    } finally {
      hub.reading = false;
    }
  }

  /** A watcher that stands further back than the hub. Pages hold today's state, so order against live pushes is no matter. */
  async #catchUp(hub: Hub, watcher: Watcher): Promise<void> {
    try {
      const page = await this.#options.store.changesSince(hub.mailbox, watcher.revision, MAX_CHANGES_PER_PUSH);
      if (hub.watchers.has(watcher)) this.#deliver(hub, page, [watcher]);
    } catch (error) {
      this.#options.onError(hub.mailbox, error);
      watcher.resync(hub.calendarId);
    }
  }

  #deliver(hub: Hub, page: FeedPage, watchers: Iterable<Watcher> = hub.watchers): void {
    if (page.resync) {
      for (const watcher of watchers) {
        if (watcher.revision >= page.revision) continue;
        watcher.revision = page.revision;
        watcher.resync(hub.calendarId);
      }
      return;
    }
    if (page.changed.length === 0 && page.removed.length === 0) return;
    const frames = new Map<ViewerKind, Frame>();
    let receivers = 0;
    for (const watcher of watchers) {
      if (watcher.revision >= page.revision) continue;
      const frame = frames.get(watcher.kind) ?? this.#frame(hub, page, watcher.kind);
      frames.set(watcher.kind, frame);
      watcher.revision = page.revision;
      watcher.push(hub.calendarId, frame.text);
      if (frame.leavesGhostsWith.includes(watcher.holds)) {
        // What it can be told it is told at once; then it reads anew, once, and drops what is no more.
        watcher.holds = 'here';
        watcher.resync(hub.calendarId);
      } else if (watcher.holds === 'earlier') watcher.holds = 'elsewhere';
      receivers += 1;
    }
    if (receivers > 0) this.#options.onPushed(hub.mailbox, page.revision, receivers);
  }

  #frame(hub: Hub, page: FeedPage, kind: ViewerKind): Frame {
    const rendered = this.#options.render(hub.mailbox, hub.calendarId, page, kind);
    const text = Buffer.from(this.#options.encode(hub.calendarId, page.revision, rendered));
    return { text, leavesGhostsWith: rendered.leavesGhostsWith };
  }
}
