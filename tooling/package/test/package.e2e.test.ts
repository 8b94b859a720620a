/**
 * A light look at what the packages bring: the unit under systemd's own judges, and, when a package was built, its content.
 * The whole way of an administrator is `node tooling/package/try.ts`; packages are never built here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingPrograms, OUTPUT } from '../toolbox.ts';

const UNIT = path.resolve(import.meta.dirname, '../files/trueconf-calendar.service');
const hasAnalyze = missingPrograms(['systemd-analyze']).length === 0;
if (!hasAnalyze) console.warn('systemd-analyze is not installed: the unit is NOT verified here');
const deb = existsSync(OUTPUT)
  ? readdirSync(OUTPUT)
      .filter((name) => name.endsWith('.deb'))
      .sort()
      .at(-1)
  : undefined;
if (deb === undefined) console.warn('no package in dist/ (pnpm package): its content is NOT looked at here');

describe.skipIf(!hasAnalyze)('the unit', () => {
  test('is understood by systemd word for word', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tc-unit-'));
    try {
      const program = path.join(folder, 'tc_calendar');
      writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
      mkdirSync(path.join(folder, 'unit'));
      const unit = path.join(folder, 'unit/trueconf-calendar.service');
      const text = readFileSync(UNIT, 'utf8');
      // only the program's place differs: it is not installed here
      writeFileSync(unit, text.replace(/^ExecStart=.*$/m, `ExecStart=${program}`));
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`.trim()).toBe('');
      expect(status).toBe(0);
      expect(text).toContain('ExecStart=/opt/trueconf/calendar/bin/calendar/tc_calendar\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('exposes at most 1.5 of 10', () => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=15', UNIT];
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(Number(/exposure level[^\d]*(\d+\.\d)/.exec(stdout)?.[1])).toBeLessThanOrEqual(1.5);
  });
});

test('the unit does not start again what only a person can mend, and never starts without pause', () => {
  const text = readFileSync(UNIT, 'utf8');
  expect(text).toMatch(/^RestartPreventExitStatus=64 77 78$/m);
  const value = (key: string): number => Number(new RegExp(`^${key}=(\\d+)`, 'm').exec(text)?.[1]);
  // automatic starts alone stay below the limit, or one outage of the database would end the service for good
  expect(value('StartLimitIntervalSec') / value('RestartSec')).toBeLessThan(value('StartLimitBurst'));
});

describe.skipIf(deb === undefined || missingPrograms(['dpkg-deb']).length > 0)('the built .deb', () => {
  const list = (): string =>
    spawnSync('dpkg-deb', ['--contents', path.join(OUTPUT, deb!)], { encoding: 'utf8', maxBuffer: 16 << 20 }).stdout;

  test('puts everything where the contract says, owned by root, and brings no config.json of its own', () => {
    const files = list().trim().split('\n');
    expect(files.filter((line) => !line.includes(' root/root '))).toEqual([]);
    const names = files.map((line) => line.replace(/^.* \.(\/\S*).*$/, '$1'));
    expect(names).toEqual(
      expect.arrayContaining([
        '/opt/trueconf/calendar/bin/calendar/tc_calendar',
        '/opt/trueconf/calendar/etc/calendar/',
        '/opt/trueconf/calendar/var/lib/calendar/',
        '/opt/trueconf/calendar/var/log/calendar/',
        '/usr/lib/systemd/system/trueconf-calendar.service',
        '/usr/share/doc/trueconf-calendar/sbom.cdx.json',
        '/usr/share/doc/trueconf-calendar/copyright',
      ]),
    );
    expect(names).not.toContain('/opt/trueconf/calendar/etc/calendar/config.json');
    const closed = files
      .filter((line) => !line.startsWith('l') && !/^.r..r..r../.test(line))
      .map((line) => line.split(' ')[0]);
    expect(closed, 'only our own three folders are closed to others').toEqual(Array(3).fill('drwxr-x---'));
  });
});
