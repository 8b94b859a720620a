/** docs/reference/metrics.md, from the daemon's table of metrics. */
import { METRICS } from '@calendar-connector/daemon';

const HEAD = `# Metrics

Served in OpenMetrics text at \`/metrics\` (section \`http\` of config.json; 127.0.0.1:4316 by default). No mailbox, person or
meeting is ever a label. Alert rules and a Grafana dashboard made for these names come with the packages
(\`/usr/share/doc/trueconf-calendar/operations\`; in the sources \`docs/reference/alerts.yml\` and \`grafana-dashboard.json\`).

| metric | kind | labels | meaning |
|---|---|---|---|`;

export function metricsReference(): string {
  const rows = METRICS.map(({ name, kind, labels, help }) => {
    const list = (labels ?? []).map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${list || '–'} | ${help.replaceAll('|', '\\|')} |`;
  });
  return `${[HEAD, ...rows].join('\n')}\n`;
}
