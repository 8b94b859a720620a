/** The rules in Prometheus's own words: the rules file, and a test file for promtool that makes each fire and keeps each quiet. */
import { type AlertRule, RULES } from './rules.ts';

/** Where the package puts the pages, on the machine that the alert is about. */
const RUNBOOKS = '/usr/share/doc/trueconf-calendar/runbooks';

const quoted = (text: string): string => JSON.stringify(text);

/** alerts.yml. */
export function alertsFile(rules: readonly AlertRule[] = RULES): string {
  const lines = [
    '# Written from tooling/operations/rules.ts by `pnpm run docs`; change it there.',
    '# The scrape job is expected to be called trueconf-calendar.',
    'groups:',
    '  - name: trueconf-calendar',
    '    rules:',
  ];
  for (const rule of rules) {
    lines.push(`      - alert: ${rule.name}`, `        expr: ${quoted(rule.expression)}`);
    if (rule.forMinutes > 0) lines.push(`        for: ${rule.forMinutes}m`);
    lines.push(
      '        labels:',
      `          severity: ${rule.severity}`,
      '        annotations:',
      `          summary: ${quoted(rule.summary.en)}`,
      `          summary_ru: ${quoted(rule.summary.ru)}`,
      `          runbook: ${quoted(`${RUNBOOKS}/en/${rule.runbook}`)}`,
      `          runbook_ru: ${quoted(`${RUNBOOKS}/ru/${rule.runbook}`)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** promtool's test of that file: two tests for each rule. */
export function alertsTest(rulesFile: string, rules: readonly AlertRule[] = RULES): string {
  const lines = ['rule_files:', `  - ${rulesFile}`, 'evaluation_interval: 1m', 'tests:'];
  const inputs = (series: Readonly<Record<string, string>>): string[] => [
    '  - interval: 1m',
    '    input_series:',
    ...Object.entries(series).flatMap(([name, values]) => [
      `      - series: '${withInstance(name)}'`,
      `        values: '${values}'`,
    ]),
    '    alert_rule_test:',
  ];
  for (const rule of rules) {
    const { series, after, labels } = rule.fires;
    lines.push(
      ...inputs(series),
      `      - eval_time: ${after}m`,
      `        alertname: ${rule.name}`,
      '        exp_alerts:',
      '          - exp_labels:',
    );
    const expected = { severity: rule.severity, instance: 'node-1', ...jobOf(series), ...labels };
    lines.push(...Object.entries(expected).map(([key, value]) => `              ${key}: ${value}`));
    lines.push(
      '            exp_annotations:',
      `              summary: ${quoted(rule.summary.en)}`,
      `              summary_ru: ${quoted(rule.summary.ru)}`,
    );
    lines.push(
      `              runbook: ${quoted(`${RUNBOOKS}/en/${rule.runbook}`)}`,
      `              runbook_ru: ${quoted(`${RUNBOOKS}/ru/${rule.runbook}`)}`,
    );
    lines.push(
      ...inputs(rule.quiet),
      `      - eval_time: ${after}m`,
      `        alertname: ${rule.name}`,
      '        exp_alerts: []',
    );
  }
  return `${lines.join('\n')}\n`;
}

function withInstance(series: string): string {
  return series.includes('{') ? series.replace('{', '{instance="node-1",') : `${series}{instance="node-1"}`;
}

/** Rules that do not aggregate keep the job's label. */
function jobOf(series: Readonly<Record<string, string>>): Record<string, string> {
  return Object.keys(series).some((name) => name.includes('job="')) ? { job: 'trueconf-calendar' } : {};
}
