/** Words that libraries write to the console: lines of the log like all others, and the console given back afterwards. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { logConsole } from '../../src/operation/console-words.ts';
import { openLog } from '../../src/operation/log.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'console-words-'));
const file = path.join(folder, 'calendar.log');
const log = openLog({ level: 'info', folder, personalData: false, journal: false });
const written = (): Record<string, unknown>[] => {
  log.flush();
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
};
let giveBack = () => {};
beforeAll(() => vi.waitUntil(() => existsSync(file)));
afterEach(() => giveBack());

test("a library's complaint is a line of the log, with addresses marked", () => {
  giveBack = logConsole(log.logger);
  console.error('Worker %s ended: %s', 'w1', new Error('no room for anna@contoso.example'));
  const line = written().at(-1);
  expect(line).toMatchObject({ level: 'warn', console: 'error', msg: expect.stringContaining('Worker w1 ended') });
  expect(line?.msg).toMatch(/no room for mbx-[0-9a-f]{10}/);
});

test("a library's chatter is written only when debug lines are wanted", () => {
  giveBack = logConsole(log.logger);
  const before = written().length;
  console.info('all is well');
  expect(written()).toHaveLength(before);
  log.setLevel('debug');
  console.info('all is well');
  expect(written().at(-1)).toMatchObject({ level: 'debug', msg: 'all is well' });
});

test('the console is given back', () => {
  const own = console.error;
  logConsole(log.logger)();
  expect(console.error).toBe(own);
});
