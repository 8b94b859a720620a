/** `trace UID`: one meeting's story through observation, plan, apply, settle and push (feature E4). */
import { adminClient } from '../daemon/admin-client.ts';
import { at, cell, moment } from '../daemon/rendering.ts';
import { argument, type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

const STAGE_WIDTH = 9;

export async function run(call: Call): Promise<number> {
  const uid = argument(call, 'uid');
  const answer = foundOrFault(call, await adminClient(call).get('meetings', uid, 'trace'), 'meeting', uid);
  const timeline = at(answer, 'timeline');
  const entries = Array.isArray(timeline) ? timeline : [];
  if (hasFlag(call, 'json')) {
    call.io.out(JSON.stringify(entries, null, 2));
    return EXIT.ok;
  }
  if (entries.length === 0) foundOrFault(call, { found: false }, 'meeting', uid);
  call.io.out(entries.map(line).join('\n'));
  return EXIT.ok;
}

function line(entry: unknown): string {
  const detail = at(entry, 'detail');
  const facts = Object.entries((detail ?? {}) as Record<string, unknown>).map(
    ([name, value]) => `${name}=${cell(value)}`,
  );
  const outcome = at(entry, 'outcome');
  return [
    moment(at(entry, 'at')),
    cell(at(entry, 'stage')).padEnd(STAGE_WIDTH),
    cell(at(entry, 'mailbox')),
    cell(at(entry, 'what')),
    outcome === undefined ? '' : `→ ${cell(outcome)}`,
    ...facts,
  ]
    .filter((part) => part !== '')
    .join('  ');
}
