/** A provider that is away as a whole: who finds out, who tries, who is called. */
import { type MailboxAddress, mailboxAddress } from '@calendar-connector/calendar-model';
import type { Failure } from '@calendar-connector/sync-core';
import { describe, expect, it } from 'vitest';
import { Outage } from '../../src/engine/mailboxes/outage.ts';
import { ManualClock } from './manual-clock.ts';

const user = (index: number): MailboxAddress => mailboxAddress(`user${index}@example.test`);

function failure(kind: Failure['kind']): Failure {
  return Object.assign(new Error(kind), { kind, retriable: true, code: kind });
}

function start() {
  const clock = new ManualClock();
  const told: string[] = [];
  const outage = new Outage(clock, {
    onAway: () => told.push('away'),
    onScout: () => told.push('scout'),
    onReturn: () => told.push('return'),
  });
  const fail = (index: number, kind: Failure['kind'] = 'unavailable') =>
    outage.hear(user(index), Promise.reject(failure(kind))).catch(() => undefined);
  const answer = (index: number) => outage.hear(user(index), Promise.resolve('answer'));
  return { clock, told, outage, fail, answer };
}

describe('a provider that does not answer', () => {
  it('is away when five mailboxes in a row had no answer, however often one of them asked', async () => {
    const { told, fail } = start();
    for (const index of [1, 1, 1, 1, 1, 1, 2, 3, 4]) await fail(index);
    expect(told).toEqual([]);
    await fail(5);
    expect(told).toEqual(['away']);
  });

  it('is not away while anybody is answered, be it with a refusal', async () => {
    const { told, fail, answer } = start();
    for (const index of [1, 2, 3, 4]) await fail(index);
    await answer(9);
    for (const index of [1, 2, 3, 4]) await fail(index);
    await fail(8, 'impersonationDenied');
    for (const index of [1, 2, 3, 4]) await fail(index);
    expect(told).toEqual([]);
  });

  it('is tried by one mailbox soon and then every minute', async () => {
    const { clock, told, fail } = start();
    for (const index of [1, 2, 3, 4, 5]) await fail(index);
    clock.advance(1_000);
    clock.advance(60_000);
    clock.advance(60_000);
    expect(told).toEqual(['away', 'scout', 'scout', 'scout']);
  });

  it('is back with the first stream, or a little after the first answer: streams go first', async () => {
    const first = start();
    for (const index of [1, 2, 3, 4, 5]) await first.fail(index);
    first.outage.noteStream();
    expect(first.told).toEqual(['away', 'return']);
    const second = start();
    for (const index of [1, 2, 3, 4, 5]) await second.fail(index);
    await second.answer(1);
    second.clock.advance(4_000);
    expect(second.told).toEqual(['away']);
    await second.answer(2);
    second.clock.advance(1_000);
    expect(second.told).toEqual(['away', 'return']);
  });

  it('is found out by streams alone only when no call was answered lately', async () => {
    const { clock, told, outage, answer } = start();
    const lost = () => {
      for (const index of [1, 2, 3, 4, 5])
        outage.noteStreamFailure(user(index), { kind: 'timeout', message: 'silent' });
    };
    await answer(1);
    clock.advance(9_000);
    lost();
    expect(told).toEqual([]);
    clock.advance(2_000);
    lost();
    expect(told).toEqual(['away']);
  });
});
