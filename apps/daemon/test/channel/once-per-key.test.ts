/** SPEC.md M8 of client-protocol: two requests with one key do one change; the same key with another change is a conflict. */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import type { WriteLedger } from '@calendar-connector/sync-core';
import { expect, test } from 'vitest';
import { OncePerKey } from '../../src/channel/once-per-key.ts';
import { Refusal } from '../../src/channel/refusal.ts';

const ANNA = mailboxAddress('anna@example.test');

/** A ledger in memory, as the store keeps it; several processes may share it. */
function ledger(): WriteLedger {
  const rows = new Map<string, { hash: string; answer?: string }>();
  return {
    async beginWrite(_mailbox, key, hash) {
      const row = rows.get(key);
      if (!row) {
        rows.set(key, { hash });
        return { state: 'new' };
      }
      if (row.hash !== hash) return { state: 'mismatch' };
      return row.answer === undefined ? { state: 'pending' } : { state: 'known', answer: row.answer };
    },
    async finishWrite(_mailbox, key, answer) {
      const row = rows.get(key);
      if (row) row.answer = answer;
    },
    async abandonWrite(_mailbox, key) {
      rows.delete(key);
    },
  };
}

const write = (key: string, hash = 'a') => ({ mailbox: ANNA, key, hash });
const lost = Object.assign(new Error('no answer'), {
  name: 'EwsError',
  kind: 'timeout',
  code: 'ETIMEDOUT',
  retriable: true,
  maybeDone: true,
});

test('two sockets with one key at the same moment do one change and get one answer', async () => {
  const once = new OncePerKey(ledger());
  const deed = Promise.withResolvers<string>();
  let deeds = 0;
  const work = () => {
    deeds += 1;
    return deed.promise;
  };
  const both = [once.run(write('k'), work), once.run(write('k'), work)];
  deed.resolve('done');
  expect(await Promise.all(both)).toEqual(['done', 'done']);
  expect(deeds).toBe(1);
});

test('while another node is at it the client is told to ask again', async () => {
  const shared = ledger();
  const deed = Promise.withResolvers<string>();
  const first = new OncePerKey(shared).run(write('k'), () => deed.promise);
  await expect(new OncePerKey(shared).run(write('k'), async () => 'twice')).rejects.toMatchObject({
    code: 'providerUnavailable',
    retryAfterMs: expect.any(Number),
  });
  deed.resolve('done');
  expect(await first).toBe('done');
  expect(await new OncePerKey(shared).run(write('k'), async () => 'twice')).toBe('done');
});

test('a repeat after a lost answer is taken up at once and told that it is one', async () => {
  const once = new OncePerKey(ledger());
  const tries: boolean[] = [];
  const work = async (repeated: boolean): Promise<string> => {
    tries.push(repeated);
    if (!repeated) throw lost;
    return 'found';
  };
  await expect(once.run(write('k'), work)).rejects.toBe(lost);
  expect(await once.run(write('k'), work)).toBe('found');
  expect(tries).toEqual([false, true]);
});

test('a change that was refused leaves its key free; the key of another change is a conflict', async () => {
  const once = new OncePerKey(ledger());
  const refuse = async (): Promise<string> => {
    throw new Refusal('forbidden', 'no');
  };
  await expect(once.run(write('k'), refuse)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await once.run(write('k', 'b'), async () => 'done')).toBe('done');
  await expect(once.run(write('k', 'c'), async () => 'other')).rejects.toMatchObject({ code: 'conflict' });
});
