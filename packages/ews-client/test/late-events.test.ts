/**
 * Nothing that happens in a watched mailbox goes without a ring after it, whatever happens to the streams meanwhile.
 */
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { expect, it, vi } from 'vitest';
import { resolveUser, startFake } from './support/fake.ts';

const MAILBOXES = 30;
const STEPS = 250;
const DRAFT = { subject: 'x', start: Date.parse('2026-12-01T09:00:00Z'), end: Date.parse('2026-12-01T10:00:00Z') };

/** The same numbers 0 ≤ x < 1 in each run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

it.each([1, 2])(
  'rings for every change, through cuts, lost subscriptions and changes of who is watched (seed %i)',
  async (seed) => {
    await using started = await startFake({ world: { mailboxes: MAILBOXES, itemsPerMailbox: 0 } });
    const timings = { reopenMs: 5, reopenMaxMs: 50, regroupMs: 5, scoutMs: 20 };
    const source = started.source({ timings, limits: { subscriptionsPerStream: 12 } });
    const mailboxes = await Promise.all(Array.from({ length: MAILBOXES }, (_, n) => resolveUser(source, n + 1)));
    const unanswered = new Map<string, number>();
    let rings = 0;
    let allAnswered: () => void = () => undefined;
    const stream = source.openHints({
      onHint: ({ mailbox }) => {
        rings++;
        unanswered.delete(mailbox);
        if (unanswered.size === 0) allAnswered();
      },
      onState: () => undefined,
    });
    const watched = new Set<ResolvedMailbox>(mailboxes);
    stream.watch([...watched]);
    const chance = chances(seed);
    const any = () => mailboxes[Math.floor(chance() * MAILBOXES)] as ResolvedMailbox;
    let changes = 0;
    for (let step = 0; step < STEPS; step++) {
      const mailbox = any();
      if (watched.has(mailbox)) {
        started.world.createItem(mailbox.address, DRAFT);
        unanswered.set(mailbox.address, step);
        changes++;
      }
      const luck = chance();
      if (luck < 0.02) started.fake.cutConnections();
      else if (luck < 0.03) started.fake.dropSubscriptions();
      else if (luck < 0.1) {
        const other = any();
        if (!watched.delete(other)) watched.add(other);
        unanswered.delete(other.address);
        stream.watch([...watched]);
      }
      // One question to the server, so that client and server get on with what is under way.
      if (step % 4 === 0) await resolveUser(source, 1).catch(() => undefined);
    }
    // Streams whose subscriptions were dropped in silence learn of it when they are opened anew.
    started.fake.cutConnections();
    await new Promise<void>((resolve) => {
      allAnswered = resolve;
      if (unanswered.size === 0) resolve();
    });
    expect(changes).toBeGreaterThan(STEPS / 2);
    expect(rings).toBeGreaterThan(changes / 20);
    await stream.close();
    await vi.waitFor(() => expect(started.fake.counters.snapshot().openStreams).toBe(0), { timeout: 10_000 });
  },
);
