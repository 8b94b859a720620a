/** The README's example, run as it stands there. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MONDAY, single } from './items.ts';

const AsyncFunction = (async () => undefined).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<unknown>;

test('the example of the README plans the meeting it stored', async () => {
  const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const [, code = ''] = /```ts\n([\s\S]+?)```/.exec(readme) ?? [];
  const body = code.replaceAll(/^import .*$/gm, '').replace('await queue.stop();', 'await seen;\nawait queue.stop();');
  const model = await import('@calendar-connector/calendar-model');
  const storage = await import('../src/index.ts');
  const names = { ...storage, mailboxAddress: model.mailboxAddress };
  const folder = await mkdtemp(join(tmpdir(), 'tcc-readme-'));
  const seen = Promise.withResolvers<unknown>();
  const given = { folder, cursor: 'c1', item: single('a'), now: MONDAY, planned: seen.resolve, seen: seen.promise };
  try {
    const run = new AsyncFunction(...Object.keys(names), ...Object.keys(given), `${body}\nreturn receipt;`);
    expect(await run(...Object.values(names), ...Object.values(given))).toMatchObject({
      outcome: 'committed',
      inserted: 1,
    });
    expect(await seen.promise).toMatchObject({
      key: 'uid:uid-a',
      version: 0,
      copies: [{ mailbox: 'anna@example.test' }],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
