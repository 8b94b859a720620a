/**
 * Part of `pnpm bench:channel`: from a change in Exchange to the frame at the client, over many mailboxes at a steady
 * rate. A plain SOAP client on mailboxes of its own measures in the same run what Exchange itself takes.
 */
import type { Scene } from '../scene/scene.ts';
import { ms, percentile } from './channel-figures.ts';
import { openExchangeFloor } from './channel-floor.ts';
import type { BenchProcesses } from './channel-processes.ts';
import type { SwarmMember } from './channel-swarm.ts';
import type { BenchResult } from './engine-result.ts';

const MAILBOXES = 1_000;
const CHANGES = 400;
const PERIOD_MS = 100;
/** Every so many changes one is made in the mailbox of the floor as well. */
const FLOOR_EVERY = 4;
const WARM_UP = 30;
const P50_MS = 25;
const P99_MS = 150;

/** `user1` … are synced; the one after them is not and serves the floor. */
export async function benchLatency(scene: Scene, processes: BenchProcesses): Promise<readonly BenchResult[]> {
  const swarm = await processes.openSwarm();
  const url = `${scene.wsUrl}/websocket/calendar/`;
  const members: SwarmMember[] = [];
  for (let index = 1; index <= MAILBOXES; index += 1)
    members.push({ url, login: await scene.control.token(`user${index}`) });
  await swarm.open(members);
  const floorBox = `user${MAILBOXES + 1}@example.test`;
  const floor = await openExchangeFloor(`${scene.addresses.exchange}/EWS/Exchange.asmx`, floorBox);

  const sent = new Map<string, number>();
  const floorTimes: number[] = [];
  const total = WARM_UP + CHANGES;
  const arriving = swarm.frames(total, total * PERIOD_MS + 10_000);
  const startedAt = performance.now();
  const making: Promise<unknown>[] = [];
  for (let change = 0; change < total; change += 1) {
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, startedAt + change * PERIOD_MS - performance.now())),
    );
    const subject = `Latency ${change}.`;
    sent.set(subject, now());
    making.push(make(scene, `user${((change * 7) % MAILBOXES) + 1}@example.test`, subject));
    if (change % FLOOR_EVERY === 0) making.push(floorOnce(scene, floor, floorBox, floorTimes));
  }
  const frames = await arriving;
  await Promise.all(making);
  floor.close();
  const delays = frames.flatMap(({ at, text }) => {
    const subject = /Latency \d+\./.exec(text)?.[0];
    const begun = subject === undefined ? undefined : sent.get(subject);
    const counted = subject !== undefined && Number(subject.slice(8, -1)) >= WARM_UP;
    return begun !== undefined && counted ? [at - begun] : [];
  });
  return report(delays, floorTimes.slice(Math.ceil(WARM_UP / FLOOR_EVERY)));
}

async function make(scene: Scene, mailbox: string, subject: string): Promise<void> {
  const start = Date.now() + 86_400_000;
  await scene.control.create(mailbox, { subject, start, end: start + 3_600_000, timeZone: 'UTC' });
}

async function floorOnce(
  scene: Scene,
  floor: Awaited<ReturnType<typeof openExchangeFloor>>,
  mailbox: string,
  times: number[],
): Promise<void> {
  const known = floor.nextChange();
  const at = now();
  await make(scene, mailbox, 'Floor');
  times.push((await known) - at);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function report(delays: readonly number[], floor: readonly number[]): readonly BenchResult[] {
  const own = percentile(floor, 50);
  const [p50, p99] = [percentile(delays, 50), percentile(delays, 99)];
  return [
    {
      name: 'floor: a plain client of Exchange, one mailbox',
      measured: `p50 ${ms(own)}, p99 ${ms(percentile(floor, 99))}`,
      note: 'notification, SyncFolderItems, GetItem',
    },
    {
      name: `change in Exchange → frame, ${MAILBOXES} mailboxes, ${1000 / PERIOD_MS} changes/s`,
      measured: `p50 ${ms(p50)}, p99 ${ms(p99)}, ${delays.length} of ${CHANGES} arrived`,
    },
    {
      name: 'above the server’s own time',
      measured: `p50 ${ms(p50 - own)}, p99 ${ms(p99 - own)}`,
      goal: `p50 <= ${P50_MS} ms, p99 <= ${P99_MS} ms, none lost`,
      met: p50 - own <= P50_MS && p99 - own <= P99_MS && delays.length === CHANGES,
    },
  ];
}
