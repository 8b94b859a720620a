import { describe, expect, test } from 'vitest';
import { ExpiringCache } from '../../src/engine/meetings/expiring-cache.ts';
import { ManualClock } from './manual-clock.ts';

function counted(clock: ManualClock, maxEntries = 10) {
  const cache = new ExpiringCache<string>(clock, {
    maxEntries,
    lifetimeMs: (value) => (value === 'absent' ? 10 : 1000),
  });
  const asked: string[] = [];
  const get = (key: string, value = key) =>
    cache.get(key, async () => {
      asked.push(key);
      return value;
    });
  return { cache, asked, get };
}

describe('the directory of users', () => {
  test('is asked once while an answer is under way and while it is fresh', async () => {
    const { asked, get } = counted(new ManualClock());
    await Promise.all([get('a'), get('a')]);
    await get('a');
    expect(asked).toEqual(['a']);
  });

  test('forgets an absent user sooner than a present one', async () => {
    const clock = new ManualClock();
    const { asked, get } = counted(clock);
    await get('here');
    await get('gone', 'absent');
    clock.advance(20);
    await get('here');
    await get('gone', 'absent');
    expect(asked).toEqual(['here', 'gone', 'gone']);
  });

  test('does not remember a failure', async () => {
    const { cache, asked, get } = counted(new ManualClock());
    await expect(cache.get('a', () => Promise.reject(new Error('server away')))).rejects.toThrow('server away');
    await expect(get('a')).resolves.toBe('a');
    expect(asked).toEqual(['a']);
  });

  test('stays within its bound', async () => {
    const { asked, get } = counted(new ManualClock(), 2);
    for (const key of ['a', 'b', 'c', 'a']) await get(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
