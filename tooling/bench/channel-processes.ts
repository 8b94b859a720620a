/** Child processes of the channel benchmark that are talked to by IPC, one question at a time. */
import type { ChildProcess } from 'node:child_process';
import { Processes } from '../scene/processes.ts';
import type { SwarmMember, SwarmReport } from './channel-swarm.ts';

export type Received = Extract<SwarmReport, { frames: unknown }>['frames'][number];

export interface SwarmProcess {
  /** Opens the clients; resolves with the calendar each one watches. */
  open(members: readonly SwarmMember[]): Promise<readonly string[]>;
  /** The next `count` frames, or what came within the limit. */
  frames(count: number, limitMs: number): Promise<readonly Received[]>;
}

export interface RawServer {
  readonly url: string;
  /** Sends to everybody; when it began. */
  broadcast(text: string): Promise<number>;
}

/** Everything below is gone when this is stopped. */
export class BenchProcesses {
  readonly #processes = new Processes();

  async openSwarm(): Promise<SwarmProcess> {
    const child = this.#start('channel-swarm');
    await next(child);
    const ask = async (order: object): Promise<SwarmReport> => {
      const answer = next(child);
      child.send(order);
      return (await answer) as SwarmReport;
    };
    return {
      open: async (members) => ((await ask({ open: members })) as Extract<SwarmReport, { opened: unknown }>).opened,
      frames: async (count, limitMs) =>
        ((await ask({ await: count, limitMs })) as Extract<SwarmReport, { frames: unknown }>).frames,
    };
  }

  async openRawServer(): Promise<RawServer> {
    const child = this.#start('channel-raw');
    const { port } = (await next(child)) as { port: number };
    return {
      url: `ws://127.0.0.1:${port}/`,
      broadcast: async (text) => {
        const answer = next(child);
        child.send(text);
        return ((await answer) as { at: number }).at;
      },
    };
  }

  stop(): Promise<void> {
    return this.#processes.stopAll();
  }

  #start(name: string): ChildProcess {
    return this.#processes.start({
      name,
      entry: `tooling/bench/${name}.ts`,
      args: [],
      onLine: (line) => console.error(`${name}: ${line}`),
    });
  }
}

/** The next message of a child; fails when it ends or reports an error. */
function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      const error = (message as { error?: string }).error;
      if (error) reject(new Error(error));
      else resolve(message);
    });
  });
}
