/** The example of the README runs as it is printed, and prints what it says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

it('the example of the README syncs two calendars in memory in 40 lines and prints what it promises', () => {
  const folder = path.join(import.meta.dirname, '..');
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const [, code = ''] = /```ts\n([\s\S]+?)```/.exec(readme) ?? [];
  const [, promised = ''] = /```text\n([\s\S]+?)```/.exec(readme) ?? [];
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(40);
  expect(promised).toContain('Nothing to do.');
  const run = spawnSync(process.execPath, ['--conditions=@tcc/source', '--input-type=module-typescript', '-e', code], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toBe(promised);
});
