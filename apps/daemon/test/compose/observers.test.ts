/** What the log says of lasting trouble: enough to act on, never a flood, and the numbers stay true (guide §4.2). */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { TrueConfError } from '@calendar-connector/trueconf-client';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/channel/refusal.ts';
import { observeEws } from '../../src/compose/ews-observer.ts';
import { Observers } from '../../src/compose/observers.ts';
import { MailboxHistory } from '../../src/operation/mailbox-history.ts';
import { createMetrics } from '../../src/operation/metrics.ts';
import { Repeats } from '../../src/operation/repeats.ts';
import { ManualClock } from '../engine/manual-clock.ts';
import { recordedLog } from '../support/recorded-log.ts';

const MINUTE_MS = 60_000;
const DOWN = { kind: 'unavailable', code: 'ECONNREFUSED', message: 'mail.example.com:443 does not accept connections' };
const MAILBOXES = Array.from({ length: 1_000 }, (_, index) => mailboxAddress(`user${index}@example.test`));
const [FIRST = mailboxAddress('user0@example.test')] = MAILBOXES;

function setUp() {
  const clock = new ManualClock();
  const [log, metrics, repeats, history] = [
    recordedLog(),
    createMetrics(),
    new Repeats(clock),
    new MailboxHistory(clock),
  ];
  const store = { appendTimeline: async () => {} };
  return {
    clock,
    log,
    metrics,
    history,
    repeats,
    observers: new Observers({ clock, log, metrics, repeats, history, store }),
  };
}

describe('an Exchange that is away for ten hours, with a thousand mailboxes asking every minute', () => {
  const { clock, log, metrics, history, observers } = setUp();
  for (let minute = 0; minute < 600; minute += 1) {
    for (const mailbox of MAILBOXES) observers.mailboxes.failed(mailbox, DOWN as never);
    clock.advance(MINUTE_MS);
  }

  test('the guide’s phrase comes at once and then ever more rarely, with how often it was left out', () => {
    const phrases = log.lines.filter(({ msg }) => String(msg).startsWith('Cant get free socket from pool'));
    expect(phrases.length).toBeGreaterThan(5);
    expect(phrases.length).toBeLessThan(20);
    expect(phrases[0]).not.toHaveProperty('repeated');
    expect(phrases[1]).toMatchObject({ level: 'error', code: 'ECONNREFUSED', repeated: 999 });
  });

  test('single mailboxes are named, but not each of them', () => {
    const named = log.lines.filter(({ level }) => level === 'warn');
    expect(named.length).toBeGreaterThan(20);
    expect(named.length).toBeLessThan(400);
  });

  test('nothing is lost: the metric counts each failure, the mailbox’s own history counts its own', async () => {
    const { values } = await metrics.mailboxErrors.get();
    expect(values).toMatchObject([{ labels: { kind: 'unavailable' }, value: 600_000 }]);
    expect(history.read(FIRST).failures).toMatchObject([{ code: 'ECONNREFUSED', times: 600 }]);
  });
});

test('a history keeps the last few failures and changes only, however long the trouble lasts', () => {
  const { history, observers } = setUp();
  for (let round = 0; round < 50; round += 1) {
    observers.mailboxes.failed(FIRST, { ...DOWN, code: `E${round}` } as never);
    observers.mailboxes.stateChanged(FIRST, 'live', 'retrying');
  }
  const { failures, states } = history.read(FIRST);
  expect(failures.map(({ code }) => code)).toEqual(['E42', 'E43', 'E44', 'E45', 'E46', 'E47', 'E48', 'E49']);
  expect(states).toHaveLength(8);
});

test('a client of Exchange may warn of the same thing all night: it is said a few times, with the count', () => {
  const { clock, log, metrics, repeats } = setUp();
  const observer = observeEws('main', { log, metrics, repeats });
  for (let second = 0; second < 8 * 3_600; second += 1) {
    observer.warning?.({ code: 'ItemTooLarge', message: 'an item is left out', mailbox: FIRST });
    clock.advance(1_000);
  }
  expect(log.lines.length).toBeLessThan(14);
  expect(log.lines[1]).toMatchObject({ level: 'warn', code: 'ItemTooLarge', repeated: 59 });
});

test('a TrueConf Server that cannot be asked who its users are is named as the reason why nobody gets in', async () => {
  const { clock, log, metrics, observers } = setUp();
  const message = 'findTokenOwner: the connection failed (TrueConf Server server.example.test#vcs, ECONNREFUSED)';
  const cause = new TrueConfError(message, { kind: 'unavailable', code: 'ECONNREFUSED', operation: 'findTokenOwner' });
  for (let second = 0; second < 3_600; second += 1) {
    const refusal = new Refusal('providerUnavailable', 'this TrueConf Server cannot be asked now; try again later');
    refusal.cause = cause;
    observers.channel.refused('authorize', refusal.code, undefined, refusal);
    clock.advance(1_000);
  }
  expect(log.lines[0]).toMatchObject({ level: 'warn', msg: `clients cannot be let in: ${message}` });
  expect(log.lines.length).toBeLessThan(14);
  expect((await metrics.wsRefused.get()).values).toMatchObject([
    { labels: { code: 'providerUnavailable' }, value: 3_600 },
  ]);
});

test('the guide’s phrase of calendars that cannot be listed is kept for calendars that cannot be read', () => {
  const { log, observers } = setUp();
  const refuse = (code: 'rateLimited' | 'unauthorized' | 'providerUnavailable' | 'internal'): void =>
    observers.channel.refused('getCalendarList', code, undefined, new Refusal(code, `because of ${code}`));
  for (const code of ['rateLimited', 'unauthorized', 'providerUnavailable', 'internal'] as const) refuse(code);
  expect(log.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
    'failed to getCalendarList: because of providerUnavailable',
    'failed to getCalendarList: because of internal',
  ]);
});
