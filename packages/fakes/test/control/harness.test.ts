/** The harness: starts what it is told, fails whole, and lives when asked to. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHarness } from '../../src/control/harness.ts';
import { startOfficeLife } from '../../src/control/load/office-life.ts';
import { WorldClock } from '../../src/world/clock.ts';
import { ExchangeWorld } from '../../src/world/exchange-world.ts';

const NOW = Date.UTC(2026, 2, 2, 8);

describe('the harness', () => {
  it('starts only servers with a port and has both worlds on one clock', async () => {
    const harness = await startHarness({ trueconfPort: 0, mailboxes: 4, clock: { mode: 'manual', now: NOW } });
    onTestFinished(() => harness.close());
    expect([harness.registration, harness.control, harness.proxy]).toEqual([undefined, undefined, undefined]);
    expect(harness.trueconf?.world).toBe(harness.trueconfWorld);
    harness.clock.advance(5);
    expect([harness.trueconfWorld.clock.now(), harness.exchangeWorld.clock.now()]).toEqual([NOW + 5, NOW + 5]);
    expect(harness.trueconfWorld.users.list().map(({ email }) => email)).toEqual(
      [1, 2, 3, 4].map((n) => `user${n}@example.test`),
    );
  });

  it('closes what it had started when a port is taken', async () => {
    const first = await startHarness({ registrationPort: 0 });
    onTestFinished(() => first.close());
    const taken = first.registration?.port;
    await expect(startHarness({ trueconfPort: 0, registrationPort: taken })).rejects.toThrow('EADDRINUSE');
    await expect(startHarness({ trueconfPort: 0, proxyPort: 0 })).rejects.toThrow('address of a connector');
  });

  it('lets go of its ports when closed, hung requests or not', async () => {
    const harness = await startHarness({ trueconfPort: 0 });
    const port = harness.trueconf?.port;
    harness.trueconf?.faults.add({ kind: 'hang' });
    const hung = fetch(`${harness.trueconf?.url}/api/v4/server`).catch(() => 'broken off');
    await harness.trueconf?.journal.waitFor({ operation: 'getServer' });
    await harness.close();
    expect(await hung).toBe('broken off');
    const next = await startHarness({ trueconfPort: port });
    await next.close();
  });
});

describe('life in the office', () => {
  function live(profile: 'quiet' | 'heavy', seed: number, minutes: number) {
    const clock = WorldClock.manual(NOW);
    const world = new ExchangeWorld({ clock, mailboxes: 10, seed: 1 });
    const life = startOfficeLife(world, clock, profile, seed);
    clock.advance(minutes * 60_000);
    life.stop();
    clock.advance(60 * 60_000);
    const calendars = [...world.addresses()].map((address) =>
      world.listItems(address).map(({ subject, start, myResponse }) => [subject, start, myResponse]),
    );
    return { done: Object.fromEntries(life.done), calendars };
  }

  it('goes on as often as its profile says, with every deed, and stops', () => {
    const { done } = live('heavy', 1, 60);
    expect(Object.values(done).reduce((sum, count) => sum + count, 0)).toBe(1200);
    for (const deed of ['plan', 'move', 'rename', 'answer', 'cancel', 'appointment'])
      expect(done[deed], deed).toBeGreaterThan(20);
    expect(done.nothing ?? 0).toBeLessThan(300);
  });

  it('is the same for the same seed', () => {
    expect(live('heavy', 3, 5)).toEqual(live('heavy', 3, 5));
    expect(live('heavy', 3, 5)).not.toEqual(live('heavy', 4, 5));
  });

  it('does not stir when quiet', () => {
    expect(live('quiet', 1, 600)).toEqual({ done: {}, calendars: expect.arrayContaining([[]]) });
  });
});
