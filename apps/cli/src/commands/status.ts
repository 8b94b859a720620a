/** `status`: what the running daemon says of itself, laid out for people or as JSON for scripts. */
import { adminClient } from '../daemon/admin-client.ts';
import { changeLatencyOf } from '../daemon/change-latency.ts';
import { statusText } from '../daemon/status-text.ts';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

export async function run(call: Call): Promise<number> {
  const client = adminClient(call);
  const status = foundOrFault(call, await client.get('status'), 'page', 'status');
  if (hasFlag(call, 'json')) {
    call.io.out(JSON.stringify(status, null, 2));
    return EXIT.ok;
  }
  const latency = changeLatencyOf((await client.text('/metrics')) ?? '');
  call.io.out(statusText(status, latency, call.language).join('\n'));
  return EXIT.ok;
}
