import { mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, test } from 'vitest';
import { LaneQueue } from '../../src/engine/mailboxes/lane-queue.ts';

const mailbox = (name: string) => mailboxAddress(`${name}@example.test`);

function takeAll(queue: LaneQueue): string[] {
  const taken: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(`${next.lane}:${next.mailbox.split('@')[0]}`);
  return taken;
}

describe('which mailbox is looked at next', () => {
  test('a waiting client goes before a change, a change before a first sync, a sweep last', () => {
    const queue = new LaneQueue();
    queue.add(mailbox('d'), 'sweep');
    queue.add(mailbox('c'), 'first');
    queue.add(mailbox('b'), 'changed');
    queue.add(mailbox('a'), 'client');
    expect(takeAll(queue)).toEqual(['client:a', 'changed:b', 'first:c', 'sweep:d']);
  });

  test('a mailbox waits once, in its most urgent lane', () => {
    const queue = new LaneQueue();
    queue.add(mailbox('a'), 'sweep');
    queue.add(mailbox('a'), 'client');
    queue.add(mailbox('a'), 'changed');
    expect(queue.size).toBe(1);
    expect(takeAll(queue)).toEqual(['client:a']);
  });

  test('a storm of changes does not starve first syncs (I11)', () => {
    const queue = new LaneQueue();
    for (let index = 0; index < 100; index += 1) queue.add(mailbox(`busy${index}`), 'changed');
    queue.add(mailbox('new'), 'first');
    const place = takeAll(queue).indexOf('first:new');
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(10);
  });

  test('a mailbox that was let go is not served', () => {
    const queue = new LaneQueue();
    queue.add(mailbox('a'), 'changed');
    queue.remove(mailbox('a'));
    expect(queue.take()).toBeUndefined();
    expect(queue.depth('changed')).toBe(0);
  });
});
