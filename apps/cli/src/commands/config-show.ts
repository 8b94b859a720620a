/** `config show --redact`: the configuration in effect, with defaults; secrets are never printed, asked for or not. */
import { redact } from '@calendar-connector/config';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { requireConfig } from './config-file.ts';

export async function run(call: Call): Promise<number> {
  call.io.out(JSON.stringify(redact(requireConfig(call)), null, 2));
  return EXIT.ok;
}
