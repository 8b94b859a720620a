/** What is said about a file that cannot be read as configuration, and about keys nobody knows. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatFinding, loadConfig, parseConfig } from '../src/index.ts';
import { scratchFolder, wholeConfig } from './sample-files.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

function lines(text: string, language: 'en' | 'ru' = 'en'): string[] {
  return parseConfig(text, { file: '/etc/config.json', language }).findings.map(formatFinding);
}

describe('a file with a fault of grammar', () => {
  test.each([
    ['{"wsPort" 4315}', '1:11', 'found no : after the key'],
    ['{"wsPort": 4315 "access": "full"}', '1:17', 'found no comma after the value before this place'],
    ['{"wsPort": }', '1:12', 'found no value where one must stand'],
    ['{"wsPort": nope}', '1:12', 'found a word that is not true, false or null; keys and texts stand in double quotes'],
    ["{'wsPort': 1}", '1:2', 'found a word that is not true, false or null; keys and texts stand in double quotes'],
    ['{\n  "access": "full', '2:13', 'found a text without its closing "'],
    ['{"a": "\\d"}', '1:7', 'found a single \\ in a text (write \\\\)'],
    ['{"a": [1, 2', '1:12', 'found no closing ] for a list'],
    ['{"a": 1', '1:8', 'found no closing } for an object'],
    ['{} {}', '1:4', 'found more text after the end of the configuration'],
    ['{ /* comment', '1:3', 'found a comment /* without its */'],
    ['{1: 2}', '1:2', 'found something else where a "key" must stand'],
  ])('%j is refused at %s', (text, place, found) => {
    expect(lines(text)).toEqual([
      `/etc/config.json:${place}: error: (file): ${found}. Correct it here or just before this place`,
    ]);
  });

  test.each(['', ' \n', '\uFEFF', '// only words\n/* of mine */'])('%j holds no configuration', (text) => {
    expect(lines(text)).toEqual([
      '/etc/config.json:1:1: error: (file): the file holds no configuration. Copy share/calendar/config.sample.en.json of the installation into it and fill it in',
    ]);
    expect(lines(text, 'ru')[0]).toContain('в файле нет конфигурации. Скопируйте');
  });

  test('says the same in Russian', () => {
    expect(lines('{"wsPort" 4315}', 'ru')).toEqual([
      '/etc/config.json:1:11: error: (file): найдено: нет : после ключа. Исправьте здесь или непосредственно перед этим местом',
    ]);
  });

  test.each(['[1]', '"text"', '3', 'null'])('%s is no configuration', (text) => {
    expect(lines(text)).toEqual([
      expect.stringMatching(
        /^\/etc\/config\.json:1:1: error: \(file\): found .+; allowed: one object \{ … \}\. Put all keys between \{ and \}$/,
      ),
    ]);
  });

  test('a million nested brackets are refused, not a crash', () => {
    expect(lines('['.repeat(1_000_000))[0]).toContain('too many nested brackets');
    expect(lines(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`)[0]).toContain('too many nested brackets');
  });
});

describe('keys', () => {
  const valid = wholeConfig();

  test('comments, trailing commas, a byte order mark and Windows line ends are fine', () => {
    const text = JSON.stringify(valid, null, 2)
      .replace(/\n\}$/, ',\n}')
      .replace('{', '{ // a comment\r\n/* another */');
    expect(parseConfig(`\uFEFF${text.replaceAll('\n', '\r\n')}`).ok).toBe(true);
  });

  test('an unknown key is a warning at its name, with the nearest known one', () => {
    const text = JSON.stringify({ ...valid, launchConfernce: true }, null, 2);
    const line = text.split('\n').findIndex((one) => one.includes('launchConfernce')) + 1;
    const result = parseConfig(text, { file: '/c' });
    expect(result.ok).toBe(true);
    expect(result.findings.map(formatFinding)).toContain(
      `/c:${line}:3: warning: launchConfernce: unknown key, it has no effect. Did you mean "launchConference"? Rename or remove it`,
    );
  });

  test.each([
    ['backward', '"cache"'],
    ['adminToken', '"http"'],
    ['autodiscoverPath', '"calendarProviders[]"'],
    ['caFile', '"dbConnectionConfig", "registration", "calendarProviders[]", "trueConfServers[]"'],
  ])('%s in the wrong place is told its right one', (key, places) => {
    const result = parseConfig(JSON.stringify({ ...valid, [key]: 1 }), { file: '/c' });
    expect(result.ok).toBe(true);
    expect(result.findings.find((finding) => finding.key === key)?.message).toBe(
      `unknown key here, it has no effect. It belongs into ${places}. Move it there or remove it`,
    );
  });

  test('a key of the file itself inside a section is told its place too', () => {
    const text = JSON.stringify({ ...valid, http: { wsPort: 4315 } });
    expect(parseConfig(text, { file: '/c' }).findings.find(({ key }) => key === 'http.wsPort')?.message).toContain(
      'It belongs into the outermost { }.',
    );
  });

  test('an unknown key far from every known one is answered with the list', () => {
    const text = JSON.stringify({ ...valid, privacy: { privateItems: 'masked', zzzzzz: 1 } });
    expect(parseConfig(text, { file: '/c' }).findings.map((finding) => finding.message)).toContain(
      'unknown key, it has no effect. Known here: privateItems. Remove it',
    );
  });

  test('keys called like parts of JavaScript are unknown keys like any other', () => {
    const text = JSON.stringify(valid).replace('{', '{"__proto__": {"wsPort": 1}, "constructor": 2, "toString": 3, ');
    const result = parseConfig(text, { file: '/c' });
    expect(result.ok && result.config.wsPort).toBe(4315);
    const unknown = result.findings.filter((finding) => finding.message.startsWith('unknown key'));
    expect(unknown.map((finding) => finding.key)).toEqual(['__proto__', 'constructor', 'toString']);
  });

  test('a key written twice is refused, also deep inside', () => {
    const text = JSON.stringify(valid).replace('"backward":2', '"backward":2,"backward":5');
    const result = parseConfig(text, { file: '/c' });
    expect(result.ok).toBe(false);
    expect(result.findings.filter((finding) => finding.level === 'error')).toMatchObject([
      { key: 'cache.backward', message: 'the key is written twice in one object. Keep one of them' },
    ]);
  });

  test('columns count characters, whatever bytes they take', () => {
    const [finding] = parseConfig('{"cancelledPrefix": {"ru": "Отменено: 🎉", "en": 5}}', { file: '/c' }).findings;
    expect(finding).toMatchObject({ line: 1 });
    const wrong = parseConfig('{"cancelledPrefix": {"ru": "Отменено: 🎉", "en": 5}}', { file: '/c' }).findings.find(
      (one) => one.key === 'cancelledPrefix.en',
    );
    expect(wrong).toMatchObject({ line: 1, column: 49 });
  });

  test('a password in an address is never repeated', () => {
    const text = JSON.stringify({ ...valid, allowedOrigins: ['https://user:hunter2@portal'] });
    const { findings } = parseConfig(text);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
    expect(findings.map((finding) => finding.key)).toContain('allowedOrigins[0]');
  });
});

describe('the file itself', () => {
  const at = (name: string): string => join(scratch.path, name);

  test('is looked for under the root', () => {
    mkdirSync(at('root/etc/calendar'), { recursive: true });
    writeFileSync(at('root/etc/calendar/config.json'), JSON.stringify(wholeConfig()), { mode: 0o600 });
    expect(loadConfig({ root: at('root') }).ok).toBe(true);
  });

  test('missing: says what to do', () => {
    expect(loadConfig({ file: at('none.json') }).findings.map(formatFinding)).toEqual([
      `${at('none.json')}:1:1: error: (file): there is no such file. Copy share/calendar/config.sample.en.json of the installation (docs/reference/config.sample.en.jsonc in the sources) to this place and fill it in, or name another file with --config`,
    ]);
  });

  test('a folder in its place is unreadable', () => {
    expect(loadConfig({ file: scratch.path }).findings[0]?.message).toBe(
      'the file cannot be read (EISDIR). It is a folder: name a file',
    );
  });

  test('that cannot be read for another reason may only want an administrator', () => {
    symlinkSync(at('loop.json'), at('loop.json'));
    const [en, ru] = (['en', 'ru'] as const).map((language) => loadConfig({ file: at('loop.json'), language }));
    expect(en?.findings[0]?.message).toBe(
      "the file cannot be read (ELOOP). Run the command as administrator (sudo), or give the service's user the right to read it",
    );
    expect(ru?.findings[0]?.message).toBe(
      'файл не читается (ELOOP). Выполните команду от имени администратора (sudo) или дайте пользователю службы право на чтение',
    );
  });

  test('larger than a megabyte is no configuration', () => {
    writeFileSync(at('large.json'), ' '.repeat(1_048_577));
    expect(loadConfig({ file: at('large.json') }).findings[0]?.message).toBe(
      'the file is larger than 1048576 bytes; this is not a configuration',
    );
  });

  test('in another encoding is refused', () => {
    writeFileSync(at('cp1251.json'), Buffer.from([0x7b, 0xce, 0xf2, 0x7d]));
    expect(loadConfig({ file: at('cp1251.json') }).findings[0]?.message).toBe(
      'the file is not UTF-8 text. Save it as UTF-8',
    );
  });

  test.each(['utf16le', 'utf8'] as const)('with zero bytes, as UTF-16 has them, is no UTF-8 text (%s)', (encoding) => {
    writeFileSync(at('zeros.json'), Buffer.from(encoding === 'utf8' ? '{\0}' : '{"wsPort": 1}', encoding));
    expect(loadConfig({ file: at('zeros.json') }).findings[0]?.message).toBe(
      'the file is not UTF-8 text. Save it as UTF-8',
    );
  });

  test('with a plain password that everybody may read gets a warning about its rights', () => {
    writeFileSync(at('open.json'), JSON.stringify(wholeConfig()));
    chmodSync(at('open.json'), 0o644);
    const [first] = loadConfig({ file: at('open.json') }).findings;
    expect(first).toMatchObject({ level: 'warning', key: '(file)' });
    expect(first?.message).toContain('the file has mode 0644');
    chmodSync(at('open.json'), 0o640);
    expect(loadConfig({ file: at('open.json') }).findings.map((finding) => finding.key)).not.toContain('(file)');
  });
});
