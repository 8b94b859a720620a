/**
 * `node tooling/package/try.ts --root debian12`: installs the built package into a fresh Debian and goes the way of an
 * administrator there, under a really booted systemd: install, register, configure, start, a meeting flows, watchdog,
 * reload, upgrade, remove, purge. Prints a line per step; exit code 1 with the first that fails.
 *   --root debian11|debian12|debian13|rpm   (rpm: the .rpm in a Debian root with the program rpm)
 *   --package FILE   default: the newest of dist/       --cache DIR   keep downloaded Debian packages
 *   --base DIR       copy this debootstrapped root      --keep        leave the root behind
 */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Machine, makeRoot, RELEASES, removeFolder } from './machine.ts';
import { OUTPUT, requirePrograms } from './toolbox.ts';
import { Trial } from './trial.ts';

function packageFile(given: string | undefined, ending: string): string {
  if (given !== undefined) return path.resolve(given);
  const found = existsSync(OUTPUT)
    ? readdirSync(OUTPUT)
        .filter((name) => name.endsWith(ending))
        .sort()
        .at(-1)
    : undefined;
  if (found === undefined) throw new Error(`there is no ${ending} in dist/: build it first with pnpm package`);
  return path.join(OUTPUT, found);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: 'debian12' },
      package: { type: 'string' },
      cache: { type: 'string' },
      base: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const isRpm = values.root === 'rpm';
  const release = isRpm ? RELEASES.debian12 : RELEASES[values.root];
  if (release === undefined) {
    console.error(`--root takes ${Object.keys(RELEASES).join(', ')} or rpm`);
    return 64;
  }
  if (process.getuid?.() !== 0) throw new Error('booting a machine needs root: run it with sudo');
  requirePrograms('the trial', ['debootstrap', 'systemd-nspawn', 'nsenter', 'dpkg-deb']);
  const file = packageFile(values.package, isRpm ? '.rpm' : '.deb');
  const folder = mkdtempSync(path.join(tmpdir(), 'tcc-try-'));
  let machine: Machine | undefined;
  try {
    console.log(`root ${values.root}, package ${path.basename(file)}`);
    const root = makeRoot({
      release,
      more: isRpm ? ['rpm'] : [],
      folder,
      ...(values.cache === undefined ? {} : { cache: values.cache }),
      ...(values.base === undefined ? {} : { base: values.base }),
    });
    machine = new Machine(root);
    await machine.booted();
    const trial = new Trial(machine, file, folder);
    try {
      await trial.run();
    } finally {
      trial.close();
    }
    console.log('all steps passed');
    return 0;
  } finally {
    await machine?.stop();
    if (values.keep) console.log(`left behind: ${folder}`);
    else removeFolder(folder);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`try: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
