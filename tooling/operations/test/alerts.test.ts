/** Each alert fires on the series that describe its fault and stays quiet on those that only look like it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { METRICS } from '@calendar-connector/daemon';
import { MAILBOX_STATES } from '@calendar-connector/sync-core';
import { describe, expect, test } from 'vitest';
import { alertsFile, alertsTest } from '../alerts.ts';
import { PANELS } from '../dashboard.ts';
import { RULES } from '../rules.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool)
  console.warn('promtool (Debian package prometheus) is not installed: whether the alerts FIRE is not tested here');

const known = new Set(
  METRICS.flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);
const named = (expression: string): string[] => [...expression.matchAll(/\btcc_\w+/g)].map(([name]) => name);

describe('alert rules', () => {
  test.skipIf(!hasPromtool)('every rule fires on its fault and on nothing that only looks like it (promtool)', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tc-alerts-'));
    try {
      writeFileSync(path.join(folder, 'alerts.yml'), alertsFile());
      writeFileSync(path.join(folder, 'test.yml'), alertsTest('alerts.yml'));
      execFileSync('promtool', ['check', 'rules', 'alerts.yml'], { cwd: folder, stdio: 'pipe' });
      const done = spawnSync('promtool', ['test', 'rules', 'test.yml'], { cwd: folder, encoding: 'utf8' });
      expect(done.status, `${done.stdout}${done.stderr}`).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(!hasPromtool)('a rule that cannot fire is noticed', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tc-alerts-'));
    try {
      const [rule] = RULES.filter(({ name }) => name === 'CalendarDeadJobs');
      writeFileSync(path.join(folder, 'alerts.yml'), alertsFile([{ ...rule!, expression: 'tcc_dead_jobs > 1000' }]));
      writeFileSync(path.join(folder, 'test.yml'), alertsTest('alerts.yml', [rule!]));
      expect(spawnSync('promtool', ['test', 'rules', 'test.yml'], { cwd: folder }).status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(RULES.map((rule) => [rule.name, rule] as const))(
    '%s names metrics and states that exist, and a page in both languages that names it',
    (_, rule) => {
      expect(named(rule.expression).filter((name) => !known.has(name))).toEqual([]);
      const states = [...rule.expression.matchAll(/state[!=]~?"([^"]+)"/g)].flatMap(([, list]) => list!.split('|'));
      if (rule.expression.includes('tcc_mailboxes'))
        expect(states.filter((state) => !(MAILBOX_STATES as readonly string[]).includes(state))).toEqual([]);
      for (const language of ['en', 'ru']) {
        const page = path.join(REPOSITORY, 'docs/runbooks', language, rule.runbook);
        expect(existsSync(page), page).toBe(true);
        expect(readFileSync(page, 'utf8')).toContain(`\`${rule.name}\``);
      }
    },
  );
});

describe('dashboard', () => {
  test('asks only for metrics that exist, and leaves none out', () => {
    const asked = new Set(PANELS.flatMap(({ queries }) => Object.keys(queries).flatMap(named)));
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
    const shown = METRICS.filter(({ name }) => ![...asked].some((one) => one === name || one === `${name}_bucket`));
    expect(shown.map(({ name }) => name)).toEqual([]);
  });
});
