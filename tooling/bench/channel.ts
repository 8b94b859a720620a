/**
 * `pnpm bench:channel [starts|fanout|latency …] [--json]`: the real service against the fakes, on this machine. Starts of
 * conferences at the same second, one change to a thousand clients, changes of a thousand mailboxes. Floors are measured
 * in the same run; a missed goal ends with exit code 1. Times: look at them on a machine that does nothing else.
 */
import { openScene } from '../scene/scene.ts';
import { benchFanOut } from './channel-fanout.ts';
import { benchLatency } from './channel-latency.ts';
import { BenchProcesses } from './channel-processes.ts';
import { benchStarts } from './channel-starts.ts';
import { type BenchResult, printResults } from './engine-result.ts';

const PARTS = {
  starts: { mailboxes: 50, synced: 50, run: benchStarts },
  fanout: { mailboxes: 4, synced: 4, run: benchFanOut },
  latency: { mailboxes: 1_001, synced: 1_000, run: benchLatency },
} as const;
type PartName = keyof typeof PARTS;

async function runPart(name: PartName): Promise<readonly BenchResult[]> {
  const { mailboxes, synced, run } = PARTS[name];
  const processes = new BenchProcesses();
  const scene = await openScene({ mailboxes });
  try {
    scene.configure((config) => {
      const [provider] = config.calendarProviders as { users: string[] }[];
      if (provider) provider.users = provider.users.slice(0, synced);
      config.limits = { connectionsPerUser: 1_000, connectionsPerAddress: 10_000 };
    });
    await scene.startDaemon();
    await everyMailboxIsLive(scene.httpUrl, synced);
    return await run(scene, processes);
  } finally {
    await processes.stop();
    await scene.close();
  }
}

/** First looks are over and streams are open: what is measured afterwards is the steady state. */
async function everyMailboxIsLive(httpUrl: string, count: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const text = await fetch(`${httpUrl}/metrics`).then((response) => response.text());
    const live = Number(/^tcc_mailboxes\{state="live"\} (\d+)/m.exec(text)?.[1] ?? 0);
    if (live >= count) return;
    if (Date.now() > deadline) throw new Error(`${live} of ${count} mailboxes are live after two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const names = (Object.keys(PARTS) as PartName[]).filter((name) => wanted.length === 0 || wanted.includes(name));
const results: BenchResult[] = [];
for (const name of names) results.push(...(await runPart(name)));
if (process.argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
else printResults(results);
process.exitCode = results.some((result) => result.met === false) ? 1 : 0;
