/** What a build is called: version of the product, commit, and the commit's time, which every time stamp becomes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY, run } from './toolbox.ts';

export interface BuildFacts {
  readonly version: string;
  /** 40 hex digits, or `unknown` outside a checkout */
  readonly commit: string;
  /** seconds; SOURCE_DATE_EPOCH of everything built */
  readonly epoch: number;
}

export const PACKAGE_NAME = 'trueconf-calendar';
/** The project has no mailbox of its own; whoever publishes a build gives theirs. */
export const MAINTAINER =
  process.env.PACKAGE_MAINTAINER ?? 'TrueConf Calendar Connector developers <nobody@calendar-connector.invalid>';
/** Names of the processor in Debian's, rpm's and Node's words. */
export const ARCHITECTURE = { debian: 'amd64', rpm: 'x86_64', node: 'linux-x64' } as const;
/** The oldest C library the Node runtime runs on: Debian 10, RHEL 8, Astra Linux 1.7; Astra Linux SE 1.6 is too old. */
export const OLDEST_GLIBC = '2.28';

export function buildFacts(): BuildFacts {
  const { version } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
  const given = Number(process.env.SOURCE_DATE_EPOCH);
  const [commit = 'unknown', seconds = '0'] = fromGit();
  return { version, commit, epoch: Number.isInteger(given) && given > 0 ? given : Number(seconds) };
}

function fromGit(): string[] {
  try {
    return run('git', ['log', '-1', '--format=%H %ct']).output.trim().split(' ');
  } catch {
    return [];
  }
}
