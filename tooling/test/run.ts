/**
 * `pnpm test`: builds what has changed, runs every test, and ends with the one line that scripts read:
 * `N passed, N failed, N skipped`. Extra arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

function run(program: string, args: readonly string[]): number {
  const done = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, TZ: 'UTC' } });
  if (done.error) console.error(`${program} could not be started: ${done.error.message}`);
  return done.status ?? 1;
}

function summarise(file: string): { line: string; failed: number } {
  if (!existsSync(file)) return { line: '0 passed, 1 failed', failed: 1 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  // A file that could not even be loaded has no assertions, but it has failed all the same.
  const brokenFiles = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0).length;
  const failed = report.numFailedTests + brokenFiles;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  return { line: `${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`, failed };
}

const built = run('turbo', ['run', 'build', '--output-logs=errors-only']);
if (built !== 0) {
  console.error('The build failed; no test was run.');
  console.log('0 passed, 1 failed');
  process.exit(built);
}
const folder = mkdtempSync(path.join(tmpdir(), 'tcc-test-'));
const report = path.join(folder, 'report.json');
const status = run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const { line, failed } = summarise(report);
rmSync(folder, { recursive: true, force: true });
console.log(line);
process.exit(failed > 0 ? 1 : status);
