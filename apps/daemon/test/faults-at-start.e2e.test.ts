/**
 * Issue 2 line 5 and guide chapter 4.2: what an administrator reads when something is wrong. Each fault is one line that
 * says what, why and what to do; reasons not to start have their exit code (contract §1), the others do not end the service.
 * The guide's two phrases appear exactly on their faults (feature D6), A6: not before registration.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, HOUR_MS, inHours, mail, openStage, type Stage, until } from './support/stage.ts';

const NO_SOCKET = 'Cant get free socket from pool';
const NO_CALENDARS = 'failed to getCalendarList';

let stage: Stage;
let good: string;

beforeAll(async () => {
  stage = await openStage({
    mailboxes: 3,
    start: false,
    configure: (config) => Object.assign(config, { sync: { pollSeconds: 5 } }),
  });
  good = readFileSync(configFile(), 'utf8');
});
afterAll(() => stage?.close());

const configFile = (): string => path.join(stage.scene.root, 'etc/calendar/config.json');
const restore = (): void => writeFileSync(configFile(), good);

/** Starts the service with a configuration that cannot work; it must end by itself, saying one line. */
async function startWith(
  change: (config: Config) => void,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const config = JSON.parse(good) as Config;
  change(config);
  writeFileSync(configFile(), JSON.stringify(config, undefined, 2));
  const { code, output } = await stage.scene.command();
  restore();
  return {
    code,
    lines: output
      .trim()
      .split('\n')
      .filter((line) => !line.includes(': warning: ')),
  };
}

function reconfigured(config: Config, change: object, databasePort: number): void {
  Object.assign(config, change);
  Object.assign(config.dbConnectionConfig, { port: databasePort });
}

async function listening(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

describe('reasons not to start', () => {
  test('a port that is taken: 71, with the key, the address and the cure', async () => {
    const { server, port } = await listening();
    const { server: gone, port: closed } = await listening();
    await new Promise((resolve) => gone.close(resolve));
    for (const [key, change] of [
      ['wsPort', (config: Config) => Object.assign(config, { wsPort: port })],
      ['http.port', (config: Config) => Object.assign(config.http, { port })],
      // The ports come first: nobody looked for the database, which is not there either.
      ['wsPort', (config: Config) => reconfigured(config, { wsPort: port }, closed)],
      ['http.port', (config: Config) => reconfigured(config, { http: { ...config.http, port } }, closed)],
    ] as const) {
      const { code, lines } = await startWith(change);
      const said = lines.filter((line) => line.startsWith('tc_calendar: '));
      expect(code, lines.join('\n')).toBe(71);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(
        new RegExp(`${key}.*127\\.0\\.0\\.1:${port}.*another program listens there.*(stop it|choose another port)`),
      );
    }
    server.close();
  });

  test('a database that is down: 69, with its address and the key to check', async () => {
    const { server, port } = await listening();
    await new Promise((resolve) => server.close(resolve));
    const { code, lines } = await startWith((config) => Object.assign(config.dbConnectionConfig, { port }));
    expect(code, lines.join('\n')).toBe(69);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(
        `^tc_calendar: the database cannot be used: .*dbConnectionConfig.*127\\.0\\.0\\.1:${port}.*start again`,
      ),
    );
  });

  test('a database that does not exist: 69, and the line names it', async () => {
    const { code, lines } = await startWith((config) =>
      Object.assign(config.dbConnectionConfig, { database: 'no_such_database' }),
    );
    expect(code).toBe(69);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('no_such_database');
  });

  test('a broken configuration: 78, with file, line, column, key and what is allowed', async () => {
    const { code, lines } = await startWith((config) => Object.assign(config, { wsPort: 'four' }));
    expect(code).toBe(78);
    expect(lines[0]).toMatch(/config\.json:\d+:\d+: error: wsPort: /);
    expect(lines.at(-1)).toMatch(/^tc_calendar: the configuration has 1 error .*correct it and start again/);
    expect(lines).toHaveLength(2);
  });

  test('a configuration that is no JSON, and one that is not there: 78', async () => {
    writeFileSync(configFile(), '{ "wsPort": 4315,, }');
    const broken = await stage.scene.command();
    restore();
    expect(broken.code).toBe(78);
    expect(broken.output).toMatch(/config\.json:1:\d+: error: /);
    renameSync(configFile(), `${configFile()}.away`);
    const absent = await stage.scene.command();
    renameSync(`${configFile()}.away`, configFile());
    expect(absent.code).toBe(78);
    expect(absent.output).toContain(configFile());
  });

  test('A6: not registered: 77, and the line says how to register', async () => {
    const data = path.join(stage.scene.root, 'var/lib/calendar');
    renameSync(data, `${data}.away`);
    mkdirSync(data, { recursive: true });
    const { code, output } = await stage.scene.command();
    renameSync(data, `${data}.fresh`);
    renameSync(`${data}.away`, data);
    expect(code, output).toBe(77);
    const lines = output
      .trim()
      .split('\n')
      .filter((line) => !line.includes(': warning: '));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^tc_calendar: .*--register/);
  });
});

describe('while it is starting', () => {
  test('A7: alive at once, not ready and saying why, commands are told so, and SIGTERM ends it in order', async () => {
    // A database that accepts connections and never says a word.
    const { server, port } = await listening();
    const config = JSON.parse(good) as Config;
    Object.assign(config.dbConnectionConfig, { port });
    writeFileSync(configFile(), JSON.stringify(config));
    const child = stage.scene.processes.start({
      name: 'tc_calendar',
      entry: 'apps/cli/src/main.ts',
      args: ['--root', stage.scene.root],
      onLine: () => {},
    });
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
    const ask = (page: string) => stage.fetchText(page).catch(() => ({ status: 0, text: '' }));
    await until('the database is waited for', async () => (await ask('/livez')).text.includes('opening the database'));
    expect(await ask('/livez')).toEqual({ status: 200, text: 'ok: starting: opening the database\n' });
    expect(await ask('/readyz')).toEqual({ status: 503, text: 'not ok: starting: opening the database\n' });
    const status = await ask('/api/v1/status');
    expect(status.status).toBe(503);
    expect(JSON.parse(status.text).error).toEqual({
      code: 'notReady',
      message: 'the service is not ready (starting: opening the database); try again in a moment',
    });
    const { code, output } = await stage.scene.command('status');
    expect(code).toBe(69);
    expect(output).toContain('the service is not ready (starting: opening the database)');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    server.close();
    restore();
  });
});

describe('faults the service lives with', () => {
  test('chapter 4.2: a wrong Exchange password: said in one line with the guide’s phrase, and mended by a reload', async () => {
    const config = JSON.parse(good) as Config;
    config.calendarProviders[0].credentials[0].password = 'Wr0ng!Passw0rd';
    writeFileSync(configFile(), JSON.stringify(config));
    await stage.start();
    const line = await until('the phrase', () => stage.lines.find((one) => one.includes(NO_SOCKET)));
    expect(JSON.parse(line)).toMatchObject({ level: 'error', kind: 'authFailed' });
    expect(JSON.parse(line).msg).toMatch(/(password|credential|login)/i);
    expect(stage.lines.filter((one) => one.includes(NO_SOCKET))).toHaveLength(1);
    expect(stage.lines.join('\n')).not.toContain('Wr0ng!Passw0rd');
    expect(stage.daemon.child.exitCode).toBeNull();
    // Chapter 4.2's second phrase: a client asks for calendars that cannot be had.
    const client = await stage.login('user1');
    expect((await client.ask({ method: 'getCalendarList' })).error?.code).toBe('providerUnavailable');
    const said = await until('the second phrase', () => stage.lines.find((one) => one.includes(NO_CALENDARS)));
    expect(JSON.parse(said)).toMatchObject({ level: 'error' });
    // No lock-out: one account, few tries.
    const counters = await stage.worlds.counters();
    expect(Number(counters.exchange?.authFailures)).toBeLessThan(12);
    expect(await stage.reload((fresh) => Object.assign(fresh, JSON.parse(good)))).toContain('configuration reloaded');
    await until('calendars', async () => (await client.ask({ method: 'getCalendarList' })).calendars, 20_000, 200);
    expect(await stage.stop()).toBe(0);
  });

  test('chapter 4.2: neither phrase is said while all is well', async () => {
    await stage.start();
    const client = await stage.login('user1');
    await until('calendars', async () => (await client.ask({ method: 'getCalendarList' })).calendars, 20_000, 100);
    const stranger = await stage.connect();
    stranger.send({ method: 'getCalendarList' });
    await stranger.closed;
    expect(stage.lines.join('\n')).not.toContain(NO_SOCKET);
    expect(stage.lines.join('\n')).not.toContain(NO_CALENDARS);
  });

  test('an unreachable TrueConf Server: said in one line; events still reach clients, conferences when it is back', async () => {
    const watcher = await stage.watch('user1');
    const start = inHours(9);
    await stage.worlds.fault({ server: 'trueconf', kind: 'reset' });
    const item = await stage.worlds.meet('user1', {
      subject: 'Meanwhile',
      start,
      end: start + HOUR_MS,
      location: 'https://server.example.test/c/meanwhile',
    });
    expect(await watcher.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000)).toBeDefined();
    const line = await until(
      'the line',
      () => stage.lines.find((one) => /TrueConf Server.*(does not answer|could not be asked)/.test(one)),
      20_000,
    );
    expect(line).toContain('server.example.test#vcs');
    expect(stage.daemon.child.exitCode).toBeNull();
    await stage.worlds.clearFaults();
    await until('the conference', () => stage.worlds.conference('meanwhile'), 30_000, 100);
    watcher.close();
  });

  test('D6: Exchange cut off while running: the phrase is said, mail flows again when it is back', async () => {
    const fault = await stage.worlds.fault({ server: 'exchange', kind: 'reset' });
    await stage.worlds.control.call('POST', '/exchange/cut');
    await until('the phrase', () => stage.lines.some((one) => one.includes(NO_SOCKET)), 30_000);
    expect(await stage.worlds.struck(fault)).toBeGreaterThan(0);
    await stage.worlds.clearFaults();
    const start = inHours(12);
    const item = await stage.worlds.meet('user2', { subject: 'After the cut', start, end: start + HOUR_MS });
    const watcher = await stage.watch('user2');
    expect(await watcher.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 40_000)).toBeDefined();
    expect(mail('user2')).toBe('user2@example.test');
  });
});
