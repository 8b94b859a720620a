/**
 * Part of `pnpm bench:throttle`: the fake in a process of its own, as Exchange is another machine, so that its work is not
 * taken for the client's. Run as a program it is that process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Budgets, ExchangeWorld, type FakeExchange, startFakeExchange } from '../../packages/fakes/src/index.ts';

export const MAILBOXES = 10;

/** What the server says of itself when asked. */
export interface Seen {
  /** calls refused as too many */
  readonly refused: number;
  readonly backOffsAnnounced: number;
  readonly backOffViolations: number;
  /** milliseconds a call keeps its place at the server: what it pretends to work, and what it really does */
  readonly pace: number;
}

/** In the server's process: sets budgets as told, and answers each message with what it has seen. */
async function serve(): Promise<void> {
  const world = new ExchangeWorld({ mailboxes: MAILBOXES, itemsPerMailbox: 1 });
  const fake = await startFakeExchange({ world, journalSize: 20_000, validate: false });
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ budgets }: { readonly budgets?: Budgets }) => {
    if (budgets) fake.setBudgets(budgets);
    process.send?.(seenBy(fake));
  });
  process.send?.({ port: fake.port });
}

function seenBy(fake: FakeExchange): Seen {
  const { byCode, backOffsAnnounced, backOffViolations } = fake.counters.snapshot();
  const refused = (byCode['ErrorExceededConnectionCount'] ?? 0) + (byCode['ErrorServerBusy'] ?? 0);
  const times = fake.journal
    .list({ operation: 'ResolveNames' })
    .flatMap(({ status, durationMs }) => (status === 200 ? [durationMs] : []));
  const latest = times.slice(-200);
  return {
    refused,
    backOffsAnnounced,
    backOffViolations,
    pace: latest.reduce((sum, ms) => sum + ms, 0) / latest.length,
  };
}

/** The server's process, talked to one question at a time. */
export class Server {
  readonly port: number;
  readonly #child: ChildProcess;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<Server> {
    const child = fork(fileURLToPath(import.meta.url), [], { execArgv: ['--conditions=@tcc/source'] });
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    return new Server(child, port);
  }

  seen(budgets?: Budgets): Promise<Seen> {
    const answer = this.#turn.then(async () => {
      const told = once(this.#child, 'message') as Promise<[Seen]>;
      this.#child.send({ ...(budgets && { budgets }) });
      return (await told)[0];
    });
    this.#turn = answer;
    return answer;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
