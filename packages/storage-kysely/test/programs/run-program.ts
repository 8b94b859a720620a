/** Runs a program of this folder as a process of its own and listens to its JSON lines. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Program<Line> extends AsyncDisposable {
  readonly process: ChildProcess;
  /** the newest line */
  readonly last: () => Line | undefined;
  readonly next: () => Promise<Line>;
  kill(): Promise<void>;
}

export function runProgram<Line>(name: string, ...args: readonly string[]): Program<Line> {
  const path = join(import.meta.dirname, `${name}.ts`);
  const child = spawn(process.execPath, ['--conditions=@tcc/source', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('a program without output');
  let last: Line | undefined;
  let waiting: Array<(line: Line) => void> = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    last = JSON.parse(text) as Line;
    for (const one of waiting.splice(0)) one(last);
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    waiting = [];
  };
  return {
    process: child,
    last: () => last,
    next: () => new Promise((done) => waiting.push(done)),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
