/** `explain UID`: the plan the daemon would carry out, each step with its rule. `explain --mailbox M`: why a mailbox is in its state. Writes nothing. */
import { type AdminClient, adminClient } from '../daemon/admin-client.ts';
import { renderValue } from '../daemon/rendering.ts';
import { argument, type Call, hasFlag, textOption } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { foundOrFault } from './found.ts';

const WHICH = {
  en: 'say of what: tc_calendar explain UID, or tc_calendar explain --mailbox ADDRESS',
  ru: 'укажите, о чём речь: tc_calendar explain UID или tc_calendar explain --mailbox АДРЕС',
} as const;

export async function run(call: Call): Promise<number> {
  const uid = argument(call, 'uid');
  const mailbox = textOption(call, 'mailbox')?.trim().toLowerCase();
  if ((uid === '') === (mailbox === undefined)) throw new CommandFault(EXIT.usage, WHICH[call.language]);
  const client = adminClient(call);
  const plan = mailbox === undefined ? await ofMeeting(call, client, uid) : await ofMailbox(call, client, mailbox);
  call.io.out(hasFlag(call, 'json') ? JSON.stringify(plan, null, 2) : renderValue(plan, call.language).join('\n'));
  return EXIT.ok;
}

async function ofMeeting(call: Call, client: AdminClient, uid: string): Promise<unknown> {
  return foundOrFault(call, await client.get('meetings', uid, 'explain'), 'meeting', uid);
}

/** A 404 means either an unknown mailbox or a service that cannot explain one. */
async function ofMailbox(call: Call, client: AdminClient, mailbox: string): Promise<unknown> {
  const plan = await client.get('mailboxes', mailbox, 'explain');
  if (plan.found) return plan.value;
  foundOrFault(call, await client.get('mailboxes', mailbox), 'mailbox', mailbox);
  return foundOrFault(call, plan, 'page', 'explain --mailbox');
}
