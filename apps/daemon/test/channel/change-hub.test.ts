import { mailboxAddress } from '@calendar-connector/calendar-model';
import type { FeedPage } from '@calendar-connector/sync-core';
import { describe, expect, test } from 'vitest';
import { ChangeHub, type ViewerKind, type Watcher } from '../../src/channel/change-hub.ts';

const ANNA = mailboxAddress('anna@example.test');
const BORIS = mailboxAddress('boris@example.test');

/** A feed in memory: revision n changed event `e<n>`. Reads can be held back to make races. */
class Feed {
  revision = 0;
  reads = 0;
  resyncBelow = 0;
  failing = false;
  ghosts: Watcher['holds'][] = [];
  #held: (() => void)[] = [];
  holding = false;

  async changesSince(_mailbox: string, revision: number): Promise<FeedPage> {
    this.reads += 1;
    const now = this.revision;
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.failing) throw new Error('database away');
    const changed = Array.from({ length: now - revision }, (_, index) => ({ eventId: `e${revision + index + 1}` }));
    return { revision: now, changed: changed as never, removed: [], resync: revision < this.resyncBelow };
  }

  release(): void {
    this.holding = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

function setUp() {
  const feed = new Feed();
  const rendered: ViewerKind[] = [];
  const hub = new ChangeHub({
    store: feed,
    render: (_mailbox, _calendar, page, kind) => {
      rendered.push(kind);
      const changed = page.changed.map(({ eventId }) => eventId);
      return { changed, removed: page.removed, leavesGhostsWith: feed.ghosts };
    },
    encode: (_calendar, revision, { changed }) => `${revision}:${changed.join(',')}`,
    delivered: () => {},
    onPushed: () => {},
    onError: () => {},
  });
  const client = (revision: number, kind: ViewerKind = 'owner', holds: Watcher['holds'] = 'here') => {
    const frames: string[] = [];
    const watcher: Watcher = {
      kind,
      revision,
      holds,
      push: (_id, frame) => frames.push(frame.toString()),
      resync: () => frames.push('resync'),
    };
    return { frames, watcher };
  };
  return { feed, hub, client, rendered };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a change reaches who watches', () => {
  test('a thousand watchers cost one read and one rendering', async () => {
    const { feed, hub, client, rendered } = setUp();
    const clients = Array.from({ length: 1000 }, () => client(0));
    for (const { watcher } of clients) hub.watch(ANNA, 'cal', watcher);
    await settled();
    const before = feed.reads;
    feed.revision = 1;
    hub.changed(ANNA, 1);
    await settled();
    expect(feed.reads - before).toBe(1);
    expect(rendered).toEqual(['owner']);
    expect(clients.every(({ frames }) => frames.join() === '1:e1')).toBe(true);
  });

  test('owner and delegate are rendered apart', async () => {
    const { feed, hub, client, rendered } = setUp();
    hub.watch(ANNA, 'cal', client(0, 'owner').watcher);
    hub.watch(ANNA, 'cal', client(0, 'other').watcher);
    await settled();
    feed.revision = 1;
    hub.changed(ANNA, 1);
    await settled();
    expect(rendered.sort()).toEqual(['other', 'owner']);
  });

  test('changes heard of while reading are read once more, not once each', async () => {
    const { feed, hub, client } = setUp();
    const { watcher, frames } = client(0);
    hub.watch(ANNA, 'cal', watcher);
    await settled();
    const before = feed.reads;
    feed.holding = true;
    feed.revision = 1;
    hub.changed(ANNA, 1);
    await settled();
    for (let revision = 2; revision <= 10; revision += 1) {
      feed.revision = revision;
      hub.changed(ANNA, revision);
    }
    feed.release();
    await settled();
    expect(feed.reads - before).toBe(2);
    expect(frames.at(-1)?.startsWith('10:')).toBe(true);
  });

  test('a client that was away gets what it missed, and only it', async () => {
    const { feed, hub, client } = setUp();
    feed.revision = 5;
    const present = client(5);
    hub.watch(ANNA, 'cal', present.watcher);
    await settled();
    const back = client(2);
    hub.watch(ANNA, 'cal', back.watcher);
    await settled();
    expect(back.frames).toEqual(['5:e3,e4,e5']);
    expect(present.frames).toEqual([]);
  });

  test('a client that came back reads anew once when something may have gone that this process never showed', async () => {
    const { feed, hub, client } = setUp();
    const present = client(0);
    hub.watch(ANNA, 'cal', present.watcher);
    const back = client(0, 'owner', 'elsewhere');
    hub.watch(ANNA, 'cal', back.watcher);
    await settled();
    feed.ghosts = ['elsewhere', 'earlier'];
    for (const revision of [1, 2]) {
      feed.revision = revision;
      hub.changed(ANNA, revision);
      await settled();
    }
    expect(present.frames).toEqual(['1:e1', '2:e2']);
    expect(back.frames).toEqual(['1:e1', 'resync', '2:e2']);
  });

  test('a feed that does not reach back ends in a resync', async () => {
    const { feed, hub, client } = setUp();
    feed.revision = 5;
    feed.resyncBelow = 4;
    const { watcher, frames } = client(2);
    hub.watch(ANNA, 'cal', watcher);
    await settled();
    expect(frames).toEqual(['resync']);
    expect(watcher.revision).toBe(5);
  });

  test('notifications that were lost are made up for', async () => {
    const { feed, hub, client } = setUp();
    const { watcher, frames } = client(0);
    hub.watch(ANNA, 'cal', watcher);
    await settled();
    feed.revision = 3;
    hub.lookAgain();
    await settled();
    expect(frames).toEqual(['3:e1,e2,e3']);
  });

  test('a failing read tells the watchers to read anew and leaves the hub alive', async () => {
    const { feed, hub, client } = setUp();
    const { watcher, frames } = client(0);
    hub.watch(ANNA, 'cal', watcher);
    await settled();
    feed.failing = true;
    feed.revision = 1;
    hub.changed(ANNA, 1);
    await settled();
    feed.failing = false;
    feed.revision = 2;
    hub.changed(ANNA, 2);
    await settled();
    expect(frames).toEqual(['resync', '2:e1,e2']);
  });

  test('nothing is read for a calendar nobody watches', async () => {
    const { feed, hub, client } = setUp();
    const stop = hub.watch(ANNA, 'cal', client(0).watcher);
    await settled();
    stop();
    const before = feed.reads;
    feed.revision = 9;
    hub.changed(ANNA, 9);
    hub.changed(BORIS, 9);
    await settled();
    expect(feed.reads).toBe(before);
    expect(hub.watched).toBe(0);
  });
});
