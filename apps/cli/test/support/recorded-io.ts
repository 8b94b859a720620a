/** A terminal that writes down what a command says and answers what a test tells it to. */
import type { Io } from '../../src/program/io.ts';
import { run } from '../../src/program/run.ts';

export interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** standard input; absent: a terminal */
  readonly input?: readonly string[];
  /** what the person types when asked */
  readonly typed?: readonly (string | undefined)[];
  readonly now?: number;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly string[];
}

/** Runs one command in this process, in English unless told otherwise. */
export async function command(argv: readonly string[], given: Given = {}): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const typed = [...(given.typed ?? [])];
  const io: Io = {
    env: { LANG: 'en_US.UTF-8', ...given.env },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isInputTerminal: given.input === undefined,
    readLines: async function* () {
      yield* given.input ?? [];
    },
    askSecret: async (prompt) => {
      asked.push(prompt);
      return typed.shift();
    },
    now: () => given.now ?? Date.now(),
    signal: new AbortController().signal,
  };
  const code = await run(argv, io);
  return { code, out: out.join('\n'), err: err.join('\n'), asked };
}
