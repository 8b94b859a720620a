/** `mailbox list`: one line per mailbox: state, since when, last look, last error. */
import { MAILBOX_STATES } from '@calendar-connector/sync-core';
import { adminClient } from '../daemon/admin-client.ts';
import { at, cell, moment, renderTable } from '../daemon/rendering.ts';
import { type Call, hasFlag, textOption } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { foundOrFault } from './found.ts';

const UNKNOWN = {
  en: (state: string, known: string) => `there is no state ${state}; the states: ${known}`,
  ru: (state: string, known: string) => `нет состояния ${state}; состояния: ${known}`,
} as const;
const COLUMNS = ['address', 'state', 'since', 'look', 'items', 'error'];

export async function run(call: Call): Promise<number> {
  const wanted = textOption(call, 'state');
  if (wanted !== undefined && !(MAILBOX_STATES as readonly string[]).includes(wanted)) {
    throw new CommandFault(EXIT.usage, UNKNOWN[call.language](wanted, MAILBOX_STATES.join(', ')));
  }
  const answer = foundOrFault(call, await adminClient(call).get('mailboxes'), 'page', 'mailboxes');
  const all = at(answer, 'mailboxes');
  const mailboxes = (Array.isArray(all) ? all : []).filter((one) => wanted === undefined || stateOf(one) === wanted);
  if (hasFlag(call, 'json')) call.io.out(JSON.stringify(mailboxes, null, 2));
  else call.io.out(renderTable(mailboxes.map(row), COLUMNS, call.language).join('\n'));
  return EXIT.ok;
}

/** The fields stand at the top or under `status`, as stored. */
function field(mailbox: unknown, name: string): unknown {
  return at(mailbox, name) ?? at(mailbox, `status.${name}`);
}

function stateOf(mailbox: unknown): string {
  return cell(field(mailbox, 'state'));
}

function row(mailbox: unknown): Record<string, string> {
  const time = (name: string): string => (field(mailbox, name) === undefined ? '' : moment(field(mailbox, name)));
  return {
    address: cell(at(mailbox, 'address')),
    state: stateOf(mailbox),
    since: time('since'),
    look: time('lastLookAt'),
    items: cell(at(mailbox, 'liveItems') ?? at(mailbox, 'items')),
    error: cell(at(field(mailbox, 'error'), 'code') ?? ''),
  };
}
