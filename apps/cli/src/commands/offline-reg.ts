/** `--offline_reg FILE`: verifies the manager's signed reply and stores the licence (feature A4). */
import { resolve } from 'node:path';
import { applyOfflineReply, licenceMessage, REGISTERED_TEXT } from '@calendar-connector/licensing';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { registrationSettings } from './registration-settings.ts';

export async function run(call: Call): Promise<number> {
  const { directory, issuerKeyFile } = registrationSettings(call);
  const outcome = await applyOfflineReply({
    directory,
    file: resolve(argument(call, 'file')),
    now: call.io.now(),
    ...(issuerKeyFile === undefined ? {} : { issuerKeyFile }),
  });
  if (!outcome.ok) throw new CommandFault(EXIT.failed, licenceMessage(outcome.fault, call.language));
  call.io.out(REGISTERED_TEXT);
  return EXIT.ok;
}
