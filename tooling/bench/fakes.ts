/**
 * How fast the fake Exchange answers, so that it is never the bottleneck of a measurement: 10,000 mailboxes of 200 items from a
 * seed, at least 3,000 SyncFolderItems and GetItem calls a second, within 1 GB. The server runs in a process of
 * its own; the client is as thin as HTTP allows. Both share the machine, so the server alone does better than the figure.
 * Run: node --conditions=@tcc/source tooling/bench/fakes.ts
 */
import { fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { ExchangeWorld, startFakeExchange } from '@calendar-connector/fakes';
import { Pool } from 'undici';

const MAILBOXES = 10_000;
const ITEMS = 200;
const CONNECTIONS = 24;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 6);
const GOAL = 3000;
const GOAL_RSS_MB = 1024;
const AUTHORIZATION = `Basic ${Buffer.from('svc@example.test:Passw0rd!').toString('base64')}`;

interface Served {
  readonly url: string;
}

interface Memory {
  readonly rssMb: number;
  readonly cpuMs: number;
}

async function serve(): Promise<void> {
  const world = new ExchangeWorld({ mailboxes: MAILBOXES, itemsPerMailbox: ITEMS, seed: 7 });
  const exchange = await startFakeExchange({ world, journalSize: 0 });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ rssMb: process.memoryUsage.rss() / 2 ** 20, cpuMs: (user + system) / 1000 } satisfies Memory);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url: exchange.url } satisfies Served);
}

function envelope(mailbox: number, body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Header><t:RequestServerVersion Version="Exchange2016"/><t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>user${mailbox}@example.test</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

const sync = (state: string, max: number): string =>
  `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;

const getItems = (ids: readonly string[]): string =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>${ids.map((id) => `<t:ItemId Id="${id}"/>`).join('')}</m:ItemIds></m:GetItem>`;

class Client {
  readonly #pool: Pool;
  bytes = 0;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS });
  }

  async post(mailbox: number, body: string): Promise<string> {
    const { statusCode, body: answer } = await this.#pool.request({
      path: '/EWS/Exchange.asmx',
      method: 'POST',
      headers: { authorization: AUTHORIZATION, 'content-type': 'text/xml; charset=utf-8' },
      body: envelope(mailbox, body),
    });
    const text = await answer.text();
    this.bytes += text.length;
    if (statusCode !== 200 || !text.includes('NoError')) throw new Error(`${statusCode}: ${text.slice(0, 400)}`);
    return text;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

interface Figures {
  readonly name: string;
  readonly callsPerSecond: number;
  readonly callsPerServerCpuSecond: number;
  readonly mbPerSecond: number;
}

async function measure(
  name: string,
  client: Client,
  memory: () => Promise<Memory>,
  work: (turn: number) => Promise<unknown>,
): Promise<Figures> {
  let turn = 0;
  const until = (end: number) => async (): Promise<void> => {
    while (performance.now() < end) await work(turn++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, until(performance.now() + 1000)));
  const before = await memory();
  const [calls, bytes, start] = [turn, client.bytes, performance.now()];
  await Promise.all(Array.from({ length: CONNECTIONS }, until(start + SECONDS * 1000)));
  const seconds = (performance.now() - start) / 1000;
  const after = await memory();
  const made = turn - calls;
  return {
    name,
    callsPerSecond: Math.round(made / seconds),
    callsPerServerCpuSecond: Math.round((made / (after.cpuMs - before.cpuMs)) * 1000),
    mbPerSecond: Math.round((client.bytes - bytes) / seconds / 1e5) / 10,
  };
}

async function main(): Promise<void> {
  const child = fork(import.meta.filename, ['serve'], { execArgv: ['--conditions=@tcc/source'] });
  const message = <T>(): Promise<T> => new Promise((resolve) => child.once('message', (value) => resolve(value as T)));
  const { url } = await message<Served>();
  const memory = (): Promise<Memory> => {
    const answer = message<Memory>();
    child.send('memory');
    return answer;
  };
  const client = new Client(url);
  const mailboxOf = (turn: number): number => 1 + ((turn * 7919) % MAILBOXES);
  const states = new Map<number, string>();
  const ids = new Map<number, string[]>();
  for (let turn = 0; turn < 500; turn += 1) {
    const mailbox = mailboxOf(turn);
    const text = await client.post(mailbox, sync('', 512));
    states.set(mailbox, /<m:SyncState>([^<]+)/.exec(text)?.[1] ?? '');
    ids.set(
      mailbox,
      [...text.matchAll(/<t:ItemId Id="([^"]+)"/g)].map((match) => match[1] ?? ''),
    );
  }
  const known = [...ids.keys()];
  const pick = (turn: number): number => known[turn % known.length] ?? 1;
  const page = (turn: number, size: number): string[] =>
    (ids.get(pick(turn)) ?? []).slice((turn * 3) % 100, ((turn * 3) % 100) + size);
  const figures = [
    await measure('SyncFolderItems, nothing new', client, memory, (turn) =>
      client.post(pick(turn), sync(states.get(pick(turn)) ?? '', 512)),
    ),
    await measure('GetItem, one item, all properties', client, memory, (turn) =>
      client.post(pick(turn), getItems(page(turn, 1))),
    ),
    await measure('both in turn', client, memory, (turn) =>
      client.post(pick(turn), turn % 2 === 0 ? sync(states.get(pick(turn)) ?? '', 512) : getItems(page(turn, 1))),
    ),
    await measure('GetItem, ten items, all properties', client, memory, (turn) =>
      client.post(pick(turn), getItems(page(turn, 10))),
    ),
    await measure('SyncFolderItems, 200 ids of a fresh mailbox', client, memory, (turn) =>
      client.post(mailboxOf(turn), sync('', 512)),
    ),
  ];
  for (let mailbox = 1; mailbox <= MAILBOXES; mailbox += CONNECTIONS) {
    await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, offset) =>
        client.post(Math.min(MAILBOXES, mailbox + offset), sync('', 512)),
      ),
    );
  }
  const { rssMb } = await memory();
  console.table(figures);
  const both = figures[2]?.callsPerSecond ?? 0;
  console.log(
    `server memory after every mailbox was synchronised: ${Math.round(rssMb)} MB (goal: at most ${GOAL_RSS_MB})`,
  );
  console.log(
    `SyncFolderItems and GetItem in turn: ${both} calls/s with client on the same machine (goal: at least ${GOAL})`,
  );
  await client.close();
  child.disconnect();
  process.exitCode = rssMb <= GOAL_RSS_MB ? 0 : 1;
}

if (process.argv[2] === 'serve') await serve();
else await main();
