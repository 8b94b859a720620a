/** status, mailbox, trace, explain against an HTTP server that answers as the contract (§6) says the daemon does. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, type Installation, newInstallation } from './support/installation.ts';
import { command } from './support/recorded-io.ts';

type Answer = { readonly status?: number; readonly body: unknown };

interface Service {
  readonly installation: Installation;
  readonly seen: string[];
}

const CONFIG = {
  productWhitelist: { tcs: [] },
  calendarProviders: [
    {
      host: 'exchange.example.test',
      path: '/EWS/Exchange.asmx',
      autodiscoverPath: '/autodiscover/autodiscover.svc',
      port: 443,
      type: 'ews',
      credentials: [{ login: 'svc', password: 'plain' }],
      users: ['user1@example.test'],
    },
  ],
};

async function openService(routes: Readonly<Record<string, Answer>>, http: object = {}): Promise<Service> {
  const seen: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    const answer = routes[`${request.method} ${request.url}`] ?? { status: 404, body: { error: { code: 'notFound' } } };
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const installation = newInstallation();
  installation.configure({ ...CONFIG, http: { port: (server.address() as AddressInfo).port, ...http } });
  return { installation, seen };
}

const SINCE = Date.UTC(2030, 0, 31, 10);
const MAILBOXES = {
  mailboxes: [
    { address: 'user1@example.test', state: 'live', since: SINCE, liveItems: 12 },
    {
      address: 'user2@example.test',
      status: { state: 'authFailed', since: SINCE, error: { code: 'ErrorAccessDenied' } },
    },
    { address: 'user3@example.test', state: 'suspended', paused: true },
  ],
};

describe('status', () => {
  const STATUS = {
    product: 'TrueConf Calendar Connector',
    version: '1.2.3',
    commit: 'a1b2c3d4e5f6',
    node: 'node-1',
    startedAt: '2030-01-31T10:00:00.000Z',
    uptimeMs: 93_784_000,
    statusLine: 'LIVE 998/1000',
    mailboxes: { held: 1000, states: { authFailed: 2, live: 998 }, streams: { live: 998, down: 2 } },
    queue: {
      lanes: { client: 1, changed: 2, first: 0, sweep: 4 },
      deadJobs: 1,
      jobs: { ready: 3, scheduled: 40, picked: 2, dead: 1 },
    },
    clients: 12,
    database: { kind: 'postgresql', ok: true, detail: 'database 3 ms' },
    providers: [{ name: 'main', host: 'exchange.example.test', port: 443, mailboxes: 1000 }],
    trueConfServers: [{ id: 'a#vcs' }, { id: 'b#vcs' }],
    licence: { edition: 'enterprise', state: 'working', accounts: 1000, until: '2031-01-31T10:00:00.000Z' },
    anomalies: 3,
  };
  const LATENCY = [
    'tcc_change_latency_seconds_bucket{le="0.25"} 98',
    'tcc_change_latency_seconds_bucket{le="0.5"} 120',
    'tcc_change_latency_seconds_bucket{le="+Inf"} 120',
  ].join('\n');
  const RUSSIAN = { env: { LC_ALL: 'ru_RU.UTF-8' } };
  const statusOf = (status: object, metrics = '') =>
    openService({ 'GET /api/v1/status': { body: status }, 'GET /metrics': { body: metrics } });

  it('tells people how the mailboxes are, how late changes are, and what needs them', async () => {
    const { installation } = await statusOf(STATUS, LATENCY);
    const said = await installation.command(['status']);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out.split('\n')).toEqual([
      'TrueConf Calendar Connector 1.2.3 (a1b2c3d4e5f6), node node-1',
      'Running 1 d 2 h, since 2030-01-31 10:00:00Z',
      '',
      'Mailboxes      1,000 on this node',
      '               998  live',
      '                 2  log-in refused (authFailed)',
      'Notifications  arrive for 998, do not arrive for 2',
      'Changes        99 % stored within 0.5 s (120 since the start)',
      'Waiting        7 to be looked at',
      'Jobs           3 ready, 40 for later, 2 running, 1 given up',
      'Clients        12 connected',
      'Exchange       main (exchange.example.test:443), mailboxes: 1,000',
      'TrueConf       a#vcs',
      '               b#vcs',
      'Database       PostgreSQL, answers in 3 ms',
      'Licence        enterprise, in force, accounts: 1,000, until 2031-01-31 10:00:00Z',
      '',
      'Needs attention:',
      '  - log-in refused (authFailed): 2, see tc_calendar mailbox list --state authFailed',
      '  - decisions that wait for you: 3, see tc_calendar anomaly list',
      '  - jobs given up: 1, see tc_calendar job list',
    ]);
  });

  it('speaks Russian to who reads Russian, without a word of English in between', async () => {
    const message = 'Лицензия закончилась 31.01.2030.';
    const { installation } = await statusOf({ ...STATUS, licence: { state: 'stopped', message } }, LATENCY);
    const { out } = await installation.command(['status'], RUSSIAN);
    expect(out.replaceAll('\u00a0', ' ').split('\n')).toEqual([
      'TrueConf Calendar Connector 1.2.3 (a1b2c3d4e5f6), узел node-1',
      'Работает 1 д 2 ч, с 2030-01-31 10:00:00Z',
      '',
      'Ящики        1 000 на этом узле',
      '             998  на связи (live)',
      '               2  вход отклонён (authFailed)',
      'Уведомления  приходят для 998, не приходят для 2',
      'Изменения    99 % сохранены не позднее чем за 0,5 с (с запуска: 120)',
      'Ожидание     ждут проверки: 7',
      'Задания      готовы 3, на будущее 40, выполняются 2, прекращены 1',
      'Клиенты      подключено: 12',
      'Exchange     main (exchange.example.test:443), ящиков: 1 000',
      'TrueConf     a#vcs',
      '             b#vcs',
      'База данных  PostgreSQL, отвечает за 3 мс',
      'Лицензия     работа остановлена',
      '',
      'Требуется внимание:',
      `  - ${message}`,
      '  - вход отклонён (authFailed): 2, см. tc_calendar mailbox list --state authFailed',
      '  - ждут вашего решения: 3, см. tc_calendar anomaly list',
      '  - прекращённых заданий: 1, см. tc_calendar job list',
    ]);
  });

  it('says so when nothing needs a person, and when it does not run from a package', async () => {
    const quiet = {
      ...STATUS,
      commit: 'source',
      mailboxes: { held: 1, states: { live: 1 } },
      queue: { deadJobs: 0 },
      anomalies: 0,
    };
    const { installation } = await statusOf(quiet);
    const { out } = await installation.command(['status']);
    expect(out).toMatch(/^TrueConf Calendar Connector 1\.2\.3 \(run from its source\), node node-1$/m);
    expect(out.split('\n').at(-1)).toBe('Nothing needs attention.');
    expect(out).not.toContain('Changes');
  });

  it('names a database that does not answer, and changes slower than what is measured', async () => {
    const ill = { ...STATUS, database: { kind: 'postgresql', ok: false, detail: 'ECONNREFUSED' } };
    const slow = LATENCY.replace('0.5"} 120', '0.5"} 100');
    const { installation } = await statusOf(ill, slow);
    const { out } = await installation.command(['status']);
    expect(out).toContain('  - the database does not answer: ECONNREFUSED');
    expect(out).toContain('Changes        more than 1 % stored only after more than 0.5 s (120 since the start)');
  });

  it('shows what only a newer service knows, and prints JSON as it came', async () => {
    const newer = { ...STATUS, weather: { wind: 'north' } };
    const { installation, seen } = await statusOf(newer);
    expect((await installation.command(['status'])).out).toContain('weather:\n  wind: north');
    seen.length = 0;
    expect(JSON.parse((await installation.command(['status', '--json'])).out)).toEqual(newer);
    expect(seen).toEqual(['GET /api/v1/status -']);
  });

  it('takes control characters out of foreign texts', async () => {
    const { installation } = await openService({ 'GET /api/v1/status': { body: { error: 'a\u001b[31mred\nline' } } });
    expect((await installation.command(['status'])).out).toContain('error: a [31mred line');
  });

  it('sends the administrator’s token only when one is configured', async () => {
    const open = await openService({ 'GET /api/v1/status': { body: {} } });
    await open.installation.command(['status', '--json']);
    expect(open.seen).toEqual(['GET /api/v1/status -']);
    const closed = await openService({ 'GET /api/v1/status': { body: {} } }, { adminToken: 'T0ken' });
    await closed.installation.command(['status', '--json']);
    expect(closed.seen).toEqual(['GET /api/v1/status Bearer T0ken']);
  });

  it('without a configured one sends the token that the service made, wherever the root was named', async () => {
    const path = '/api/v1/mailboxes/user1%40example.test/pause';
    const { installation, seen } = await openService({ [`POST ${path}`]: { body: { done: true } } });
    writeFileSync(join(installation.paths.data, 'admin.token'), 'made-by-the-service\n');
    const pause = ['mailbox', 'pause', 'user1@example.test'];
    expect((await installation.command(pause)).code).toBe(0);
    expect((await command(['--root', installation.root, ...pause])).code).toBe(0);
    expect(seen).toEqual([`POST ${path} Bearer made-by-the-service`, `POST ${path} Bearer made-by-the-service`]);
  });

  it('finds a service that listens everywhere', async () => {
    const { installation } = await openService(
      { 'GET /api/v1/status': { body: {} } },
      { host: '0.0.0.0', adminToken: 'T' },
    );
    expect((await installation.command(['status'])).code).toBe(0);
  });

  it('ends with 69 when nobody answers, and says how to start the service', async () => {
    const installation = newInstallation();
    const port = await freePort();
    installation.configure({ ...CONFIG, http: { port } });
    for (const argv of [['status'], ['mailbox', 'list'], ['trace', 'X'], ['mailbox', 'pause', 'user1@example.test']]) {
      const said = await installation.command(argv);
      expect(said).toMatchObject({ code: 69, out: '' });
      expect(said.err).toBe(
        `tc_calendar: the service does not answer at 127.0.0.1:${port} (ECONNREFUSED); start it: systemctl start trueconf-calendar, or check http in config.json`,
      );
    }
  });

  it('ends with 69 while the service is starting, in the service’s own words', async () => {
    const message = 'the service is not ready (starting: opening the database); try again in a moment';
    const body = { error: { code: 'notReady', message } };
    const { installation } = await openService({ 'GET /api/v1/status': { status: 503, body } });
    const said = await installation.command(['status']);
    expect(said).toMatchObject({ code: 69, out: '', err: expect.stringContaining(message) });
    const russian = await installation.command(['status'], { env: { LC_ALL: 'ru_RU.UTF-8' } });
    expect(russian.err).toContain('ещё не готова');
  });

  it.each([
    [401, { error: {} }, 'http.adminToken'],
    [500, { error: {} }, 'HTTP 500'],
    [200, '<html>', 'is not this service'],
    [404, {}, 'restart it'],
  ])('explains the answer %i', async (status, body, reason) => {
    const { installation } = await openService({ 'GET /api/v1/status': { status, body } });
    const said = await installation.command(['status']);
    expect(said.code).toBe(1);
    expect(said.err).toContain(reason);
  });

  it('ends with 78 and every error when config.json is wrong', async () => {
    const installation = newInstallation();
    installation.configure({ ...CONFIG, wsPort: 'x' });
    const said = await installation.command(['status']);
    expect(said.code).toBe(78);
    expect(said.err).toMatch(/config\.json:\d+:\d+: error: wsPort: /);
  });
});

describe('mailbox', () => {
  it('list shows one line per mailbox with state, since and error', async () => {
    const { installation } = await openService({ 'GET /api/v1/mailboxes': { body: MAILBOXES } });
    expect((await installation.command(['mailbox', 'list'])).out.split('\n')).toEqual([
      'ADDRESS             STATE       SINCE                 LOOK  ITEMS  ERROR',
      'user1@example.test  live        2030-01-31 10:00:00Z        12',
      'user2@example.test  authFailed  2030-01-31 10:00:00Z               ErrorAccessDenied',
      'user3@example.test  suspended',
    ]);
  });

  it('list and show name their fields in Russian for who reads Russian', async () => {
    const { installation } = await openService({
      'GET /api/v1/mailboxes': { body: MAILBOXES },
      'GET /api/v1/mailboxes/user3%40example.test': { body: MAILBOXES.mailboxes[2] },
    });
    const russian = { env: { LC_ALL: 'ru_RU.UTF-8' } };
    expect((await installation.command(['mailbox', 'list'], russian)).out).toMatch(
      /^АДРЕС +СОСТОЯНИЕ +С КАКОГО ВРЕМЕНИ/,
    );
    const shown = await installation.command(['mailbox', 'show', 'user3@example.test'], russian);
    expect(shown.out.split('\n')).toEqual(['адрес: user3@example.test', 'состояние: suspended', 'приостановлен: да']);
  });

  it('list can be limited to one state, also as JSON', async () => {
    const { installation, seen } = await openService({ 'GET /api/v1/mailboxes': { body: MAILBOXES } });
    const { out } = await installation.command(['mailbox', 'list', '--state', 'authFailed', '--json']);
    expect(JSON.parse(out)).toEqual([MAILBOXES.mailboxes[1]]);
    const unknown = await installation.command(['mailbox', 'list', '--state', 'auth-failed']);
    expect(unknown).toMatchObject({ code: 64, out: '' });
    expect(seen).toHaveLength(1);
    expect(unknown.err).toMatch(/there is no state auth-failed; the states: starting, .*authFailed.*, suspended/);
  });

  it.each([
    ['resync', 'user1@example.test is being read from scratch.'],
    ['pause', 'user1@example.test is paused.'],
    ['resume', 'user1@example.test is followed again.'],
  ])('%s asks the service', async (action, text) => {
    const path = `/api/v1/mailboxes/user1%40example.test/${action}`;
    const { installation, seen } = await openService({ [`POST ${path}`]: { body: { done: true } } });
    expect(await installation.command(['mailbox', action, 'User1@Example.test'])).toMatchObject({ code: 0, out: text });
    expect(seen).toEqual([`POST ${path} -`]);
  });

  it('show prints everything, and says when the service knows no such mailbox', async () => {
    const { installation } = await openService({
      'GET /api/v1/mailboxes/user1%40example.test': { body: MAILBOXES.mailboxes[0] },
    });
    expect((await installation.command(['mailbox', 'show', 'user1@example.test'])).out).toContain('liveItems: 12');
    const said = await installation.command(['mailbox', 'show', 'nobody@example.test']);
    expect(said.code).toBe(1);
    expect(said.err).toContain('knows no mailbox nobody@example.test');
  });
});

describe('trace and explain', () => {
  const entry = {
    at: SINCE,
    stage: 'planned',
    mailbox: 'user1@example.test',
    what: 'R12 update topic',
    outcome: 'done',
    detail: { n: 2 },
  };

  it('trace tells a meeting’s story line by line', async () => {
    const { installation } = await openService({
      'GET /api/v1/meetings/UID%2F1/trace': { body: { timeline: [entry] } },
    });
    expect((await installation.command(['trace', 'UID/1'])).out).toBe(
      '2030-01-31 10:00:00Z  planned    user1@example.test  R12 update topic  → done  n=2',
    );
    expect(JSON.parse((await installation.command(['trace', 'UID/1', '--json'])).out)).toEqual([entry]);
  });

  it('trace says when there is no such meeting', async () => {
    const { installation } = await openService({ 'GET /api/v1/meetings/X/trace': { body: { timeline: [] } } });
    for (const argv of [
      ['trace', 'X'],
      ['trace', 'X', '--json'],
    ]) {
      const said = await installation.command(argv);
      expect(said).toMatchObject({ code: 1, out: '', err: expect.stringContaining('knows no meeting X') });
    }
  });

  it('trace tells a known meeting without a story from an unknown one', async () => {
    const { installation } = await openService({
      'GET /api/v1/meetings/X/trace': { body: { timeline: [] } },
      'GET /api/v1/meetings/X/explain': { body: { why: 'over' } },
    });
    const said = await installation.command(['trace', 'X']);
    expect(said).toMatchObject({ code: 1, out: '', err: expect.stringContaining('why: tc_calendar explain X') });
  });

  it('explain tells instants as people read them', async () => {
    const starts = [{ state: 'scheduled', occurrenceStart: SINCE, isLate: true }];
    const { installation } = await openService({ 'GET /api/v1/meetings/U/explain': { body: { starts } } });
    const { out } = await installation.command(['explain', 'U']);
    expect(out).toContain('scheduled  2030-01-31 10:00:00Z  true');
    const russian = await installation.command(['explain', 'U'], { env: { LC_ALL: 'ru_RU.UTF-8' } });
    expect(russian.out).toMatch(/НАЧАЛО ВСТРЕЧИ +ISLATE\n +scheduled +2030-01-31 10:00:00Z +да/);
  });

  it('explain asks for a meeting or for a mailbox, not for both', async () => {
    const { installation, seen } = await openService({
      'GET /api/v1/meetings/U/explain': { body: { decisions: [{ rule: 'R1', action: 'none' }] } },
      'GET /api/v1/mailboxes/user1%40example.test/explain': { body: { meetings: [] } },
    });
    expect((await installation.command(['explain', 'U'])).out).toContain('R1');
    expect((await installation.command(['explain', '--mailbox', 'user1@example.test'])).code).toBe(0);
    expect((await installation.command(['explain', 'U', '--mailbox', 'x'])).code).toBe(64);
    expect(seen).toHaveLength(2);
  });

  it('explain tells an unknown mailbox from a service that cannot explain one', async () => {
    const { installation } = await openService({ 'GET /api/v1/mailboxes/user1%40example.test': { body: {} } });
    const known = await installation.command(['explain', '--mailbox', 'user1@example.test']);
    expect(known).toMatchObject({ code: 1, err: expect.stringContaining('does not offer explain --mailbox') });
    const unknown = await installation.command(['explain', '--mailbox', 'user9@example.test']);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('knows no mailbox user9@example.test') });
  });
});

describe('anomaly', () => {
  const anomaly = {
    id: 'a-1',
    at: SINCE,
    kind: 'massDisappearance',
    mailbox: 'user1@example.test',
    facts: { live: 40, vanished: 38 },
  };

  it('list shows what waits for a decision, and says when nothing does', async () => {
    const { installation } = await openService({ 'GET /api/v1/anomalies': { body: { anomalies: [anomaly] } } });
    expect((await installation.command(['anomaly', 'list'])).out.split('\n')).toEqual([
      'ID   AT                    KIND               MAILBOX             FACTS',
      'a-1  2030-01-31 10:00:00Z  massDisappearance  user1@example.test  live=40 vanished=38',
    ]);
    expect(JSON.parse((await installation.command(['anomaly', 'list', '--json'])).out)).toEqual([anomaly]);
    const quiet = await openService({ 'GET /api/v1/anomalies': { body: { anomalies: [] } } });
    expect((await quiet.installation.command(['anomaly', 'list'])).out).toBe('Nothing waits for a decision.');
  });

  it.each([
    ['release', 'Anomaly a-1: the events are really gone; their removal is carried out.'],
    ['discard', 'Anomaly a-1: the events stay until the mailbox is next read from scratch.'],
  ])('%s decides it once', async (decision, text) => {
    const route = `POST /api/v1/anomalies/a-1/${decision}`;
    const { installation } = await openService({ [route]: { body: { outcome: 'done' } } });
    expect(await installation.command(['anomaly', decision, 'a-1'])).toMatchObject({ code: 0, out: text });
    const decided = await openService({ [route]: { body: { outcome: 'already' } } });
    expect(await decided.installation.command(['anomaly', decision, 'a-1'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('was decided before'),
    });
    const unknown = await installation.command(['anomaly', decision, 'a-2']);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('there is no anomaly a-2') });
  });
});

describe('job', () => {
  const job = {
    id: '7',
    task: 'plan_meeting',
    meeting: 'uid:X',
    attempts: 25,
    reason: 'forbidden',
    failedAt: new Date(SINCE).toISOString(),
  };

  it('list shows the work given up with its reason, and says when there is none', async () => {
    const { installation } = await openService({ 'GET /api/v1/jobs/dead': { body: { jobs: [job] } } });
    expect((await installation.command(['job', 'list'])).out.split('\n')).toEqual([
      'ID  TASK          FAILED                ATTEMPTS  MEETING  REASON',
      '7   plan_meeting  2030-01-31 10:00:00Z  25        uid:X    forbidden',
    ]);
    expect(JSON.parse((await installation.command(['job', 'list', '--json'])).out)).toEqual([job]);
    const quiet = await openService({ 'GET /api/v1/jobs/dead': { body: { jobs: [] } } });
    expect((await quiet.installation.command(['job', 'list'])).out).toBe('No work was given up.');
  });

  it('retry gives it its attempts again, and refuses one that is not there', async () => {
    const { installation } = await openService({ 'POST /api/v1/jobs/7/retry': { body: { done: true } } });
    expect(await installation.command(['job', 'retry', '7'])).toMatchObject({ code: 0, out: 'Job 7 is tried again.' });
    const unknown = await installation.command(['job', 'retry', '8']);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('no job 8 was given up') });
  });
});
