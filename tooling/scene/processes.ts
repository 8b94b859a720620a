/** Child processes of the demo: started from source, watched, and all gone when the demo ends, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const STOP_LIMIT_MS = 6_000;

export interface ChildOptions {
  readonly name: string;
  /** a file of the repository that Node runs from source */
  readonly entry: string;
  /** an executable that is run instead */
  readonly program?: string | undefined;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

export class Processes {
  readonly #children = new Map<ChildProcess, string>();
  #stopping = false;

  /** Calls back when a child ends although nobody asked it to. */
  onUnexpectedEnd: (name: string, code: number | null) => void = () => {};

  start(options: ChildOptions): ChildProcess {
    const [program, args] = commandOf(options);
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, TZ: 'UTC', ...options.env },
      detached: true,
    });
    this.#children.set(child, options.name);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => options.onLine?.(line));
    }
    child.once('exit', (code) => {
      this.#children.delete(child);
      if (!this.#stopping) this.onUnexpectedEnd(options.name, code);
    });
    return child;
  }

  /** Runs to its end; its exit code and what it printed. */
  run(options: ChildOptions): Promise<{ readonly code: number | null; readonly output: string }> {
    let output = '';
    return new Promise((resolve) => {
      const before = this.onUnexpectedEnd;
      this.onUnexpectedEnd = () => {};
      const child = this.start({
        ...options,
        onLine: (line) => {
          output += `${line}\n`;
        },
      });
      child.once('close', (code) => {
        this.onUnexpectedEnd = before;
        resolve({ code, output });
      });
    });
  }

  /** Asks every child to end, newest first, and insists after a while. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    for (const child of [...this.#children.keys()].reverse()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      if (child.exitCode === null && child.signalCode === null) await ended;
      clearTimeout(insist);
    }
  }
}

/**
 * How a child is run so that it ends with its parent, even when that dies by SIGKILL: from source `lifeline.ts` sees the
 * IPC channel close; an executable is told by the kernel.
 */
function commandOf({ entry, program, args }: ChildOptions): readonly [string, readonly string[]] {
  if (program !== undefined) return ['setpriv', ['--pdeathsig', 'TERM', program, ...args]];
  const lifeline = path.join(import.meta.dirname, 'lifeline.ts');
  return [process.execPath, ['--conditions=@tcc/source', '--import', lifeline, path.join(ROOT, entry), ...args]];
}
