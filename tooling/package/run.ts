/**
 * `pnpm package`: the .deb and the .rpm from a clean checkout into dist/. Two builds of one commit give the same bytes.
 * `--version V` builds another version of the same program (what upgrade tests need), `--only deb|rpm` one of the two,
 * `--quick` packs larger and faster, for trials.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram } from './bundle.ts';
import { buildDeb } from './deb.ts';
import { buildExecutable } from './executable.ts';
import { type BuildFacts, buildFacts } from './facts.ts';
import { buildRpm } from './rpm.ts';
import { OUTPUT, REPOSITORY, requirePrograms, run } from './toolbox.ts';
import { layTree } from './tree.ts';

interface BuildOptions {
  readonly version?: string;
  readonly only?: string;
  readonly isQuick?: boolean;
  readonly output: string;
}

/** Builds; returns the files made. */
export async function buildPackages(options: BuildOptions): Promise<readonly string[]> {
  // What is packed must not depend on the umask of whoever builds.
  process.umask(0o022);
  const kinds = options.only === undefined ? ['deb', 'rpm'] : [options.only];
  const tools = [...(kinds.includes('deb') ? ['dpkg-deb'] : []), ...(kinds.includes('rpm') ? ['rpmbuild'] : [])];
  requirePrograms('building the packages', ['strip', ...tools]);
  const found = buildFacts();
  const facts: BuildFacts = options.version === undefined ? found : { ...found, version: options.version };
  const folder = mkdtempSync(path.join(tmpdir(), 'tcc-package-'));
  try {
    buildPages();
    say(`tc_calendar ${facts.version} of commit ${facts.commit.slice(0, 12)}`);
    const bundle = await bundleProgram(facts);
    const executable = path.join(folder, 'tc_calendar');
    buildExecutable(bundle, executable, folder);
    const tree = layTree(path.join(folder, 'tree'), executable, bundle, facts);
    if (!tree.hasPages) say('without browser pages: apps/console has no built index.html');
    mkdirSync(options.output, { recursive: true });
    const files = kinds.map((kind) =>
      (kind === 'deb' ? buildDeb : buildRpm)(tree.root, folder, options.output, facts, options.isQuick),
    );
    for (const file of files) tell(file);
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The browser pages, by their own build. */
function buildPages(): void {
  const folder = path.join(REPOSITORY, 'apps/console');
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return;
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: { build?: string } };
  if (scripts?.build) run(process.execPath, ['--run', 'build'], { cwd: folder });
}

function tell(file: string): void {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(`${file}.sha256`, `${digest}  ${path.basename(file)}\n`);
  say(`${path.relative(REPOSITORY, file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB  sha256 ${digest}`);
}

function say(line: string): void {
  console.log(line);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      version: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      output: { type: 'string', default: OUTPUT },
    },
  });
  if (values.only !== undefined && !['deb', 'rpm'].includes(values.only)) {
    console.error('--only takes deb or rpm');
    return 64;
  }
  try {
    await buildPackages({
      output: path.resolve(values.output),
      isQuick: values.quick,
      ...(values.version === undefined ? {} : { version: values.version }),
      ...(values.only === undefined ? {} : { only: values.only }),
    });
    return 0;
  } catch (error) {
    console.error(`package: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main();
