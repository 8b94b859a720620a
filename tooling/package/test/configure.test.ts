/** What the packages' scripts say after a first installation: run by the shell itself, in a folder instead of /opt. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = readFileSync(path.resolve(import.meta.dirname, '../files/configure.sh'), 'utf8');

/** `prepared`: how prepare-database ends. */
function firstInstallation(language: string, prepared: number) {
  const root = mkdtempSync(path.join(tmpdir(), 'tc-configure-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['libexec', 'share/calendar', 'etc/calendar'])
    mkdirSync(path.join(root, folder), { recursive: true });
  for (const one of ['en', 'ru'])
    writeFileSync(path.join(root, `share/calendar/config.first.${one}.json`), `// ${one}\n`);
  writeFileSync(path.join(root, 'libexec/prepare-database'), `#!/bin/sh\nexit ${prepared}\n`, { mode: 0o755 });
  const here = SCRIPT.replace('ROOT=/opt/trueconf/calendar', `ROOT=${root}`).replace(
    'systemd-tmpfiles --create',
    'true',
  );
  const program = `set -e\n${here}\ntcc_first_configuration\ntcc_first_configuration`;
  const env = { PATH: process.env['PATH'] ?? '', LANG: language };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', program], { encoding: 'utf8', env });
  const config = path.join(root, 'etc/calendar/config.json');
  return { status, stdout, stderr, config: readFileSync(config, 'utf8'), mode: statSync(config).mode & 0o777 };
}

test.each([
  ['en_US.UTF-8', 'en', 'is installed, not started'],
  ['C', 'en', 'is installed, not started'],
  ['ru_RU.UTF-8', 'ru', 'установлен, но не запущен'],
])('under %s the first config.json and the next steps are in that language, once', (locale, language, words) => {
  const done = firstInstallation(locale, 0);
  expect(done).toMatchObject({ status: 0, stderr: '', config: `// ${language}\n`, mode: 0o600 });
  expect(done.stdout.split(words)).toHaveLength(2);
  expect(done.stdout).toContain('systemctl start trueconf-calendar.service');
});

test.each([
  ['en_US.UTF-8', 3, 'There is no PostgreSQL'],
  ['en_US.UTF-8', 1, 'could not be prepared'],
  ['ru_RU.UTF-8', 3, 'нет PostgreSQL'],
  ['ru_RU.UTF-8', 1, 'Подготовить PostgreSQL не удалось'],
])(
  'under %s a database that was not prepared (%i) is told with its cure, and the installation goes on',
  (locale, code, words) => {
    const done = firstInstallation(locale, code);
    expect(done.status).toBe(0);
    expect(done.stderr).toContain(words);
    expect(done.stderr).toContain('prepare-database --config');
  },
);
