/**
 * 400 calls with NTLM, four at a time, against the fake Exchange, which checks every log-in. Counted is what the server saw.
 */
import { mailboxAddress } from '../../packages/calendar-model/src/index.ts';
import { createEwsSource } from '../../packages/ews-client/src/index.ts';
import { ExchangeWorld, startFakeExchange } from '../../packages/fakes/src/index.ts';

interface NtlmRun {
  readonly calls: number;
  readonly requests: number;
  readonly connections: number;
}

export async function ntlmRun(calls: number, width: number): Promise<NtlmRun> {
  const world = new ExchangeWorld({ mailboxes: width, itemsPerMailbox: 0 });
  const fake = await startFakeExchange({ world, auth: { basic: false, ntlm: true } });
  const source = createEwsSource({
    name: 'bench',
    endpoint: { scheme: 'http', host: '127.0.0.1', port: fake.port },
    credentials: [{ login: 'svc@example.test', password: () => 'Passw0rd!' }],
    auth: 'ntlm',
    limits: { startConcurrency: width, maxConcurrency: width },
  });
  const { signal } = new AbortController();
  try {
    const addresses = Array.from({ length: width }, (_, i) => mailboxAddress(`user${i + 1}@example.test`));
    const mailboxes = [];
    for (const address of addresses) mailboxes.push(await source.resolve(address, signal));
    const before = fake.counters.snapshot();
    const perMailbox = calls / width;
    await Promise.all(
      mailboxes.map(async (mailbox) => {
        for (let i = 0; i < perMailbox; i++) await source.fetchChanges(mailbox, undefined, signal);
      }),
    );
    const after = fake.counters.snapshot();
    // The log-ins of all connections count, also of those opened while mailboxes were resolved.
    const logIns = after.connections;
    return { calls, requests: after.requests - before.requests + logIns, connections: after.connections };
  } finally {
    await source.close();
    await fake.close();
  }
}
