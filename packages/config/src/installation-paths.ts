/**
 * The tree of an installation. `--root DIR` or `TC_CALENDAR_ROOT` moves all of it, so everything runs unprivileged from a folder.
 * Specified in the contract, section 2.
 */
import { join, resolve } from 'node:path';

export const DEFAULT_ROOT = '/opt/trueconf/calendar';

export interface InstallationPaths {
  readonly root: string;
  readonly program: string;
  readonly configFolder: string;
  readonly config: string;
  readonly secretKey: string;
  /** licence files, embedded database, backups' state */
  readonly data: string;
  readonly embeddedDatabase: string;
  readonly logs: string;
}

/** Paths below a root, absolute. */
export function installationPaths(root: string = DEFAULT_ROOT): InstallationPaths {
  const base = resolve(root);
  const configFolder = join(base, 'etc', 'calendar');
  const data = join(base, 'var', 'lib', 'calendar');
  return {
    root: base,
    program: join(base, 'bin', 'calendar', 'tc_calendar'),
    configFolder,
    config: join(configFolder, 'config.json'),
    secretKey: join(configFolder, 'secret.key'),
    data,
    embeddedDatabase: join(data, 'database'),
    logs: join(base, 'var', 'log', 'calendar'),
  };
}

/** The root to use: the option, else the environment, else the place the package installs to. */
export function chooseRoot(option: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return resolve(option ?? (env.TC_CALENDAR_ROOT || DEFAULT_ROOT));
}
