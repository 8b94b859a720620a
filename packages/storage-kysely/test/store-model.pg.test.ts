/**
 * Random histories of one mailbox, carried out by the store and by a model of a few lines: after each step both must
 * tell the same items, event ids, held rows, live count and feed.
 */
import type { FolderItem, ItemId } from '@calendar-connector/calendar-model';
import { itemId, mailboxAddress, meetingKey } from '@calendar-connector/calendar-model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, MONDAY, observation, registration, single } from './items.ts';
import { openTestStore } from './open-test-store.ts';

const opened = openTestStore();

/** An item of the model: which meeting it shows, what it says, whether it is missing. */
interface Row {
  readonly uid: string;
  readonly subject: string;
  readonly event: number;
  readonly missing: boolean;
}

/** What clients would know if they followed the feed without a fault. */
class Model {
  rows = new Map<string, Row>();
  revision = 0;
  #events = 0;

  /** Rows that are not missing: what clients see. */
  get live(): readonly (readonly [string, Row])[] {
    return [...this.rows].filter(([, row]) => !row.missing);
  }

  observe(changed: ReadonlyMap<string, { uid: string; subject: string }>, removed: ReadonlySet<string>): void {
    const before = new Map(this.rows);
    const gone = new Set([...removed].filter((id) => !changed.has(id)));
    let visible = false;
    const successors = [...before].filter(([id, row]) => !changed.has(id) && (row.missing || gone.has(id)));
    for (const [id, { uid, subject }] of changed) {
      const old = before.get(id);
      if (old) {
        visible ||= old.missing || old.subject !== subject;
        this.rows.set(id, { ...old, subject, missing: false });
        continue;
      }
      const at = successors.findIndex(([, row]) => row.uid === uid);
      const [taken] = at < 0 ? [] : successors.splice(at, 1);
      if (taken) this.rows.delete(taken[0]);
      visible ||= !taken || taken[1].missing || taken[1].subject !== subject;
      this.rows.set(id, { uid, subject, event: taken?.[1].event ?? ++this.#events, missing: false });
    }
    for (const id of gone) {
      const row = this.rows.get(id);
      if (!row || row.missing) continue;
      this.rows.set(id, { ...row, missing: true });
      visible = true;
    }
    if (visible) this.revision += 1;
  }

  accept(id: string): void {
    if (this.rows.get(id)?.missing) this.rows.delete(id);
  }
}

/** Ids 0..5 show meetings 0..2 in a fixed way: two ids per meeting, so that moves and second copies both happen. */
const IDS = [0, 1, 2, 3, 4, 5];
const uidOf = (n: number) => `m${n % 3}`;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('page' as const),
    changed: fc.dictionary(fc.constantFrom(...IDS.map(String)), fc.constantFrom('one', 'two'), { maxKeys: 3 }),
    removed: fc.uniqueArray(fc.constantFrom(...IDS), { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('accept' as const), id: fc.constantFrom(...IDS) }),
  fc.record({ kind: fc.constant('listing' as const), keep: fc.uniqueArray(fc.constantFrom(...IDS), { maxLength: 4 }) }),
);

let boxes = 0;

async function runHistory(
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
): Promise<void> {
  boxes += 1;
  const mailbox = mailboxAddress(`model${boxes}@example.test`);
  const { store } = opened;
  await store.saveMailboxes([registration(mailbox)]);
  const model = new Model();
  const follower = new Map<string, string>();
  let [cursor, seen] = [undefined as string | undefined, 0];
  const item = (n: number, subject: string): FolderItem =>
    single(`${boxes}-${n}`, { uid: `${boxes}-${uidOf(n)}`, subject });
  const idOf = (n: number): ItemId => itemId(`${boxes}-${n}`);

  for (const [index, one] of steps.entries()) {
    const next = `c${index + 1}`;
    if (one.kind === 'page') {
      const changed = Object.entries(one.changed).map(([n, subject]) => [Number(n), subject] as const);
      const page = { changed: changed.map(([n, subject]) => item(n, subject)), removed: one.removed.map(idOf) };
      const receipt = await store.commitObservation(observation(mailbox, [cursor, next], page));
      model.observe(
        new Map(changed.map(([n, subject]) => [String(n), { uid: uidOf(n), subject }])),
        new Set(one.removed.map(String)),
      );
      expect(receipt).toMatchObject({ outcome: 'committed', revision: model.revision });
      cursor = next;
    } else if (one.kind === 'listing') {
      const kept = one.keep.filter((n) => model.rows.has(String(n)));
      const changed = kept.map((n) => [n, model.rows.get(String(n))?.subject ?? ''] as const);
      await store.resetCursor(mailbox);
      const listing = { id: `l${index}`, complete: true };
      const page = { changed: changed.map(([n, subject]) => item(n, subject)), listing };
      const receipt = await store.commitObservation(observation(mailbox, [undefined, next], page));
      const gone = [...model.rows.keys()].filter((id) => !kept.includes(Number(id)));
      model.observe(new Map(changed.map(([n, subject]) => [String(n), { uid: uidOf(n), subject }])), new Set(gone));
      expect(receipt).toMatchObject({ outcome: 'committed', revision: model.revision });
      cursor = next;
    } else {
      const key = meetingKey({ uid: `${boxes}-${uidOf(one.id)}` });
      const { version } = await store.loadMeeting(key);
      const baseline = { version: 1, starts: [], cancelled: false, removed: false } as const;
      const rest = { startsToSchedule: [], startsToCancel: [], visibleChange: false, timeline: [] };
      await store.commitSettlement({ key, version, baseline, removals: [{ mailbox, itemId: idOf(one.id) }], ...rest });
      model.accept(String(one.id));
    }

    const { items, revision } = await store.listItemsInWindow(mailbox, MONDAY - DAY, MONDAY + DAY);
    const stored = items.map((row) => [row.item.itemId, row.item.subject]).toSorted();
    expect(stored).toEqual(model.live.map(([n, row]) => [`${boxes}-${n}`, row.subject]).toSorted());
    expect(revision).toBe(model.revision);
    expect((await store.findMailbox(mailbox))?.liveItems).toBe(model.live.length);
    expect(new Set(items.map((row) => row.eventId)).size).toBe(model.live.length);

    const feed = await store.changesSince(mailbox, seen, 100);
    for (const row of feed.changed) follower.set(row.eventId, row.item.subject);
    for (const id of feed.removed) follower.delete(id);
    seen = feed.revision;
    expect([...follower].toSorted()).toEqual(items.map((row) => [row.eventId, row.item.subject]).toSorted());
  }
}

test('any history leaves what the model says, and a client that follows the feed sees the same calendar', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), runHistory), { numRuns: 60 });
}, 60_000);
