/** `anomaly list`: what waits for an administrator's decision, e.g. a mailbox that lost most of its events at once (feature E6). */
import { adminClient } from '../daemon/admin-client.ts';
import { at, cell, moment, renderTable } from '../daemon/rendering.ts';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

const COLUMNS = ['id', 'at', 'kind', 'mailbox', 'facts'];
const NOTHING = { en: 'Nothing waits for a decision.', ru: 'Ничто не ждёт решения.' } as const;

export async function run(call: Call): Promise<number> {
  const answer = foundOrFault(call, await adminClient(call).get('anomalies'), 'page', 'anomalies');
  const all = at(answer, 'anomalies');
  const anomalies = Array.isArray(all) ? all : [];
  if (hasFlag(call, 'json')) call.io.out(JSON.stringify(anomalies, null, 2));
  else if (anomalies.length === 0) call.io.out(NOTHING[call.language]);
  else call.io.out(renderTable(anomalies.map(row), COLUMNS, call.language).join('\n'));
  return EXIT.ok;
}

function row(anomaly: unknown): Record<string, string> {
  const facts = Object.entries((at(anomaly, 'facts') ?? {}) as Record<string, unknown>);
  return {
    id: cell(at(anomaly, 'id')),
    at: moment(at(anomaly, 'at')),
    kind: cell(at(anomaly, 'kind')),
    mailbox: cell(at(anomaly, 'mailbox')),
    facts: facts.map(([name, value]) => `${name}=${cell(value)}`).join(' '),
  };
}
