/** What to say when the daemon does not know the thing that was asked for. */
import type { Answer } from '../daemon/admin-client.ts';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

const TEXTS = {
  mailbox: {
    en: (name: string) => `the service knows no mailbox ${name}; the list: tc_calendar mailbox list`,
    ru: (name: string) => `служба не знает ящика ${name}; список: tc_calendar mailbox list`,
  },
  meeting: {
    en: (name: string) => `the service knows no meeting ${name}; check the UID`,
    ru: (name: string) => `служба не знает встречи ${name}; проверьте UID`,
  },
  anomaly: {
    en: (name: string) => `there is no anomaly ${name}; the list: tc_calendar anomaly list`,
    ru: (name: string) => `нет аномалии ${name}; список: tc_calendar anomaly list`,
  },
  job: {
    en: (name: string) => `no job ${name} was given up; the list: tc_calendar job list`,
    ru: (name: string) => `среди прекращённых нет задания ${name}; список: tc_calendar job list`,
  },
  page: {
    en: (name: string) =>
      `the running service does not offer ${name}; restart it so that it has this program's version`,
    ru: (name: string) =>
      `работающая служба не умеет отвечать на ${name}; перезапустите её, чтобы её версия совпала с версией программы`,
  },
} as const;

type Kind = keyof typeof TEXTS;

export function foundOrFault(call: Call, answer: Answer, kind: Kind, name: string): unknown {
  if (answer.found) return answer.value;
  throw notFound(call, kind, name);
}

export function notFound({ language }: Call, kind: Kind, name: string): CommandFault {
  return new CommandFault(EXIT.failed, TEXTS[kind][language](name));
}
