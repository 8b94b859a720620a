/** Part of `pnpm bench:channel`: many conferences due at the same second, as the fake TrueConf Server saw the requests. */
import type { Scene } from '../scene/scene.ts';
import { percentile } from './channel-figures.ts';
import type { BenchResult } from './engine-result.ts';

const STARTS = 500;
const MAILBOXES = 50;
const HALF_HOUR_MS = 30 * 60_000;
/** Making the meetings and their conferences takes this long at most. */
const LEAD_MS = 45_000;
const LAST_MS = 1_000;
const P99_MS = 500;

interface Entry {
  readonly operation: string;
  readonly at: string;
  readonly path: string;
}

export async function benchStarts(scene: Scene): Promise<readonly BenchResult[]> {
  const start = Math.ceil((Date.now() + LEAD_MS) / 1000) * 1000;
  const ids = Array.from({ length: STARTS }, (_, index) => `bench_${start.toString(36)}_${index}`);
  await Promise.all(ids.map((id, index) => plan(scene, `user${(index % MAILBOXES) + 1}`, id, start)));
  while ((await scene.control.conferences()).length < STARTS) {
    if (Date.now() > start) throw new Error('the conferences were not made before they were due');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  // Nothing is asked of the fakes while the storm lasts.
  await new Promise((resolve) => setTimeout(resolve, start + 4_000 - Date.now()));
  const delays = await requestDelays(scene, start);
  const early = delays.filter((delay) => delay < 0).length;
  const figures = `first ${delays[0]} ms, p50 ${percentile(delays, 50)} ms, p99 ${percentile(delays, 99)} ms, last ${delays.at(-1)} ms`;
  return [
    {
      name: `${STARTS} conferences due at the same second: start requests`,
      measured: `${delays.length}, ${early} early`,
      goal: `${STARTS}, none early`,
      met: delays.length === STARTS && early === 0,
    },
    {
      name: 'after they were due',
      measured: figures,
      goal: `p99 <= ${P99_MS} ms, last <= ${LAST_MS} ms`,
      met: percentile(delays, 99) <= P99_MS && (delays.at(-1) ?? Number.NaN) <= LAST_MS,
    },
  ];
}

async function plan(scene: Scene, user: string, id: string, start: number): Promise<void> {
  await scene.control.create(`${user}@example.test`, {
    subject: id,
    start,
    end: start + HALF_HOUR_MS,
    timeZone: 'UTC',
    location: `https://server.example.test/c/${id}`,
    // A room without a time of its own on the server: nobody but the connector starts it.
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
    },
  });
}

async function requestDelays(scene: Scene, start: number): Promise<readonly number[]> {
  const { entries } = await scene.control.call<{ entries: readonly Entry[] }>(
    'GET',
    '/journal?server=trueconf&operation=runConference&limit=20000',
  );
  return entries
    .filter(({ path }) => path.includes(`/bench_${start.toString(36)}_`))
    .map(({ at }) => Date.parse(at) - start)
    .sort((a, b) => a - b);
}
