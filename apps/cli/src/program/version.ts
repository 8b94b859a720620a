/** Version and commit: put in by the bundler; from a checkout read from package.json and .git, without starting anything. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

declare const TCC_VERSION: string | undefined;
declare const TCC_COMMIT: string | undefined;

export interface ProgramVersion {
  readonly version: string;
  readonly commit: string;
}

/** `1.2.3`, `a1b2c3d4e5f6` */
export function programVersion(): ProgramVersion {
  return {
    version: typeof TCC_VERSION === 'string' ? TCC_VERSION : (fromPackage() ?? '0.0.0'),
    commit: typeof TCC_COMMIT === 'string' ? TCC_COMMIT : (fromGit() ?? 'unknown'),
  };
}

export function versionLine(): string {
  const { version, commit } = programVersion();
  return `tc_calendar ${version} (${commit.slice(0, 12)})`;
}

function fromPackage(): string | undefined {
  const file = findUp('package.json');
  if (!file) return undefined;
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
  return version;
}

function fromGit(): string | undefined {
  const git = findUp('.git');
  if (!git) return undefined;
  try {
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim();
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    return ref === undefined ? head : readRef(git, ref);
  } catch {
    return undefined;
  }
}

function readRef(git: string, ref: string): string | undefined {
  const loose = join(git, ref);
  if (existsSync(loose)) return readFileSync(loose, 'utf8').trim();
  const packed = readFileSync(join(git, 'packed-refs'), 'utf8');
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ', 1)[0];
}

function findUp(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}
