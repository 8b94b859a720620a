/** `status`: what the running daemon says of itself. */
import { adminClient } from '../daemon/admin-client.ts';
import { renderValue } from '../daemon/rendering.ts';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

export async function run(call: Call): Promise<number> {
  const status = foundOrFault(call, await adminClient(call).get('status'), 'page', 'status');
  call.io.out(hasFlag(call, 'json') ? JSON.stringify(status, null, 2) : renderValue(status).join('\n'));
  return EXIT.ok;
}
