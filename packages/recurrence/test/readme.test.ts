/** The example of the README runs and prints what it says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('the example in the README prints what its comments say', () => {
  const folder = resolve(import.meta.dirname, '..');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(resolve(folder, 'README.md'), 'utf8')) ?? [];
  const promised = [...example.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  expect(promised).toHaveLength(6);
  const run = spawnSync(
    process.execPath,
    ['--conditions=@tcc/source', '--input-type=module-typescript', '-e', example],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  expect(run.stderr).toBe('');
  expect(run.stdout.trimEnd().split('\n')).toEqual(promised);
});
