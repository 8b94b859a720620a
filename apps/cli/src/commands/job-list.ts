/** `job list`: work on meetings that was given up after its last attempt, each with the reason (metric tcc_dead_jobs). */
import { adminClient } from '../daemon/admin-client.ts';
import { at, cell, moment, renderTable } from '../daemon/rendering.ts';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

const COLUMNS = ['id', 'task', 'failed', 'attempts', 'meeting', 'reason'];
const NOTHING = { en: 'No work was given up.', ru: 'Прекращённых заданий нет.' } as const;

export async function run(call: Call): Promise<number> {
  const answer = foundOrFault(call, await adminClient(call).get('jobs', 'dead'), 'page', 'jobs');
  const all = at(answer, 'jobs');
  const jobs = Array.isArray(all) ? all : [];
  if (hasFlag(call, 'json')) call.io.out(JSON.stringify(jobs, null, 2));
  else if (jobs.length === 0) call.io.out(NOTHING[call.language]);
  else call.io.out(renderTable(jobs.map(row), COLUMNS, call.language).join('\n'));
  return EXIT.ok;
}

function row(job: unknown): Record<string, string> {
  return {
    id: cell(at(job, 'id')),
    task: cell(at(job, 'task')),
    failed: moment(at(job, 'failedAt')),
    attempts: cell(at(job, 'attempts')),
    meeting: cell(at(job, 'meeting')),
    reason: cell(at(job, 'reason')),
  };
}
