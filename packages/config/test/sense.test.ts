/** What no key can know alone: each contradiction in turn, with its exact sentence. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../src/index.ts';
import { type Path, wholeConfig, withValue } from './sample-files.ts';

type Change = readonly [Path, unknown];

function judge(changes: readonly Change[], language: 'en' | 'ru' = 'en') {
  const config = changes.reduce((made, [path, value]) => withValue(made, path, value), wholeConfig());
  const result = parseConfig(JSON.stringify(config, null, 2), { file: '/config.json', language });
  const plain = /plain text|открытым текстом/;
  return { ok: result.ok, findings: result.findings.filter((finding) => !plain.test(finding.message)) };
}

const provider = wholeConfig().calendarProviders as Record<string, unknown>[];
const server = (wholeConfig().trueConfServers as Record<string, unknown>[])[0]!;

const CASES: readonly [string, readonly Change[], string, string, string][] = [
  [
    'a whitelisted server without an entry',
    [[['trueConfServers'], []]],
    'warning productWhitelist.tcs[0]',
    '"server.example.test#vcs" is allowed to connect but has no entry in trueConfServers: its users cannot be authorised and no conferences are made there. Add { "id": "server.example.test#vcs", "url": …, "clientId": …, "clientSecret": … }',
    '"server.example.test#vcs" допущен к подключению, но не описан в trueConfServers: его пользователей нельзя проверить и конференции на нём не создаются. Добавьте { "id": "server.example.test#vcs", "url": …, "clientId": …, "clientSecret": … }',
  ],
  [
    'a server entry that is not whitelisted',
    [[['trueConfServers'], [server, { ...server, id: 'other.example.test#vcs' }]]],
    'warning trueConfServers[1].id',
    '"other.example.test#vcs" is not in productWhitelist.tcs, so the entry has no effect. Add the name there or remove the entry',
    '"other.example.test#vcs" нет в productWhitelist.tcs, запись ни на что не влияет. Добавьте имя туда или удалите запись',
  ],
  [
    'two entries for one server',
    [[['trueConfServers'], [server, { ...server, id: 'SERVER.example.test#vcs' }]]],
    'error trueConfServers[1].id',
    'there are two entries for "SERVER.example.test#vcs". Keep one',
    'для "SERVER.example.test#vcs" есть две записи. Оставьте одну',
  ],
  [
    'an empty whitelist',
    [
      [['productWhitelist'], { tcs: [] }],
      [['trueConfServers'], []],
    ],
    'warning productWhitelist.tcs',
    'no TrueConf Server is named: no client can connect and no conference is made. Add "name#vcs" to the list',
    'не назван ни один TrueConf Server: клиенты не смогут подключиться, конференции не создаются. Добавьте в список "имя#vcs"',
  ],
  [
    'http to an Exchange server elsewhere',
    [[['calendarProviders', 0, 'scheme'], 'http']],
    'error calendarProviders[0].scheme',
    'http to exchange.example.test would send passwords unencrypted; http is allowed only to this machine. Use https',
    'по http к exchange.example.test пароли шли бы без шифрования; http допустим только к этой же машине. Используйте https',
  ],
  [
    'http to a TrueConf Server elsewhere',
    [[['trueConfServers', 0, 'url'], 'http://127.0.0.1.example.test']],
    'error trueConfServers[0].url',
    'http to 127.0.0.1.example.test would send passwords unencrypted; http is allowed only to this machine. Use https',
    'по http к 127.0.0.1.example.test пароли шли бы без шифрования; http допустим только к этой же машине. Используйте https',
  ],
  [
    'http to a registration server elsewhere',
    [[['registration', 'scheme'], 'http']],
    'error registration.scheme',
    'http to reg.trueconf.com would send passwords unencrypted; http is allowed only to this machine. Use https',
    'по http к reg.trueconf.com пароли шли бы без шифрования; http допустим только к этой же машине. Используйте https',
  ],
  [
    'pages open to other machines without a token',
    [[['http'], { host: '0.0.0.0' }]],
    'error http.host',
    'found "0.0.0.0", which other machines can reach, without http.adminToken. Set http.adminToken or use 127.0.0.1',
    'найдено "0.0.0.0" — адрес доступен с других машин, а http.adminToken не задан. Задайте http.adminToken или укажите 127.0.0.1',
  ],
  [
    'one port for two servers',
    [[['http', 'port'], 4315]],
    'error http.port',
    '4315 is also wsPort; two servers cannot share it. Choose another port, normally 4316',
    '4315 уже занят wsPort; двум серверам нужны разные порты. Выберите другой, обычно 4316',
  ],
  [
    'a mailbox listed twice',
    [
      [
        ['calendarProviders', 0, 'users'],
        ['user1@example.test', 'USER1@example.test'],
      ],
    ],
    'warning calendarProviders[0].users[1]',
    '"USER1@example.test" is listed twice. Remove one of them',
    '"USER1@example.test" указан дважды. Удалите один',
  ],
  [
    'a mailbox of two providers',
    [[['calendarProviders'], [provider[0], { ...provider[0], name: 'second', users: ['user1@example.test'] }]]],
    'error calendarProviders[1].users[0]',
    '"user1@example.test" is also listed for provider "main"; a mailbox belongs to one provider. Remove it from one of them',
    '"user1@example.test" указан и у провайдера "main"; ящик принадлежит одному провайдеру. Удалите его у одного из них',
  ],
  [
    'two providers of one name',
    [[['calendarProviders'], [provider[0], { ...provider[0], users: ['user9@example.test'] }]]],
    'error calendarProviders[1].name',
    'two providers are called "main". Give each its own "name"',
    'два провайдера названы "main". Дайте каждому своё "name"',
  ],
  [
    'a provider without mailboxes',
    [
      [['calendarProviders', 0, 'users'], []],
      [['priorityUsers'], []],
    ],
    'warning calendarProviders[0].users',
    'no mailbox is listed: nothing will be kept in step. Add e-mail addresses',
    'не указан ни один почтовый ящик: синхронизировать нечего. Добавьте адреса',
  ],
  [
    'a priority user nobody synchronises',
    [[['priorityUsers'], ['stranger@example.test']]],
    'warning priorityUsers[0]',
    '"stranger@example.test" is in no calendarProviders[].users, so it has no effect. Add it there',
    '"stranger@example.test" нет ни в одном calendarProviders[].users, это ни на что не влияет. Добавьте адрес туда',
  ],
];

describe('a configuration that contradicts itself', () => {
  test.each(CASES)('%s', (_name, changes, place, en, ru) => {
    const { ok, findings } = judge(changes);
    expect(findings.map(({ level, key, message }) => [`${level} ${key}`, message])).toEqual([[place, en]]);
    expect(ok).toBe(place.startsWith('warning'));
    expect(judge(changes, 'ru').findings.map((finding) => finding.message)).toEqual([ru]);
  });

  test.each(['localhost', '127.0.0.1', '127.8.9.10', '::1'])('http to %s is this machine', (host) => {
    expect(
      judge([
        [['calendarProviders', 0, 'scheme'], 'http'],
        [['calendarProviders', 0, 'host'], host],
      ]).ok,
    ).toBe(true);
  });
});
