/** From a file to the effective configuration: defaults, normal forms, files read, differences, views. */
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type ConnectorConfig, diffConfig, parseConfig, redact } from '../src/index.ts';
import { type Path, scratchFolder, wholeConfig, withValue } from './sample-files.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const FILE = join(scratch.path, 'config.json');

function configOf(value: unknown): ConnectorConfig {
  const result = parseConfig(JSON.stringify(value), { file: FILE });
  if (!result.ok) throw new Error(result.findings.map((finding) => `${finding.key}: ${finding.message}`).join('\n'));
  return result.config;
}

const SMALLEST = {
  calendarProviders: [
    {
      host: 'exchange.example.test',
      autodiscoverPath: '/autodiscover/autodiscover.svc',
      credentials: [{ login: 'svc', password: 'x' }],
      users: ['User1@Example.Test'],
    },
  ],
};

describe('the smallest configuration', () => {
  const config = configOf(SMALLEST);

  test('gets the documented defaults', () => {
    expect(config).toMatchObject({
      wsPort: 4315,
      wsHost: '0.0.0.0',
      launchConference: true,
      syncConferenceParticipants: true,
      cache: { autoSync: false, backward: 2, forward: 3 },
      registration: { scheme: 'https', host: 'reg.trueconf.com', port: 443 },
      http: { host: '127.0.0.1', port: 4316 },
      privacy: { privateItems: 'masked' },
      access: 'full',
      language: 'ru',
      cancelledPrefix: { ru: 'Отменено: ', en: 'Canceled: ' },
      conferences: { keyword: { enabled: false, word: '@trueconf' }, unknownAttendees: 'skip' },
      mirrorConferences: { enabled: true, mail: 'none' },
    });
    expect(config.calendarProviders[0]).toMatchObject({
      name: 'exchange.example.test',
      type: 'ews',
      scheme: 'https',
      port: 443,
      path: '/EWS/Exchange.asmx',
      auth: 'auto',
    });
  });

  test('means the embedded database, and the host name as name of the instance', () => {
    expect(config.dbConnectionConfig).toBeUndefined();
    expect(config.instance.name).toBe(hostname());
  });

  test('has addresses in their normal form', () => {
    expect(config.calendarProviders[0]?.users).toEqual(['user1@example.test']);
    const whole = configOf(
      withValue(wholeConfig(), ['trueConfServers', 0, 'url'], 'https://Server.example.test:8443/'),
    );
    expect(whole.trueConfServers[0]?.url).toBe('https://Server.example.test:8443');
    const upper = configOf(withValue(wholeConfig(), ['productWhitelist', 'tcs'], ['SERVER.example.test#vcs']));
    expect(upper.productWhitelist.tcs).toEqual(['server.example.test#vcs']);
  });
});

describe('certificate files', () => {
  const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const places: Path[] = [
    ['calendarProviders', 0, 'caFile'],
    ['trueConfServers', 0, 'caFile'],
    ['registration', 'caFile'],
    ['dbConnectionConfig', 'caFile'],
  ];

  test.each(places)('%s is read, from the folder of config.json', (...place) => {
    writeFileSync(join(scratch.path, 'ca.pem'), PEM);
    const path = place.filter((step) => step !== undefined);
    const config = configOf(withValue(wholeConfig(), path, 'ca.pem')) as unknown as Record<string, unknown>;
    const section = path
      .slice(0, -1)
      .reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], config);
    expect(section).toMatchObject({ ca: { path: join(scratch.path, 'ca.pem'), pem: PEM } });
    expect(section).not.toHaveProperty('caFile');
  });

  test.each([
    ['none.pem', `the file ${join(scratch.path, 'none.pem')} does not exist. Correct the path or remove the key`],
    ['.', `the file ${scratch.path} cannot be read (EISDIR). It is a folder: name a file`],
    [
      'empty.pem',
      `the file ${join(scratch.path, 'empty.pem')} holds no certificate (-----BEGIN CERTIFICATE-----). Name a PEM file`,
    ],
  ])('%s is refused with its own sentence', (name, sentence) => {
    writeFileSync(join(scratch.path, 'empty.pem'), '');
    const text = JSON.stringify(withValue(wholeConfig(), ['registration', 'caFile'], name));
    const errors = parseConfig(text, { file: FILE }).findings.filter((finding) => finding.level === 'error');
    expect(errors.map(({ key, message }) => [key, message])).toEqual([['registration.caFile', sentence]]);
  });

  test('a missing issuer key is told as well', () => {
    const text = JSON.stringify(withValue(wholeConfig(), ['registration', 'issuerKeyFile'], 'none.json'));
    expect(parseConfig(text, { file: FILE }).findings).toContainEqual(
      expect.objectContaining({ level: 'error', key: 'registration.issuerKeyFile' }),
    );
  });
});

describe('the redacted view', () => {
  test('shows everything but secrets and the contents of certificates', () => {
    const view = redact(configOf(wholeConfig()));
    expect(view).toMatchObject({
      wsPort: 4315,
      dbConnectionConfig: { user: 'bridge', password: '***' },
      calendarProviders: [{ credentials: [{ login: 'svc@example.test', password: '***' }] }],
      trueConfServers: [{ clientSecret: '***' }],
      http: { adminToken: '***' },
    });
  });
});

describe('the difference of two configurations', () => {
  const before = configOf(wholeConfig());
  const difference = (path: Path, value: unknown) =>
    diffConfig(before, configOf(withValue(wholeConfig(), path, value)));

  test('of equal ones is empty, although their secrets are different objects', () => {
    expect(diffConfig(before, configOf(wholeConfig()))).toEqual({
      changes: [],
      needsRestart: false,
      providers: { added: [], removed: [], changed: [] },
      trueConfServers: { added: [], removed: [], changed: [] },
      mailboxes: { added: [], removed: [] },
    });
  });

  test.each([
    [['launchConference'], false, 'launchConference', 'live'],
    [['cache', 'forward'], 6, 'cache.forward', 'live'],
    [['limits', 'connections'], 5, 'limits.connections', 'live'],
    [['http', 'adminToken'], 'another', 'http.adminToken', 'live'],
    [['http', 'port'], 4400, 'http.port', 'restart'],
    [['wsPort'], 4400, 'wsPort', 'restart'],
    [['dbConnectionConfig', 'password'], 'another', 'dbConnectionConfig.password', 'restart'],
    [['dbConnectionConfig'], undefined, 'dbConnectionConfig', 'restart'],
    [['instance', 'name'], 'node-2', 'instance.name', 'restart'],
    [['log', 'to'], 'file', 'log.to', 'restart'],
    [['log', 'level'], 'debug', 'log.level', 'live'],
    [['conferences', 'keyword', 'enabled'], true, 'conferences.keyword', 'live'],
  ] as const)('%j = %j', (path, value, key, applies) => {
    const { changes, needsRestart } = difference(path, value);
    expect(changes).toEqual([{ key, applies }]);
    expect(needsRestart).toBe(applies === 'restart');
  });

  test('names mailboxes that came and went, without calling their provider changed', () => {
    const result = difference(
      ['calendarProviders', 0, 'users'],
      ['user2@example.test', 'user3@example.test', 'user1@example.test'],
    );
    expect(result.mailboxes).toEqual({ added: ['user3@example.test'], removed: [] });
    expect(result.providers).toEqual({ added: [], removed: [], changed: [] });
    expect(result.changes).toEqual([{ key: 'calendarProviders', applies: 'live' }]);
  });

  test('names providers and servers that changed, for instance by a new password', () => {
    expect(difference(['calendarProviders', 0, 'credentials', 0, 'password'], 'new').providers.changed).toEqual([
      'main',
    ]);
    expect(difference(['calendarProviders', 0, 'name'], 'renamed').providers).toEqual({
      added: ['renamed'],
      removed: ['main'],
      changed: [],
    });
    expect(difference(['trueConfServers', 0, 'clientSecret'], 'new').trueConfServers.changed).toEqual([
      'server.example.test#vcs',
    ]);
  });
});

test('ten thousand mailboxes and as many warnings are checked in a moment', () => {
  const users = Array.from({ length: 10_000 }, (_, index) => `user${index}@example.test`);
  const config = withValue(wholeConfig(), ['calendarProviders', 0, 'users'], [...users, ...users]);
  const result = parseConfig(JSON.stringify(config, null, 2), { file: FILE });
  expect(result.findings.filter((finding) => finding.message.includes('listed twice'))).toHaveLength(10_000);
  expect(result.ok && result.config.calendarProviders[0]?.users.length).toBe(10_000);
}, 20_000);

test('the example in the README works as printed', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const [, config] = /```jsonc\n([\s\S]*?)```/.exec(readme) ?? [];
  writeFileSync(join(scratch.path, 'readme.json'), config!);
  const script = code!.replace(
    "'/opt/trueconf/calendar/etc/calendar/config.json'",
    JSON.stringify(join(scratch.path, 'readme.json')),
  );
  const printed: string[] = [];
  const body = script.replace(/^import .*$/gm, '').replaceAll('console.log', 'print');
  const run = new Function('loadConfig', 'formatFinding', 'print', body);
  const { loadConfig, formatFinding } = await import('../src/index.ts');
  run(loadConfig, formatFinding, (line: unknown) => printed.push(String(line)));
  const [, expected] = /```text\n([\s\S]*?)```/.exec(readme) ?? [];
  const shown = printed
    .join('\n')
    .replaceAll(join(scratch.path, 'readme.json'), '/opt/trueconf/calendar/etc/calendar/config.json');
  expect(`${shown}\n`).toBe(expected);
});
