/** Light commands start at once because they load next to nothing. What is loaded is gated here; times are measured elsewhere. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { newInstallation } from './support/installation.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const WATCH = `import { registerHooks } from 'node:module';
const urls = [];
registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
process.on('exit', () => process.stderr.write('<<<loaded' + JSON.stringify(urls)));`;

const START = '<<<loaded';

function loadedBy(argv: readonly string[]): string[] {
  const { root } = newInstallation();
  const preload = `data:text/javascript,${encodeURIComponent(WATCH)}`;
  const options = ['--conditions=@tcc/source', '--import', preload, MAIN, '--root', root, ...argv];
  const { stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  return JSON.parse(stderr.slice(stderr.lastIndexOf(START) + START.length)) as string[];
}

it.each([['--version'], ['--hash_pass', 'secret']])('%s loads a handful of our own files and no library', (...argv) => {
  const files = loadedBy(argv).filter((url) => url.startsWith('file:'));
  expect(files.filter((url) => url.includes('node_modules/') && !url.includes('@calendar-connector'))).toEqual([]);
  expect(files.length).toBeLessThan(25);
});

it.each([['--help'], ['config', 'check']])('%s loads neither Exchange nor database nor HTTP clients', (...argv) => {
  const loaded = loadedBy(argv);
  expect(loaded.length).toBeGreaterThan(10);
  expect(loaded.filter((url) => /ews-javascript-api|\/pg\/|kysely|undici|fastify/.test(url))).toEqual([]);
});
