/** What prepare-database refuses, and that it has touched nothing by then: run by the shell itself, with a PostgreSQL that only notes what it is asked. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = path.resolve(import.meta.dirname, '../files/prepare-database');

interface Given {
  readonly args?: readonly string[];
  readonly config?: string;
  readonly user?: number;
  readonly locale?: string;
  /** lines of pg_lsclusters */
  readonly clusters?: string;
}

function prepare({ args, config, user = 0, locale = 'en_US.UTF-8', clusters = '' }: Given) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tc-prepare-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const asked = path.join(folder, 'asked');
  const program = (name: string, text: string): void =>
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('id', `echo ${user}`);
  program('pg_lsclusters', `printf '%s' '${clusters}'`);
  for (const name of ['pg_createcluster', 'pg_ctlcluster', 'psql', 'setpriv', 'systemctl'])
    program(name, `echo ${name} >> ${asked}; exit 1`);
  const file = path.join(folder, 'config.json');
  if (config !== undefined) writeFileSync(file, config);
  const env = { PATH: `${folder}:${process.env['PATH']}`, LANG: locale };
  const given = args ?? (config === undefined ? [] : ['--config', file]);
  const { status, stderr } = spawnSync('sh', [SCRIPT, ...given], { encoding: 'utf8', env });
  return { status, stderr, file, touched: existsSync(asked) ? readFileSync(asked, 'utf8') : '' };
}

const CLUSTER = '15 main 5441 online postgres /var/lib/postgresql/15/main -\n';

test.each([
  ['an ordinary user', { user: 1000 }, 'run it as root', 'от имени root'],
  ['another argument', { args: ['--help'] }, 'usage: prepare-database', 'вызов: prepare-database'],
  ['no file after --config', { args: ['--config'] }, 'usage: prepare-database', 'вызов: prepare-database'],
  ['a file that is not there', { args: ['--config', '/nowhere/config.json'] }, 'no file /nowhere', 'файла /nowhere'],
  ['a configuration of the administrator’s own', { config: '{ "wsPort": 4315 }' }, 'nothing was', 'ничего не изменено'],
] as const)('%s is refused in the reader’s language before anything is changed', (_, given, english, russian) => {
  const en = prepare(given);
  expect(en).toMatchObject({ status: 1, touched: '' });
  expect(en.stderr).toMatch(/^prepare-database: .+\n$/);
  expect(en.stderr).toContain(english);
  const ru = prepare({ ...given, locale: 'ru_RU.UTF-8' });
  expect(ru).toMatchObject({ status: 1, touched: '' });
  expect(ru.stderr).toContain(russian);
});

test.skipIf(!existsSync('/usr/lib/postgresql'))('a port that another cluster holds is told in both languages', () => {
  expect(prepare({ clusters: CLUSTER }).stderr).toContain('another PostgreSQL cluster has port 5441');
  expect(prepare({ clusters: CLUSTER, locale: 'ru_RU.UTF-8' }).stderr).toContain('порт 5441 занят');
});
