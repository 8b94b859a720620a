/** Running the programs that packaging needs, with a plain word about the one that is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const OUTPUT = path.join(REPOSITORY, 'dist');

/** What each foreign program is part of, by Debian's package names. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  strip: 'binutils',
  'dpkg-deb': 'dpkg',
  rpmbuild: 'rpm',
  gzip: 'gzip',
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  nsenter: 'util-linux',
  chroot: 'coreutils',
};

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** exit codes that are no failure */
  readonly accept?: readonly number[];
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs to the end; a failure throws with the command and the end of what it said. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Ran {
  const done = spawnSync(program, args, {
    cwd: options.cwd ?? REPOSITORY,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
  });
  if (done.error) throw new Error(`${program} cannot be run: ${done.error.message}`);
  const output = `${done.stdout}${done.stderr}`;
  const code = done.status ?? 128;
  if (!(options.accept ?? [0]).includes(code)) {
    throw new Error(
      `${[program, ...args].join(' ')} ended with ${code}:\n${output.trim().split('\n').slice(-25).join('\n')}`,
    );
  }
  return { code, output };
}

/** Programs that are not on PATH, as `name (Debian package x)`. */
export function missingPrograms(names: readonly string[]): string[] {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return names
    .filter((name) => !folders.some((folder) => existsSync(path.join(folder, name))))
    .map((name) => `${name} (Debian package ${DEBIAN_PACKAGES[name] ?? name})`);
}

/** Throws one sentence that names everything missing. */
export function requirePrograms(purpose: string, names: readonly string[]): void {
  const missing = missingPrograms(names);
  if (missing.length > 0)
    throw new Error(`${purpose} needs ${missing.join(', ')}; install what is missing and try again`);
}
