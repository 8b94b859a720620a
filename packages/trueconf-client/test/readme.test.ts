/** The example of the README, run as it stands. */

import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startBench } from './support/fake-server.ts';

it('the example of the README makes and starts a conference', async () => {
  const { fake } = await startBench();
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const file = fileURLToPath(new URL(`readme-example-${process.pid}.tmp.ts`, import.meta.url));
  writeFileSync(file, code.replace('@calendar-connector/trueconf-client', '../src/index.ts'));
  onTestFinished(() => rmSync(file, { force: true }));
  const env = { ...process.env, TRUECONF_URL: fake.url, TRUECONF_SECRET: 'Passw0rd!' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@tcc/source', file], { env });
  expect(stdout).toBe('done https://server.example.test/c/weekly_2030_11 done\n');
  expect(fake.world.getConference('weekly_2030_11')).toMatchObject({ owner: 'user1', state: 'running' });
}, 20_000);
