/**
 * exchangelib, an independent client proven against real servers, in a process of its own: the checks of the first things a
 * calendar program does (exchangelib_suite.py), and everything else it offers (exchangelib/wide.py).
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { WorldClock } from '../../src/world/clock.ts';
import { ExchangeWorld } from '../../src/world/exchange-world.ts';
import { closeAndValidate, openExchange } from './support/ews-caller.ts';

const PYTHON = '/usr/bin/python3';
const SUITE = path.join(import.meta.dirname, 'exchangelib_suite.py');
const WIDE = path.join(import.meta.dirname, 'exchangelib/wide.py');
const LONGEST_MS = 230_000;

function run(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(
      PYTHON,
      ['-B', ...args],
      { timeout: LONGEST_MS - 5000, maxBuffer: 1 << 26, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, output: stdout + (code === 0 ? '' : stderr) });
      },
    );
  });
}

const isInstalled = (await run(['-c', 'import exchangelib'])).code === 0;
if (!isInstalled) console.warn('SKIPPED: python3-exchangelib is not installed (apt-get install python3-exchangelib)');

describe.skipIf(!isInstalled)('exchangelib takes the fake for an Exchange', () => {
  it.each([
    ['the first things', SUITE, 21, 'delegate', 'user1@example.test'],
    ['the first things', SUITE, 21, 'impersonation', 'svc@example.test'],
    ['all it can do', WIDE, 69, 'delegate', 'user1@example.test'],
    ['all it can do', WIDE, 69, 'impersonation', 'svc@example.test'],
  ])(
    '%s by %s: all %i checks pass with access by %s',
    async (_title, script, checks, access, login) => {
      const world = new ExchangeWorld({ clock: new WorldClock(), mailboxes: 20 });
      world.addRoom('room1@example.test', { name: 'Room 1' });
      world.addDistributionList('all-staff@example.test', 'All staff', ['user1@example.test', 'user2@example.test']);
      const { exchange } = await openExchange({ world });
      const { code, output } = await run([script, exchange.ewsUrl, access, 'user1@example.test', login]);
      const failed = output.split('\n').filter((line) => line.startsWith('FAILED'));
      expect(failed, output.slice(-4000)).toEqual([]);
      expect(output.match(/^passed check_/gm)?.length, output.slice(-4000)).toBe(checks);
      expect(code).toBe(0);
    },
    LONGEST_MS,
  );

  closeAndValidate();
});
