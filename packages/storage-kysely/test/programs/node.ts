/**
 * A node without Exchange: leases mailboxes of the database argv[2] under the id argv[3] and commits, for each, the
 * changes 1 to argv[4] one page at a time, as fast as it can. Tells what became of every commit, one JSON line a round.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LeaseGrant } from '@calendar-connector/sync-core';
import { openStore } from '../../src/index.ts';
import { observation, single } from '../items.ts';

const [, , url = '', id = '', changes = '1'] = process.argv;
const LAST = Number(changes);
const [TTL_MS, DEAD_AFTER_MS, BEAT_MS, PARALLEL] = [2_000, 2_000, 300, 4];
const store = openStore({ connection: { url }, applicationName: id, poolSize: PARALLEL + 2 });

let grants: readonly LeaseGrant[] = [];
const counts: Record<string, number> = { committed: 0, fenced: 0, stale: 0, failed: 0 };

async function bring(grant: LeaseGrant): Promise<void> {
  const record = await store.findMailbox(grant.mailbox);
  const done = Number(record?.cursor?.slice(1) ?? 0);
  if (done >= LAST) return;
  const page = { fence: grant.fence, changed: [single(`${grant.mailbox}-${done + 1}`)] };
  const cursors = [done === 0 ? undefined : `c${done}`, `c${done + 1}`] as const;
  const { outcome } = await store.commitObservation(observation(grant.mailbox, cursors, page));
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}

async function beatOnAndOn(): Promise<void> {
  for (;;) {
    try {
      await store.beat({ id, name: id, deadAfterMs: DEAD_AFTER_MS });
      grants = await store.acquireLeases(id, TTL_MS);
      process.stdout.write(`${JSON.stringify({ held: grants.length, ...counts })}\n`);
    } catch {
      counts['failed'] = (counts['failed'] ?? 0) + 1;
    }
    await delay(BEAT_MS);
  }
}

async function workOnAndOn(lane: number): Promise<void> {
  for (;;) {
    for (const grant of grants.filter((_, index) => index % PARALLEL === lane)) {
      await bring(grant).catch(() => {
        counts['failed'] = (counts['failed'] ?? 0) + 1;
      });
    }
    await delay(10);
  }
}

await Promise.all([beatOnAndOn(), ...Array.from({ length: PARALLEL }, (_, lane) => workOnAndOn(lane))]);
