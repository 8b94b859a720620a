/**
 * The world around a command: what it is given, where it writes, how it asks. Tests hand in their own; the program uses
 * the process. Nothing else in this package touches `process`.
 */
import { EXIT } from './exit-codes.ts';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** writes text and a line end to standard output */
  out(text: string): void;
  /** the same to standard error */
  err(text: string): void;
  readonly isInputTerminal: boolean;
  /** lines of standard input, without their ends */
  readLines(): AsyncIterable<string>;
  /** asks on the terminal without echo; undefined when the person gave up */
  askSecret(prompt: string): Promise<string | undefined>;
  now(): number;
  /** ends when the person interrupts */
  readonly signal: AbortSignal;
}

/** The process itself. */
export function processIo(): Io {
  let interrupted: AbortController | undefined;
  quietWhenReaderLeaves();
  return {
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    isInputTerminal: process.stdin.isTTY === true,
    readLines,
    askSecret,
    now: Date.now,
    /** Once a command asks for it, Ctrl-C ends that command's waits instead of the process. */
    get signal() {
      if (interrupted) return interrupted.signal;
      const controller = new AbortController();
      interrupted = controller;
      process.once('SIGINT', () => controller.abort());
      return controller.signal;
    },
  };
}

/** Neither `tc_calendar … | head` nor a full disk behind `>` must end with a stack trace; the latter is a failure. */
function quietWhenReaderLeaves(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`tc_calendar: stdout: ${error.code ?? error.message}\n`);
    process.exit(EXIT.failed);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? undefined : EXIT.failed),
  );
}

async function* readLines(): AsyncGenerator<string> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  yield* lines;
}

/** Readline in raw mode with its echo thrown away. */
async function askSecret(prompt: string): Promise<string | undefined> {
  const [{ createInterface }, { Writable }] = await Promise.all([import('node:readline'), import('node:stream')]);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The terminal stops echoing before anybody is asked: who types at once must not see it either.
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  process.stderr.write(prompt);
  try {
    return await new Promise<string | undefined>((resolve) => {
      terminal.once('line', resolve);
      terminal.once('SIGINT', () => resolve(undefined));
      terminal.once('close', () => resolve(undefined));
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
