/** Version and commit: put in by the bundler; from a checkout read from package.json and .git, without starting anything. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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
  const found = findUp('.git');
  return found === undefined ? undefined : commitAt(found);
}

/** The commit that is checked out where this `.git` lies. */
export function commitAt(found: string): string | undefined {
  try {
    const git = gitFolder(found);
    const head = textOf(join(git, 'HEAD')) ?? '';
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    return ref === undefined ? head : readRef(git, ref);
  } catch {
    return undefined;
  }
}

/** In a further working tree (`git worktree`) `.git` is a file that names the folder. */
function gitFolder(found: string): string {
  if (statSync(found).isDirectory()) return found;
  const place = /^gitdir: (.+)$/m.exec(readFileSync(found, 'utf8'))?.[1] ?? found;
  return resolve(dirname(found), place);
}

/** Branches are shared by all working trees of a repository. */
function readRef(git: string, ref: string): string | undefined {
  const shared = resolve(git, textOf(join(git, 'commondir')) ?? '.');
  const loose = textOf(join(git, ref)) ?? textOf(join(shared, ref));
  if (loose !== undefined) return loose;
  const packed = textOf(join(shared, 'packed-refs')) ?? '';
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ', 1)[0];
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function findUp(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}
