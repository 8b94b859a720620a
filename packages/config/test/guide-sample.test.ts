/** Feature B1: the guide's own sample, put together from its fragments, loads unchanged. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../src/index.ts';

const GUIDE = resolve(import.meta.dirname, '../../../../shared/guide/admin-guide.ru.txt');
const hasGuide = existsSync(GUIDE);
if (!hasGuide) console.warn(`SKIPPED: the guide is not at ${GUIDE}; its sample was not tried`);

/**
 * Chapter 3 prints the sample in pieces. Four of them close a bracket that the next piece goes on in (page breaks,
 * and the outer object after the database); those brackets are dropped, and the last two are added.
 */
function guideSample(): string {
  const text = readFileSync(GUIDE, 'utf8');
  const chapter = text.slice(text.lastIndexOf('3.0.1. Настройка БД'), text.lastIndexOf('4. Проверка подключения'));
  const [database, cacheBegins, cacheEnds, whitelist, providerBegins, providerEnds] = [
    ...chapter.matchAll(/```\s*\n([\s\S]*?)```/g),
  ].map((match) => match[1]!);
  const open = (piece: string): string => piece.trimEnd().replace(/\}$/, '');
  return [
    open(database!),
    cacheBegins!,
    `${cacheEnds!},`,
    `${whitelist!},`,
    open(providerBegins!),
    providerEnds!,
    ']}',
  ].join('\n');
}

describe.skipIf(!hasGuide)("the guide's sample of config.json", () => {
  test('loads without an error, and every key of it is known', () => {
    const result = parseConfig(guideSample(), { file: '/config.json' });
    expect(result.findings.filter((finding) => finding.level === 'error')).toEqual([]);
    expect(result.ok).toBe(true);
    expect(result.findings.filter((finding) => finding.message.includes('unknown key'))).toEqual([]);
  });

  test('gives the values it shows', () => {
    const result = parseConfig(guideSample(), { file: '/config.json' });
    if (!result.ok) throw new Error('it does not load');
    const { config } = result;
    expect(config.wsPort).toBe(4315);
    expect(config.dbConnectionConfig).toMatchObject({
      host: 'localhost',
      port: 5441,
      user: 'bridge',
      database: 'calendar',
    });
    expect(config.dbConnectionConfig?.password.isEmpty).toBe(true);
    expect(config).toMatchObject({ launchConference: true, syncConferenceParticipants: true });
    expect(config.cache).toEqual({ autoSync: false, backward: 2, forward: 3 });
    expect(config.productWhitelist.tcs).toEqual(['server.trueconf.name#vcs']);
    const [provider] = config.calendarProviders;
    expect(provider).toMatchObject({
      host: 'exchange.example.com',
      path: '/EWS/Exchange.asmx',
      autodiscoverPath: '/autodiscover/autodiscover.svc',
      port: 443,
      type: 'ews',
    });
    expect(provider?.credentials[0]?.login).toBe('test');
    expect(provider?.users).toEqual(['name1@example.com', 'name2@example.com', 'name3@example.com']);
  });

  test('is told what our connector needs beyond it: the address of the TrueConf Server, an encrypted password', () => {
    const { findings } = parseConfig(guideSample(), { file: '/config.json' });
    expect(findings.map(({ level, key }) => `${level} ${key}`)).toEqual([
      'warning productWhitelist.tcs[0]',
      'warning calendarProviders[0].credentials[0].password',
    ]);
  });
});
