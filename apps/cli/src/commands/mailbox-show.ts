/** `mailbox show ADDRESS`: everything the daemon tells of one mailbox. */
import { adminClient } from '../daemon/admin-client.ts';
import { renderValue } from '../daemon/rendering.ts';
import { argument, type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

export async function run(call: Call): Promise<number> {
  const address = argument(call, 'address').trim().toLowerCase();
  const mailbox = foundOrFault(call, await adminClient(call).get('mailboxes', address), 'mailbox', address);
  call.io.out(
    hasFlag(call, 'json') ? JSON.stringify(mailbox, null, 2) : renderValue(mailbox, call.language).join('\n'),
  );
  return EXIT.ok;
}
