/** `config check`: every finding as `file:line:col: level: key: message`; 78 when there is an error (feature B2). */
import { formatFinding } from '@calendar-connector/config';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { readConfig } from './config-file.ts';

const FINE = { en: 'The configuration is in order.', ru: 'Конфигурация в порядке.' } as const;

export async function run(call: Call): Promise<number> {
  const { ok, findings } = readConfig(call);
  if (hasFlag(call, 'json')) call.io.out(JSON.stringify({ ok, findings }, null, 2));
  else {
    for (const finding of findings) call.io.out(formatFinding(finding));
    if (ok && findings.length === 0) call.io.out(FINE[call.language]);
  }
  return ok ? EXIT.ok : EXIT.badConfig;
}
