/**
 * The short versions of `pnpm endurance`: real daemons, a PostgreSQL that is killed, fakes on sockets. Counts gate here;
 * times do only where TCC_STRICT_TIMES says that the machine is quiet. Idling and fairness need minutes and a quiet
 * machine: they are played by the command alone.
 */
import { expect, test } from 'vitest';
import { crash } from '../crash.ts';
import { empty } from '../empty.ts';
import type { Finding } from '../goals.ts';
import { nodes } from '../nodes.ts';
import { outage } from '../outage.ts';

const LIMIT_MS = 180_000;

function expectGoals(findings: readonly Finding[]): void {
  const missed = findings.filter(({ ok, isTime }) => !ok && (!isTime || process.env.TCC_STRICT_TIMES));
  expect(missed).toEqual([]);
  expect(findings.some(({ goal, isTime }) => goal !== '–' && !isTime)).toBe(true);
}

test.each(['refuse', 'restart'] as const)(
  'Exchange away (%s), changes missed: afterwards both worlds agree, at the minimum of calls',
  async (how) => expectGoals(await outage({ mailboxes: 60, changes: 30, awayMs: 8_000, how })),
  LIMIT_MS,
);

test(
  'five crashes in the middle of work: nothing is lost and no conference is there twice',
  async () => expectGoals(await crash({ mailboxes: 12, points: 5, seed: 7, workMs: 400 })),
  LIMIT_MS,
);

test(
  'of three daemons one is killed and one paused: every change lands once, the stale one is refused',
  async () => expectGoals(await nodes({ mailboxes: 90, pausedMs: 12_000 })),
  LIMIT_MS,
);

test(
  'a mailbox that comes back empty ends no conference until an administrator says so',
  async () => expectGoals(await empty()),
  LIMIT_MS,
);
