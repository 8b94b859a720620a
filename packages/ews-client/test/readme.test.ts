/**
 * The example of the README, run as it stands against the fake Exchange (only the address and the log-in are replaced).
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startFake } from './support/fake.ts';

const FILE = resolve(import.meta.dirname, 'readme-example.tmp.ts');

afterEach(() => rmSync(FILE, { force: true }));

it('the example of the README lists a calendar and follows it, in about twenty lines', async () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(22);
  await using started = await startFake({ world: { itemsPerMailbox: 2 } });
  const ran = example
    .replace("{ host: 'mail.example.com' }", `{ scheme: 'http', host: '127.0.0.1', port: ${started.fake.port} }`)
    .replace('svc@example.com', 'svc@example.test')
    .replace("process.env['EWS_PASSWORD'] ?? ''", "'Passw0rd!'")
    .replace('anna@example.com', 'user1@example.test')
    .replaceAll('console.log', 'globalThis.readmeSays');
  writeFileSync(FILE, `${ran}\nexport { source, stream };\n`);
  const said: unknown[][] = [];
  let heard: () => void = () => undefined;
  Object.assign(globalThis, {
    readmeSays: (...words: unknown[]) => {
      said.push(words);
      heard();
    },
  });
  const until = (condition: () => boolean) =>
    new Promise<void>((done) => {
      heard = () => {
        if (condition()) done();
      };
      heard();
    });
  const { source, stream } = (await import(FILE)) as {
    source: { close(): Promise<void> };
    stream: { close(): Promise<void> };
  };
  await until(() => said.filter((words) => words.length === 3).length >= 2);
  started.world.createItem('user1@example.test', {
    subject: 'New in Outlook',
    start: Date.parse('2026-12-01T09:00:00Z'),
    end: Date.parse('2026-12-01T10:00:00Z'),
  });
  await until(() => said.some(([, , subject]) => subject === 'New in Outlook'));
  expect(said).toContainEqual(['user1@example.test', 'live']);
  await stream.close();
  await source.close();
});
