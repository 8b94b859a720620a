/** How a command is written: the same words in help, in messages about mistakes and in the manual page. */
import type { Argument, Command, Option } from './command.ts';

/** `KEY`, `[UID]`, `[PASSWORD...]` */
export function placeholder({ name, kind }: Argument): string {
  const upper = name.toUpperCase();
  return { one: upper, optional: `[${upper}]`, many: `[${upper}...]` }[kind];
}

/** `tc_calendar register KEY` */
export function usageLine(command: Command): string {
  return ['tc_calendar', ...command.words, ...command.args.map(placeholder)].join(' ');
}

/** `tc_calendar --register KEY`, as the guide writes it; undefined where there is no old flag. */
export function flagUsage(command: Command): string | undefined {
  if (command.flag === undefined) return undefined;
  return ['tc_calendar', command.flag, ...command.args.map(placeholder)].join(' ');
}

/** `--config FILE` */
export function optionUsage({ name, value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
