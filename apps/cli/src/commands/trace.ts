/** `trace UID`: one meeting's story through observation, plan, apply, settle and push (feature E4). */
import { adminClient } from '../daemon/admin-client.ts';
import { at, cell, moment } from '../daemon/rendering.ts';
import { argument, type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { foundOrFault, notFound } from './found.ts';

const STAGE_WIDTH = 9;
const UNTOUCHED = {
  en: (uid: string) =>
    `nothing is written down of meeting ${uid}: it is known, but the service had nothing to do with it; why: tc_calendar explain ${uid}`,
  ru: (uid: string) =>
    `о встрече ${uid} ничего не записано: она известна, но службе не пришлось с ней ничего делать; почему: tc_calendar explain ${uid}`,
} as const;

export async function run(call: Call): Promise<number> {
  const uid = argument(call, 'uid');
  const answer = foundOrFault(call, await adminClient(call).get('meetings', uid, 'trace'), 'meeting', uid);
  const timeline = at(answer, 'timeline');
  const entries = Array.isArray(timeline) ? timeline : [];
  if (entries.length === 0) throw await nothingToTell(call, uid);
  call.io.out(hasFlag(call, 'json') ? JSON.stringify(entries, null, 2) : entries.map(line).join('\n'));
  return EXIT.ok;
}

/** An unknown meeting is a wrong UID; a known one without a story is one that nothing had to be done with. */
async function nothingToTell(call: Call, uid: string): Promise<CommandFault> {
  const { found } = await adminClient(call).get('meetings', uid, 'explain');
  if (found) return new CommandFault(EXIT.failed, UNTOUCHED[call.language](uid));
  return notFound(call, 'meeting', uid);
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
