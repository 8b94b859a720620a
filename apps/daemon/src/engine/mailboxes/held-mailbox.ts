/** A mailbox in this node's hands: what is in memory of it. All of it may be lost; the database has what counts. */
import type { Instant } from '@calendar-connector/calendar-model';
import {
  type Fence,
  type MailboxMachine,
  type MailboxRecord,
  type MailboxStatus,
  mailboxAdvice,
  newMailboxMachine,
} from '@calendar-connector/sync-core';
import type { HeldMailbox } from './look.ts';

export interface Held extends HeldMailbox {
  machine: MailboxMachine;
  paused: boolean;
  looking: boolean;
  clientWaiting: boolean;
  /** newest hint that no look has answered; set to undefined when a look begins */
  hintedAt: Instant | undefined;
  /** when the oldest unanswered reason to look appeared */
  askedAt: Instant | undefined;
  /** pages are left, and others have their turn first */
  restsUntil: Instant | undefined;
  lastEventAt: Instant | undefined;
  streamChangedAt: Instant | undefined;
  /** its place in every period of sweeps */
  readonly phase: number;
  readonly waiters: (() => void)[];
  readonly stop: AbortController;
}

export function newHeld(record: MailboxRecord, fence: Fence, phase: number, now: Instant): Held {
  return {
    address: record.address,
    provider: record.provider,
    fence,
    resolved: record.resolved,
    record,
    unreadable: new Map(),
    machine: newMailboxMachine(now),
    paused: record.paused,
    looking: false,
    clientWaiting: false,
    hintedAt: undefined,
    askedAt: undefined,
    restsUntil: undefined,
    lastLookAt: record.status?.lastLookAt,
    lastEventAt: record.status?.lastEventAt,
    streamChangedAt: undefined,
    phase,
    waiters: [],
    stop: new AbortController(),
  };
}

/** Listed to its end at least once. */
export function isListed(held: HeldMailbox): boolean {
  return held.record.cursor !== undefined && held.record.listing === undefined;
}

/** What people are shown of it. */
export function statusOf(held: Held, nextAttemptAt: Instant | undefined, language: 'ru' | 'en'): MailboxStatus {
  const { machine, lastLookAt, lastEventAt, address } = held;
  const error = machine.error && {
    code: machine.error.code,
    message: machine.error.message,
    advice: mailboxAdvice(machine, language),
  };
  return {
    address,
    state: machine.state,
    since: machine.since,
    ...(lastLookAt === undefined ? {} : { lastLookAt }),
    ...(lastEventAt === undefined ? {} : { lastEventAt }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    ...(error ? { error } : {}),
  };
}
