/**
 * pnpm bench:throttle: how well the Exchange client keeps to what Exchange bears, over real sockets against the fake with
 * stock budgets (27 calls at a time per mailbox). One mailbox is given far more work than that; the limit is lowered to 10
 * and to 4 while it runs; pauses are announced to others. Counted is what the server saw. Prints each goal with what was
 * measured and fails when one is missed. Facts: exchange.md §1.7, goals.md G6.
 */
import { mailboxAddress } from '../../packages/calendar-model/src/index.ts';
import { createEwsSource, isEwsError } from '../../packages/ews-client/src/index.ts';
import type { Budgets } from '../../packages/fakes/src/index.ts';
import type { ResolvedMailbox } from '../../packages/sync-core/src/index.ts';
import { MAILBOXES, Server } from './throttle-server.ts';

const SERVICE_MS = 100;
const WORKERS = 80;
const WARM_UP_MS = 15_000;
const SETTLE_MS = 10_000;
const MEASURE_MS = 25_000;
const CAPS = [27, 10, 4] as const;

interface Line {
  readonly goal: string;
  readonly measured: string;
  readonly limit: string;
  readonly passed: boolean;
}

const lines: Line[] = [];
const { signal } = new AbortController();

function line(goal: string, measured: number, unit: string, limit: string, passed: boolean): void {
  lines.push({ goal, measured: `${Number(measured.toPrecision(3))} ${unit}`.trim(), limit, passed });
}

interface Stage extends AsyncDisposable {
  readonly server: Server;
  readonly mailboxes: readonly ResolvedMailbox[];
  /** One small call: the mailbox's own name is looked up. */
  ask(mailbox: ResolvedMailbox): Promise<unknown>;
}

/** The fake with these budgets and a source with nothing but defaults. */
async function openStage(budgets: Budgets): Promise<Stage> {
  const server = await Server.start();
  const source = createEwsSource({
    name: 'bench',
    endpoint: { scheme: 'http', host: '127.0.0.1', port: server.port },
    credentials: [{ login: 'svc@example.test', password: () => 'Passw0rd!' }],
  });
  const mailboxes: ResolvedMailbox[] = [];
  for (let n = 1; n <= MAILBOXES; n++) {
    mailboxes.push(await source.resolve(mailboxAddress(`user${n}@example.test`), signal));
  }
  await server.seen(budgets);
  return {
    server,
    mailboxes,
    ask: (mailbox) => source.resolveNames(mailbox, mailbox.address, signal),
    async [Symbol.asyncDispose]() {
      await source.close();
      server.stop();
    },
  };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls without end by many workers until told to stop; what is refused for long is only waited for. */
class Load {
  done = 0;
  #running = true;
  readonly #workers: Promise<void>[];

  constructor(workers: number, call: () => Promise<unknown>) {
    this.#workers = Array.from({ length: workers }, () => this.#work(call));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#workers);
  }

  async #work(call: () => Promise<unknown>): Promise<void> {
    while (this.#running) {
      try {
        await call();
        this.done++;
      } catch (error) {
        if (!isEwsError(error) || error.kind !== 'throttled') throw error;
        await after(Math.min(error.retryAfterMs ?? 1_000, 1_000));
      }
    }
  }
}

/** Seconds until the calls of one second first come to nine tenths of what the server bears. */
async function secondsToConverge(server: Server, load: Load, cap: number): Promise<number> {
  const start = performance.now();
  const history: { readonly at: number; readonly done: number }[] = [{ at: start, done: load.done }];
  let converged: number | undefined;
  while (performance.now() - start < SETTLE_MS) {
    await after(100);
    const now = { at: performance.now(), done: load.done };
    history.push(now);
    const past = history.findLast(({ at }) => now.at - at >= 1_000);
    if (past === undefined || converged !== undefined) continue;
    const possible = (cap * (now.at - past.at)) / (await server.seen()).pace;
    if (now.done - past.done >= 0.9 * possible && now.done - past.done <= 1.1 * possible) converged = now.at - start;
  }
  return (converged ?? Number.POSITIVE_INFINITY) / 1000;
}

async function fallingLimit(): Promise<void> {
  const budgets = (cap: number): Budgets => ({ maxConcurrency: cap, serviceTimeMs: SERVICE_MS });
  await using stage = await openStage(budgets(CAPS[0]));
  const { server } = stage;
  const [hot] = stage.mailboxes as [ResolvedMailbox];
  const load = new Load(WORKERS, () => stage.ask(hot));
  await after(WARM_UP_MS);
  for (const cap of CAPS) {
    if (cap !== CAPS[0]) {
      await server.seen(budgets(cap));
      const seconds = await secondsToConverge(server, load, cap);
      line(`limit falls to ${cap}: converged after`, seconds, 's', '≤ 10', seconds <= 10);
    }
    const before = await server.seen();
    const { done } = load;
    const start = performance.now();
    await after(MEASURE_MS);
    const [ended, doneMeanwhile] = [performance.now(), load.done - done];
    const seen = await server.seen();
    const goodput = (100 * doneMeanwhile) / ((cap * (ended - start)) / seen.pace);
    line(`limit ${cap}: goodput`, goodput, '%', '≥ 90', goodput >= 90);
    const refused = (100 * (seen.refused - before.refused)) / doneMeanwhile;
    line(`limit ${cap}: refused`, refused, '%', '≤ 0.5', refused <= 0.5);
  }
  const refused = (100 * (await server.seen()).refused) / load.done;
  line('refused in the whole run, the falls included', refused, '%', '≤ 0.5', refused <= 0.5);
  await load.stop();
}

async function announcedPauses(): Promise<void> {
  await using stage = await openStage({ requestsPerMinute: 60, backOffMs: 2_000, serviceTimeMs: 5 });
  const { server, mailboxes } = stage;
  const loads = mailboxes.map((mailbox) => new Load(4, () => stage.ask(mailbox)));
  await after(10_000);
  await Promise.all(loads.map((load) => load.stop()));
  const { backOffsAnnounced, backOffViolations } = await server.seen();
  line('pauses announced', backOffsAnnounced, '', '≥ 10', backOffsAnnounced >= 10);
  line('requests inside an announced pause', backOffViolations, '', '0', backOffViolations === 0);
}

async function neighbours(): Promise<void> {
  await using stage = await openStage({ maxConcurrency: 27, serviceTimeMs: SERVICE_MS });
  const { mailboxes } = stage;
  const [hot, ...others] = mailboxes as [ResolvedMailbox, ...ResolvedMailbox[]];
  const slowest = async (): Promise<number> => {
    const times: number[] = [];
    const asking = others.map(async (mailbox) => {
      for (let i = 0; i < 25; i++) {
        const start = performance.now();
        await stage.ask(mailbox);
        times.push(performance.now() - start);
        await after(100);
      }
    });
    await Promise.all(asking);
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  };
  await slowest();
  const alone = await slowest();
  const load = new Load(WORKERS, () => stage.ask(hot));
  await after(WARM_UP_MS);
  const beside = await slowest();
  await load.stop();
  line('p99 of other mailboxes beside a greedy one', beside / alone, '×', '≤ 1.5', beside / alone <= 1.5);
}

await fallingLimit();
await announcedPauses();
await neighbours();
console.table(lines);
process.exitCode = lines.every(({ passed }) => passed) ? 0 : 1;
