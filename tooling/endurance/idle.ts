/**
 * What idle mailboxes cost, and that a suppressed notification is found all the same (goal: ≤ 5 requests a minute for
 * 1,000 mailboxes). The cost is the fake's own count over some minutes with the settings as installed. The sweep's period
 * is six hours then; that it finds everything within its period is shown with a shorter one, live by SIGHUP.
 */
import { agreed, atLeast, atMost, type Finding, noted } from './goals.ts';
import { type OpenTheatre, openTheatre } from './theatre.ts';
import {
  address,
  converged,
  differences,
  exchangeCounters,
  forEach,
  pause,
  quiet,
  resetCounters,
  settled,
} from './worlds.ts';

export interface IdleOptions {
  readonly mailboxes: number;
  readonly minutes: number;
  /** the period the sweep is shown with */
  readonly sweepMinutes: number;
  /** changes whose notifications are lost */
  readonly lost: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const REQUESTS_A_MINUTE = 5;
const AT_MAILBOXES = 1_000;

export async function idle(options: IdleOptions, open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const { mailboxes, minutes, sweepMinutes, lost } = options;
  const theatre = await open({ mailboxes, fakeArgs: ['--items', '2'] });
  const { scene, database, nodes } = theatre;
  const { control } = scene;
  try {
    await theatre.start();
    await settled(control, database, mailboxes, 180_000);
    await quiet(control, 8_000, 120_000);
    await resetCounters(control);
    await pause(minutes * MINUTE_MS);
    const idling = await exchangeCounters(control);
    const budget = (REQUESTS_A_MINUTE * mailboxes) / AT_MAILBOXES;

    await control.call('POST', '/faults', { server: 'exchange', kind: 'dropEvents' });
    const silent = Array.from({ length: lost }, (_, index) => address(Math.floor((index * mailboxes) / lost)));
    await forEach(silent, async (mailbox, index) => {
      const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + (30 + index) * HOUR_MS);
      await control.create(mailbox, {
        subject: `Silent ${index}`,
        start,
        end: new Date(start.getTime() + HOUR_MS / 2),
      });
    });
    await pause(2_000);
    const unseen = (await differences(control, database, silent)).length;
    const [node] = nodes;
    if (!node) throw new Error('a theatre has at least one node');
    node.configure((config) => {
      config.sync = { sweepMinutes };
    });
    node.daemon?.child.kill('SIGHUP');
    const { left, ms } = await converged(control, database, silent, sweepMinutes * MINUTE_MS + 15_000);
    return [
      noted('mailboxes', mailboxes),
      noted('requests by operation', JSON.stringify(idling.byOperation)),
      atMost(`requests a minute over ${minutes} min`, idling.requests / minutes, budget),
      // One of them may have had its turn to be swept in these seconds.
      atLeast('changes not seen because their notification was lost', unseen, lost - 2),
      agreed(`changes not found by a sweep of ${sweepMinutes} min`, left),
      atMost('found after', ms, sweepMinutes * MINUTE_MS + 5_000, 'ms'),
    ];
  } finally {
    await theatre.close();
  }
}
