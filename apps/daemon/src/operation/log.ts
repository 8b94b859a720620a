/**
 * Structured logs: JSON lines to stdout (systemd journal, with its priority prefix) or to the guide's folder, reopened on
 * SIGUSR1 for logrotate. Addresses are shown as stable marks, subjects and bodies never reach here (threats T4, T9).
 * Two phrases are the guide's own (§4.2) and must stay exactly as they are; admins grep for them.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Guide §4.2. No apostrophe, on purpose. Said when no connection to Exchange can be had. */
export const PHRASE_NO_SOCKET = 'Cant get free socket from pool';
/** Guide §4.2. Said when a client's calendar list could not be given. */
export const PHRASE_NO_CALENDARS = 'failed to getCalendarList';

export interface LogOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** folder of the log file; absent: stdout */
  readonly folder?: string;
  /** addresses as they are instead of marks */
  readonly personalData: boolean;
  /** true when stdout is the systemd journal: lines carry `<priority>` */
  readonly journal: boolean;
}

export interface Log {
  readonly logger: Logger;
  /** How an address is written in logs. */
  address(address: string): string;
  setLevel(level: LogOptions['level']): void;
  setPersonalData(shown: boolean): void;
  /** Opens the file anew after logrotate moved it away. */
  reopen(): void;
  flush(): void;
}

/** Fields that hold secrets wherever they appear. */
const SECRET_FIELDS = ['password', 'token', 'authorization', 'clientSecret', 'adminToken', 'access_token', 'cookie'];
const REDACT = [
  ...SECRET_FIELDS,
  ...SECRET_FIELDS.map((field) => `*.${field}`),
  ...SECRET_FIELDS.map((field) => `*.*.${field}`),
];

/** An e-mail address or a TrueConf ID, bounded so that no text makes the search slow. */
const ADDRESS = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

/** syslog priorities of pino's levels (sd-daemon(3)). */
function priority(line: string): number {
  const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 30);
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

export function openLog(options: LogOptions): Log {
  const target = options.folder
    ? { dest: path.join(options.folder, 'calendar.log'), mkdir: true, append: true, sync: false, mode: 0o640 }
    : { fd: 1, sync: false };
  if (options.folder) mkdirSync(options.folder, { recursive: true });
  const out = destination(target);
  const journal = options.journal && !options.folder;
  // The mark's key is this process's own: marks match within one log, and cannot be computed from a list of addresses.
  const key = randomBytes(16);
  let personalData = options.personalData;
  const address = (text: string): string =>
    personalData ? text : `mbx-${createHmac('sha256', key).update(text.toLowerCase()).digest('hex').slice(0, 10)}`;
  // Messages of servers and libraries name people too: whatever looks like an address is marked at the door.
  const stream: DestinationStream = {
    write: (line) => {
      const clean = personalData ? line : line.replace(ADDRESS, address);
      out.write(journal ? `<${priority(clean)}>${clean}` : clean);
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACT, censor: '***' },
      formatters: journal ? {} : { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    logger,
    address,
    setLevel: (level) => {
      logger.level = level;
    },
    setPersonalData: (shown) => {
      personalData = shown;
    },
    reopen: () => {
      if (options.folder) out.reopen();
    },
    flush: () => {
      try {
        out.flushSync();
      } catch {
        // The destination was not open yet (nothing was written) or is gone: nothing can be done at the end of a process.
      }
    },
  };
}
