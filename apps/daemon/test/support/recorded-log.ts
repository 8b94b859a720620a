/** A log that keeps what is said. */
import { pino } from 'pino';
import type { Log } from '../../src/operation/log.ts';

export interface RecordedLog extends Log {
  readonly lines: Readonly<Record<string, unknown>>[];
}

export function recordedLog(): RecordedLog {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = pino({ base: null, level: 'debug', formatters: { level: (level) => ({ level }) } }, { write });
  return {
    lines,
    logger,
    address: (text) => text,
    setLevel() {},
    setPersonalData() {},
    reopen() {},
    flush() {},
  };
}
