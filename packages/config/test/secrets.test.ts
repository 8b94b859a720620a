/** Secrets in config.json: four forms, each failure with its exact sentence, and never a value in any text. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createSealingKey,
  formatFinding,
  installationPaths,
  parseConfig,
  redact,
  SealingKey,
  Secret,
} from '../src/index.ts';
import { scratchFolder, wholeConfig, withValue } from './sample-files.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const paths = installationPaths(scratch.path);
const credentials = join(scratch.path, 'credentials');
mkdirSync(credentials, { recursive: true });
const key = createSealingKey({ path: paths.secretKey });
const PLACE = ['calendarProviders', 0, 'credentials', 0, 'password'] as const;
const file = (name: string): string => join(paths.configFolder, name);

function load(
  written: string,
  env: Record<string, string> = { CREDENTIALS_DIRECTORY: credentials },
  root = scratch.path,
) {
  const text = JSON.stringify(withValue(wholeConfig(), PLACE, written));
  return { ...parseConfig(text, { root, env }), ru: parseConfig(text, { root, env, language: 'ru' }) };
}

function secretOf(written: string): string {
  const result = load(written);
  if (!result.ok) throw new Error(result.findings.map(formatFinding).join('\n'));
  return result.config.calendarProviders[0]!.credentials[0]!.password.reveal();
}

describe('a secret', () => {
  test('in plain text works, with a warning', () => {
    expect(secretOf('Passw0rd!')).toBe('Passw0rd!');
    const finding = load('Passw0rd!').findings.find((one) => one.key.startsWith('calendarProviders'));
    expect(finding).toMatchObject({
      level: 'warning',
      message: 'the value is plain text that anybody who reads the file can use. Encrypt it: tc_calendar --hash_pass',
    });
  });

  test('made by --hash_pass is opened without a warning', () => {
    const sealed = key.seal('Пароль 1');
    expect(secretOf(sealed)).toBe('Пароль 1');
    expect(load(sealed).findings.map((finding) => finding.key)).not.toContain(
      'calendarProviders[0].credentials[0].password',
    );
  });

  test('in a file, its line end removed, plain or sealed', () => {
    writeFileSync(file('plain.secret'), ' from a file \n', { mode: 0o600 });
    writeFileSync(file('sealed.secret'), `${key.seal('sealed in a file')}\r\n`, { mode: 0o640 });
    expect(secretOf('file:plain.secret')).toBe(' from a file ');
    expect(secretOf(`file:${file('sealed.secret')}`)).toBe('sealed in a file');
  });

  test('in a systemd credential', () => {
    writeFileSync(join(credentials, 'exchange'), 'from systemd', { mode: 0o400 });
    expect(secretOf('credential:exchange')).toBe('from systemd');
  });
});

describe('a secret that cannot be had', () => {
  const other = SealingKey.generate().seal('x');
  const sealed = key.seal('Passw0rd!');
  const flipped = Buffer.from(sealed, 'base64');
  flipped[20]! ^= 1;
  const later = Buffer.from(sealed, 'base64');
  later[3] = 9;
  writeFileSync(file('open.secret'), 'x');
  chmodSync(file('open.secret'), 0o644);
  writeFileSync(file('empty.secret'), '\n', { mode: 0o600 });
  writeFileSync(file('large.secret'), 'x'.repeat(20_000), { mode: 0o600 });

  const again = 'encrypt the password anew: tc_calendar --hash_pass';
  test.each([
    [
      other,
      `the value was encrypted with another key than ${paths.secretKey}. Encrypt the password anew on this machine: tc_calendar --hash_pass`,
    ],
    [sealed.slice(0, -4), `the encrypted value was cut: a part of it is missing. Copy it whole, or ${again}`],
    [flipped.toString('base64'), `the encrypted value was altered: it fails its check. Copy it again, or ${again}`],
    [later.toString('base64'), `the encrypted value was made by a newer version of this program. Update, or ${again}`],
    ['dGNf…', "the value is the sample's placeholder. Put the output of tc_calendar --hash_pass here"],
    ['file:none.secret', `the secret's file ${file('none.secret')} does not exist. Make it or correct the path`],
    ['file:.', `the secret's file ${paths.configFolder} cannot be read (EISDIR). It is a folder: name a file`],
    [
      'file:open.secret',
      `the secret's file ${file('open.secret')} has mode 0644: every user of this machine can read it. Run chmod 600 ${file('open.secret')}`,
    ],
    ['file:empty.secret', `the secret's file ${file('empty.secret')} is empty. Write the password into it`],
    ['file:large.secret', `the secret's file ${file('large.secret')} is too large for a password. Correct the path`],
    [
      'credential:../secret.key',
      'the name after credential: may hold Latin letters, digits and _ . - only. Correct it',
    ],
    ['credential:..', 'the name after credential: may hold Latin letters, digits and _ . - only. Correct it'],
    ['credential:none', `the secret's file ${join(credentials, 'none')} does not exist. Make it or correct the path`],
  ])('%j is refused with its own sentence', (written, sentence) => {
    const { ok, findings, ru } = load(written);
    expect(ok).toBe(false);
    const errors = findings.filter((finding) => finding.level === 'error');
    expect(errors.map((finding) => finding.message)).toEqual([sentence]);
    expect(errors[0]?.key).toBe('calendarProviders[0].credentials[0].password');
    const [translated] = ru.findings.filter((finding) => finding.level === 'error');
    expect(translated?.message).toMatch(/[а-я]{4}/);
  });

  test('a credential without systemd is explained', () => {
    const { findings } = load('credential:exchange', {});
    expect(findings.find((finding) => finding.level === 'error')?.message).toBe(
      'the systemd credential "exchange" is not available: CREDENTIALS_DIRECTORY is not set. Start the service by systemd with LoadCredential=exchange:PATH, or use file:PATH',
    );
  });

  test('a sealed one without its key, or with a key others can reach', () => {
    const elsewhere = installationPaths(join(scratch.path, 'elsewhere'));
    const error = () => load(sealed, {}, elsewhere.root).findings.find((finding) => finding.level === 'error')?.message;
    expect(error()).toBe(
      `the value is encrypted, but there is no key file ${elsewhere.secretKey}. Bring the key file back or ${again}`,
    );
    createSealingKey({ path: elsewhere.secretKey });
    chmodSync(elsewhere.secretKey, 0o644);
    expect(error()).toContain(`has mode 0644: other users can reach it. Run: chmod 600 ${elsewhere.secretKey}`);
  });
});

describe('nothing prints a secret', () => {
  const CANARY = 'canary-8f3b1';

  test('whatever way a Secret is turned into text', () => {
    const secret = new Secret(CANARY);
    const texts = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: [secret] }, { depth: 9, showHidden: true }),
      `${secret}`,
    ];
    for (const text of texts) {
      expect(text).toContain('***');
      expect(text).not.toContain(CANARY);
    }
    expect(secret.reveal()).toBe(CANARY);
    expect([secret.matches(CANARY), secret.matches(`${CANARY}x`), secret.matches('')]).toEqual([true, false, false]);
  });

  test('no finding and no redacted view repeats one, right or wrong', () => {
    const secretPlaces = [
      PLACE,
      ['trueConfServers', 0, 'clientSecret'],
      ['http', 'adminToken'],
      ['dbConnectionConfig', 'password'],
    ];
    for (const place of secretPlaces) {
      for (const value of [CANARY, [CANARY], { a: CANARY }, `dGNf${CANARY}`]) {
        const result = parseConfig(JSON.stringify(withValue(wholeConfig(), place, value)), { root: scratch.path });
        expect(JSON.stringify(result.findings)).not.toContain(CANARY);
        if (result.ok)
          expect(JSON.stringify(redact(result.config)) + inspect(result.config, { depth: 9 })).not.toContain(CANARY);
      }
    }
    const misplaced = parseConfig(
      JSON.stringify(withValue(wholeConfig(), ['calendarProviders', 0, 'credentials'], CANARY)),
    );
    expect(JSON.stringify(misplaced.findings)).not.toContain(CANARY);
  });
});
