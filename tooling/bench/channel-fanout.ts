/**
 * Part of `pnpm bench:channel`: one change, a thousand clients. The floor is `ws` alone sending the very same frame to as
 * many clients in the same run; the rate of both is taken between the first and the last client's frame.
 */
import type { Scene } from '../scene/scene.ts';
import { ms, percentile } from './channel-figures.ts';
import type { BenchProcesses, RawServer, Received, SwarmProcess } from './channel-processes.ts';
import type { SwarmMember } from './channel-swarm.ts';
import type { BenchResult } from './engine-result.ts';

const CLIENTS = 1_000;
/** Clients that take no byte off their sockets; of another user, a delegate of the first. */
const DEAF = 50;
const WARM_UP = 20;
/** All clients of a round wait for the same work: a percentile needs many rounds, not only many frames. */
const ROUNDS = 200;
const PAUSE_MS = 60;
const LIMIT_MS = 5_000;
const P99_MS = 60;
const RATE = 0.6;

interface Round {
  /** change (or order to send) until each client's frame */
  readonly delays: readonly number[];
  /** frames per millisecond between the first and the last */
  readonly rate: number;
}

export async function benchFanOut(scene: Scene, processes: BenchProcesses): Promise<readonly BenchResult[]> {
  const owner = 'user1';
  await scene.control.call('PUT', `/mailboxes/${owner}@example.test/delegates/user2@example.test`, {
    calendar: 'Editor',
  });
  const swarm = await processes.openSwarm();
  const url = `${scene.wsUrl}/websocket/calendar/`;
  const login = await scene.control.token(owner);
  const [calendarId] = await swarm.open(Array.from({ length: CLIENTS }, (): SwarmMember => ({ url, login })));
  let frame = '';
  const change = async (round: number): Promise<number> => {
    const at = performance.timeOrigin + performance.now();
    const start = Date.now() + 86_400_000;
    await scene.control.create(`${owner}@example.test`, {
      subject: `Fan-out ${round}`,
      start,
      end: start + 3_600_000,
      timeZone: 'UTC',
    });
    return at;
  };
  await rounds(swarm, change, WARM_UP);
  const ours = await rounds(swarm, change, ROUNDS, (text) => {
    frame = text;
  });

  const raw = await processes.openRawServer();
  const floorSwarm = await processes.openSwarm();
  await floorSwarm.open(Array.from({ length: CLIENTS }, (): SwarmMember => ({ url: raw.url })));
  const send = (): Promise<number> => (raw as RawServer).broadcast(frame);
  await rounds(floorSwarm, send, WARM_UP);
  const floor = await rounds(floorSwarm, send, ROUNDS);

  const deafSwarm = await processes.openSwarm();
  const deafLogin = await scene.control.token('user2');
  await deafSwarm.open(
    Array.from(
      { length: DEAF },
      (): SwarmMember => ({
        url,
        login: deafLogin,
        ...(calendarId === undefined ? {} : { calendarId }),
        deaf: true,
      }),
    ),
  );
  const withDeaf = await rounds(swarm, change, ROUNDS);
  return report({ ours, floor, withDeaf, frame });
}

async function rounds(
  swarm: SwarmProcess,
  begin: (round: number) => Promise<number>,
  count: number,
  seen: (frame: string) => void = () => {},
): Promise<readonly Round[]> {
  const all: Round[] = [];
  for (let round = 0; round < count; round += 1) {
    const waiting = swarm.frames(CLIENTS, LIMIT_MS);
    const at = await begin(round);
    const frames = await waiting;
    if (frames.length !== CLIENTS) throw new Error(`${frames.length} of ${CLIENTS} clients got the frame`);
    seen(frames[0]?.text ?? '');
    all.push(roundOf(at, frames));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return all;
}

function roundOf(at: number, frames: readonly Received[]): Round {
  const span = (frames.at(-1)?.at ?? 0) - (frames[0]?.at ?? 0);
  return { delays: frames.map((frame) => frame.at - at), rate: frames.length / Math.max(span, 0.001) };
}

interface Measured {
  readonly ours: readonly Round[];
  readonly floor: readonly Round[];
  readonly withDeaf: readonly Round[];
  readonly frame: string;
}

function report({ ours, floor, withDeaf, frame }: Measured): readonly BenchResult[] {
  const delays = (all: readonly Round[], percent: number): number =>
    percentile(
      all.flatMap((round) => round.delays),
      percent,
    );
  const rate = (all: readonly Round[]): number =>
    percentile(
      all.map((round) => round.rate),
      50,
    );
  const share = rate(ours) / rate(floor);
  const both = (all: readonly Round[]): string =>
    `p50 ${ms(delays(all, 50))}, p99 ${ms(delays(all, 99))}, worst ${ms(delays(all, 100))}`;
  return [
    {
      name: `floor: ws alone, ${CLIENTS} clients, frames of ${frame.length} bytes`,
      measured: `${both(floor)}, ${rate(floor).toFixed(0)} frames/ms`,
    },
    {
      name: `one change in Exchange, ${CLIENTS} clients of one calendar`,
      measured: both(ours),
      goal: `p99 <= ${P99_MS} ms`,
      met: delays(ours, 99) <= P99_MS,
      note: 'from the deed in Exchange to the client',
    },
    {
      name: 'rate against ws alone',
      measured: `${(share * 100).toFixed(0)} %, ${rate(ours).toFixed(0)} frames/ms`,
      goal: `>= ${RATE * 100} %`,
      met: share >= RATE,
    },
    {
      name: `the same with ${DEAF} more clients that do not read`,
      measured: both(withDeaf),
      goal: `p99 <= ${P99_MS} ms`,
      met: delays(withDeaf, 99) <= P99_MS,
    },
  ];
}
