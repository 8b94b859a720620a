/** The completion scripts by the file name a package installs them under. */
import { TABLE } from '../program/table.ts';
import { completionScript } from './completion-scripts.ts';

export function completionFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['bash/tc_calendar', completionScript('bash', 'en', TABLE)],
    ['zsh/_tc_calendar', completionScript('zsh', 'en', TABLE)],
    ['fish/tc_calendar.fish', completionScript('fish', 'en', TABLE)],
  ]);
}
