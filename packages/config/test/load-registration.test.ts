/** People register before config.json is complete: the section `registration` must be readable by itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatFinding, loadRegistration } from '../src/index.ts';
import { scratchFolder } from './sample-files.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const FILE = join(scratch.path, 'config.json');

function load(text: string) {
  writeFileSync(FILE, text);
  const result = loadRegistration({ file: FILE });
  return result.ok ? result.registration : result.findings.map(formatFinding);
}

test('faults in other sections do not matter', () => {
  writeFileSync(join(scratch.path, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
  const text =
    '{ "wsPort": "no", "calendarProviders": [], "registration": { "host": "reg.local", "caFile": "ca.pem" } }';
  expect(load(text)).toEqual({
    scheme: 'https',
    host: 'reg.local',
    port: 443,
    ca: { path: join(scratch.path, 'ca.pem'), pem: '-----BEGIN CERTIFICATE-----\n' },
  });
});

test('a section left out means the defaults', () => {
  expect(load('{}')).toEqual({ scheme: 'https', host: 'reg.trueconf.com', port: 443 });
});

test.each([
  [
    '{ "registration": { "port": 0 } }',
    `${FILE}:1:29: error: registration.port: found 0; allowed: a whole number from 1 to 65535. Write, for example, "port": 443`,
  ],
  [
    '{ "registration": 3 }',
    `${FILE}:1:19: error: registration: found a number; allowed: an object { … }. Write, for example, "registration": { … }`,
  ],
  [
    '{ "registration": { "scheme": "http" } }',
    `${FILE}:1:31: error: registration.scheme: http to reg.trueconf.com would send passwords unencrypted; http is allowed only to this machine. Use https`,
  ],
  [
    '{ "registration": { "caFile": "none.pem" } }',
    `${FILE}:1:31: error: registration.caFile: the file ${join(scratch.path, 'none.pem')} does not exist. Correct the path or remove the key`,
  ],
  [
    '{ "registration": { "port": 1, "port": 2 } }',
    `${FILE}:1:32: error: registration.port: the key is written twice in one object. Keep one of them`,
  ],
  [
    '{ "registration" }',
    `${FILE}:1:18: error: (file): found no : after the key. Correct it here or just before this place`,
  ],
  ['[]', `${FILE}:1:1: error: (file): found an empty list; allowed: one object { … }. Put all keys between { and }`],
])('%s is refused', (text, line) => {
  expect(load(text)).toEqual([line]);
});

test('no file at the usual place means the defaults; a named one must exist', () => {
  expect(loadRegistration({ root: join(scratch.path, 'nowhere') })).toMatchObject({
    ok: true,
    registration: { host: 'reg.trueconf.com' },
  });
  expect(loadRegistration({ file: join(scratch.path, 'none.json') }).ok).toBe(false);
});
