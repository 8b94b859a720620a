/** Issue 8, point 5: doctor is content with a healthy set-up, and names each planted fault and not another. */
import { chmodSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { makeCertificate } from '@calendar-connector/fakes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkTimeZones } from '../src/doctor/check-timezones.ts';
import { CHECKS } from '../src/doctor/checks.ts';
import type { DoctorContext } from '../src/doctor/context.ts';
import { freePort, type Office, type OfficeOptions, openOffice } from './support/installation.ts';
import type { Given } from './support/recorded-io.ts';

interface Report {
  readonly exitCode: number;
  readonly checks: readonly {
    readonly id: string;
    readonly verdict: 'ok' | 'warn' | 'fail' | 'skip';
    readonly findings: readonly { readonly verdict: string; readonly cause: string; readonly fix?: string }[];
  }[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function registered(options: OfficeOptions = {}): Promise<Office> {
  const office = await openOffice(options);
  const said = await office.command(['--register', 'STND-0000-0000-0001']);
  if (said.code !== 0) throw new Error(said.err);
  return office;
}

async function examine(office: Office, argv: readonly string[] = [], given: Given = {}): Promise<Report> {
  const { code, out } = await office.command(['doctor', '--json', ...argv], given);
  const report = JSON.parse(out) as Report;
  expect(report.exitCode).toBe(code);
  return report;
}

function troubles({ checks }: Report): Record<string, string> {
  return Object.fromEntries(
    checks.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail').map(({ id, verdict }) => [id, verdict]),
  );
}

function causeOf({ checks }: Report, id: string): string {
  const findings = checks.find((check) => check.id === id)?.findings ?? [];
  return findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ cause, fix }) => `${cause} → ${fix}`)
    .join('\n');
}

async function answering(status: number, headers: Record<string, string> = {}, text = ''): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * A way to the Exchange of the office on which its answers say they come from another version. Each connection goes on in
 * one of its own: a log-in by NTLM belongs to it.
 */
async function exchangeOfVersion(office: Office, minor: number): Promise<number> {
  const target = new URL(office.exchange.url);
  const roads = new WeakMap<Socket, Agent>();
  const roadOf = (near: Socket): Agent => {
    const road = roads.get(near) ?? new Agent({ keepAlive: true, maxSockets: 1 });
    if (!roads.has(near)) near.once('close', () => road.destroy());
    roads.set(near, road);
    return road;
  };
  const server = createServer((asked, answer) => {
    const { method, url, headers, socket } = asked;
    const on = { host: target.hostname, port: target.port, agent: roadOf(socket) };
    const sent = request({ ...on, method, path: url, headers }, (response) => {
      const { 'content-length': _length, ...rest } = response.headers;
      answer.writeHead(response.statusCode ?? 500, rest);
      response.setEncoding('utf8');
      response.on('data', (text: string) =>
        answer.write(text.replace(/MinorVersion="\d+"/, `MinorVersion="${minor}"`)),
      );
      response.on('end', () => answer.end());
    });
    answer.on('close', () => sent.destroy());
    sent.on('error', () => answer.destroy());
    asked.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function findingOf({ checks }: Report, id: string): string | undefined {
  return checks.find((check) => check.id === id)?.findings[0]?.cause;
}

function provider(office: Office, change: object) {
  office.configure({ ...office.config, calendarProviders: [{ ...office.config.calendarProviders[0], ...change }] });
}

function trueConf(office: Office, change: object) {
  office.configure({ ...office.config, trueConfServers: [{ ...office.config.trueConfServers[0], ...change }] });
}

describe('doctor on a healthy set-up', () => {
  it('runs all twenty checks, finds nothing, and ends with 0', async () => {
    const report = await examine(await registered());
    expect(troubles(report)).toEqual({});
    expect(report.exitCode).toBe(0);
    expect(report.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
    expect(report.checks).toHaveLength(20);
    expect(report.checks.filter(({ verdict }) => verdict === 'skip')).toEqual([]);
  });

  it('names the version of Exchange, which each answer to a login tells', async () => {
    const office = await registered();
    expect(findingOf(await examine(office), 'version')).toBe('15.2.1544.4 (Exchange 2019 / SE)');
    provider(office, { port: await exchangeOfVersion(office, 1) });
    expect(findingOf(await examine(office), 'version')).toBe('15.1.1544.4 (Exchange 2016)');
  });

  it('is content with servers of an authority named in caFile', async () => {
    const tls = makeCertificate();
    const office = await registered({ exchange: { tls } });
    const { writeFileSync } = await import('node:fs');
    const caFile = `${office.root}/ca.pem`;
    writeFileSync(caFile, tls.cert);
    office.configure({
      ...office.config,
      calendarProviders: [{ ...office.config.calendarProviders[0], caFile }],
    });
    expect(troubles(await examine(office))).toEqual({});
  });

  it('with --write makes a test event, measures its notification and removes it', async () => {
    const office = await registered();
    const report = await examine(office, ['--write']);
    const streaming = report.checks.find(({ id }) => id === 'streaming');
    expect(streaming?.findings[0]?.cause).toMatch(/^a test event was noticed after \d+ ms and removed$/);
    const items = office.exchange.world.findMailbox('user1@example.test');
    expect(office.exchange.counters.snapshot().byOperation).toMatchObject({ CreateItem: 1, DeleteItem: 1 });
    expect(items).toBeDefined();
  });

  it('without --write changes nothing anywhere', async () => {
    const office = await registered();
    await examine(office);
    const operations = Object.keys(office.exchange.counters.snapshot().byOperation);
    expect(operations.filter((name) => /Create|Update|Delete|Send|Move/.test(name))).toEqual([]);
    expect(
      office.trueconf.journal.list().filter(({ method, operation }) => method !== 'GET' && operation !== 'token'),
    ).toEqual([]);
  });

  it('misses no folder for log files while the journal keeps the log', async () => {
    const office = await registered();
    rmSync(office.paths.logs, { recursive: true });
    expect(troubles(await examine(office))).toEqual({});
  });

  it('takes the ports that the running service holds for what they are', async () => {
    const office = await registered();
    const port = await answering(200, {}, 'ok: LIVE 2/2\n');
    office.configure({ ...office.config, wsPort: await answering(200), http: { port } });
    expect(troubles(await examine(office))).toEqual({});
  });

  it('refuses an --outside that is listed', async () => {
    const office = await openOffice();
    const said = await office.command(['doctor', '--outside', 'User1@example.test']);
    expect(said).toMatchObject({ code: 64, out: '', err: expect.stringContaining('--outside takes a mailbox') });
  });

  it('refuses a --mailbox that no provider lists', async () => {
    const office = await openOffice();
    const said = await office.command(['doctor', '--mailbox', 'user4@example.test']);
    expect(said).toMatchObject({ code: 64, out: '', err: expect.stringContaining('user4@example.test is in no') });
  });

  it('prints cause and cure for people, in Russian too', async () => {
    const office = await registered();
    office.exchange.faults.add({ kind: 'impersonationDenied' });
    const { code, out } = await office.command(['doctor'], { env: { LANG: 'ru_RU.UTF-8' } });
    expect(code).toBe(2);
    expect(out).toMatch(/^fail 11 Право открывать ящики/m);
    expect(out).toMatch(/что делать: назначьте роль/);
    expect(out).not.toMatch(/Passw0rd|dGNf/);
  });
});

interface Case {
  readonly fault: string;
  readonly check: string;
  readonly verdict: 'warn' | 'fail';
  readonly says: RegExp;
  /** may give what the command is called with */
  readonly plant: (office: Office) => unknown;
  readonly argv?: readonly string[];
  readonly options?: OfficeOptions;
}

const CASES: readonly Case[] = [
  {
    fault: 'a wrong config.json',
    check: 'config',
    verdict: 'fail',
    says: /found/,
    plant: (office) => office.configure({ ...office.config, wsPort: 'x' }),
  },
  {
    fault: 'a key file others can read',
    check: 'config',
    verdict: 'fail',
    says: /chmod 600|mode/,
    plant: (office) => chmodSync(office.paths.secretKey, 0o644),
  },
  {
    fault: 'a name nobody knows',
    check: 'dns',
    verdict: 'fail',
    says: /cannot be resolved/,
    plant: (office) => trueConf(office, { url: 'https://server.invalid' }),
  },
  {
    fault: 'a port nobody listens on',
    check: 'tcp',
    verdict: 'fail',
    says: /ECONNREFUSED/,
    plant: async (office) => provider(office, { port: await freePort() }),
  },
  {
    fault: 'a certificate of an unknown authority',
    check: 'tls',
    verdict: 'fail',
    says: /not trusted.*caFile/,
    options: { exchange: { tls: makeCertificate() } },
    plant: () => {},
  },
  {
    fault: 'an expired certificate',
    check: 'tls',
    verdict: 'fail',
    says: /expired on/,
    options: { exchange: { tls: makeCertificate({ notBefore: Date.now() - 2 * DAY, notAfter: Date.now() - DAY }) } },
    plant: () => {},
  },
  {
    fault: 'a clock that is far from those of the servers',
    check: 'clock',
    verdict: 'fail',
    says: /NTP/,
    plant: () => ({ now: Date.now() + 2 * HOUR }),
  },
  {
    fault: 'a proxy variable',
    check: 'proxy',
    verdict: 'warn',
    says: /connects directly/,
    plant: () => ({ env: { HTTPS_PROXY: 'http://proxy.example.test:3128' } }),
  },
  {
    fault: 'an Exchange that is not supported any more',
    check: 'version',
    verdict: 'warn',
    says: /15\.0\.1544\.4 is Exchange 2013.*upgrade/,
    plant: async (office) => provider(office, { port: await exchangeOfVersion(office, 0) }),
  },
  {
    fault: 'another program at the path of EWS',
    check: 'ews',
    verdict: 'fail',
    says: /404.*path/,
    plant: async (office) => provider(office, { port: await answering(404) }),
  },
  {
    fault: 'an Exchange that fails',
    check: 'ews',
    verdict: 'fail',
    says: /503.*event log/,
    plant: async (office) => provider(office, { port: await answering(503) }),
  },
  {
    fault: 'a login scheme that is not offered',
    check: 'ews',
    verdict: 'fail',
    says: /offers basic.*ntlm/,
    plant: async (office) =>
      provider(office, { auth: 'ntlm', port: await answering(401, { 'www-authenticate': 'Basic realm="x"' }) }),
  },
  {
    fault: 'a wrong password',
    check: 'auth',
    verdict: 'fail',
    says: /refused.*--hash_pass/,
    plant: (office) =>
      provider(office, { credentials: [{ login: 'svc@example.test', password: office.seal('wrong') }] }),
  },
  {
    fault: 'a mailbox that does not exist',
    check: 'autodiscover',
    verdict: 'fail',
    says: /no such mailbox/,
    plant: (office) => provider(office, { users: ['user1@example.test', 'nobody@example.test'] }),
  },
  {
    fault: 'no right to impersonate',
    check: 'impersonation',
    verdict: 'fail',
    says: /New-ManagementRoleAssignment/,
    plant: (office) => void office.exchange.faults.add({ kind: 'impersonationDenied' }),
  },
  {
    fault: 'a right that reaches beyond the list',
    check: 'scope',
    verdict: 'warn',
    says: /New-ManagementScope/,
    argv: ['--outside', 'user4@example.test'],
    plant: () => {},
  },
  {
    fault: 'a calendar that cannot be read',
    check: 'calendar',
    verdict: 'fail',
    says: /cannot be read/,
    plant: (office) =>
      void office.exchange.faults.add({ kind: 'responseError', operation: 'FindItem', code: 'ErrorAccessDenied' }),
  },
  {
    fault: 'streams that do not open',
    check: 'streaming',
    verdict: 'fail',
    says: /proxies and load balancers/,
    plant: (office) =>
      void office.exchange.faults.add({
        kind: 'responseError',
        operation: 'Subscribe',
        code: 'ErrorInternalServerError',
      }),
  },
  {
    fault: 'a policy that is too tight',
    check: 'throttling',
    verdict: 'warn',
    says: /EwsMaxConcurrency/,
    plant: (office) => void office.exchange.faults.add({ kind: 'busyFault', operation: 'FindItem', skip: 2 }),
  },
  {
    fault: 'a database that is no PostgreSQL',
    check: 'database',
    verdict: 'fail',
    says: /dbConnectionConfig/,
    plant: async (office) => {
      const server = createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      const port = await freePort();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const password = office.seal('x');
      office.configure({
        ...office.config,
        dbConnectionConfig: { host: '127.0.0.1', port, user: 'bridge', password, database: 'calendar' },
      });
    },
  },
  {
    fault: 'a wrong client secret',
    check: 'trueconf',
    verdict: 'fail',
    says: /clientSecret is refused/,
    plant: (office) => trueConf(office, { clientSecret: office.seal('wrong') }),
  },
  {
    fault: 'a TrueConf Server that is another one',
    check: 'trueconf',
    verdict: 'warn',
    says: /calls itself/,
    options: { harness: { serverId: 'other.example.test#vcs' } },
    plant: () => {},
  },
  {
    fault: 'no licence',
    check: 'registration',
    verdict: 'fail',
    says: /--register/,
    plant: (office) => rmSync(`${office.paths.data}/licence.json`),
  },
  {
    fault: 'a port another program holds',
    check: 'service',
    verdict: 'fail',
    says: /another program/,
    plant: async (office) => {
      const server = createTcpServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.listen(Number(office.config.wsPort), '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
    },
  },
  {
    fault: 'a folder for log files that is missing',
    check: 'service',
    verdict: 'warn',
    says: /cannot be written.*install -d -o trueconf-calendar .*var\/log\/calendar$/,
    plant: (office) => {
      office.configure({ ...office.config, log: { to: 'file' } });
      rmSync(office.paths.logs, { recursive: true });
    },
  },
  {
    fault: 'a port for pages that another program holds',
    check: 'service',
    verdict: 'fail',
    says: /another program.*change http\.port/,
    plant: async (office) => office.configure({ ...office.config, http: { port: await answering(404) } }),
  },
  {
    fault: 'an outsider that does not exist and so proves nothing',
    check: 'scope',
    verdict: 'warn',
    says: /knows no mailbox nobody@example\.test/,
    argv: ['--outside', 'nobody@example.test'],
    plant: () => {},
  },
  {
    fault: 'a key of the installation that others can read, with its own cure',
    check: 'registration',
    verdict: 'fail',
    says: /has mode 0644: other users can reach it\. → Run: chmod 600 \S+$/,
    plant: (office) => chmodSync(`${office.paths.data}/installation.json`, 0o644),
  },
];

describe('doctor with one planted fault', () => {
  it.each(CASES)(
    'names $fault in the check $check and in no other',
    async ({ check, verdict, says, plant, argv, options }) => {
      const office = await registered(options);
      const given = ((await plant(office)) ?? {}) as Given;
      const report = await examine(office, argv ?? [], given);
      expect(troubles(report)).toEqual({ [check]: verdict });
      expect(causeOf(report, check)).toMatch(says);
      expect(report.exitCode).toBe(verdict === 'fail' ? 2 : 1);
    },
    20_000,
  );

  it('names time-zone rules of long ago', async () => {
    const later = { call: { io: { now: () => Date.now() + 6 * 365 * DAY } } } as unknown as DoctorContext;
    const [finding] = await checkTimeZones.run(later);
    expect(finding).toMatchObject({ verdict: 'warn', fix: { en: 'install a newer version of the connector' } });
  });

  it('tries a wrong password once only, however many mailboxes there are', async () => {
    const office = await registered({ exchange: { auth: { lockoutThreshold: 3 } } });
    const credentials = [{ login: 'svc@example.test', password: office.seal('wrong') }];
    provider(office, { credentials, users: ['user1@example.test', 'user2@example.test', 'user3@example.test'] });
    const report = await examine(office);
    expect(troubles(report)).toEqual({ auth: 'fail' });
    provider(office, {});
    expect(troubles(await examine(office))).toEqual({});
  });
});
