/** The tree as a .deb. */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ARCHITECTURE, type BuildFacts, MAINTAINER, OLDEST_GLIBC, PACKAGE_NAME } from './facts.ts';
import { run } from './toolbox.ts';
import { FILES } from './tree.ts';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];
/** Files an administrator may change and dpkg asks about; config.json is none of them: it is never replaced at all. */
const CONFFILES = ['/etc/logrotate.d/trueconf-calendar'];

export function buildDeb(tree: string, folder: string, output: string, facts: BuildFacts, isQuick = false): string {
  const root = path.join(folder, 'deb');
  cpSync(tree, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  keepFolderModes(tree, root);
  putOverrides(root, facts);
  const files = filesBelow(root);
  const control = path.join(root, 'DEBIAN');
  mkdirSync(control, { mode: 0o755 });
  const kibibytes = Math.ceil(files.reduce((sum, file) => sum + lstatSync(path.join(root, file)).size, 0) / 1024);
  const put = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(path.join(control, name), text);
    chmodSync(path.join(control, name), mode);
    utimesSync(path.join(control, name), facts.epoch, facts.epoch);
  };
  put('control', controlText(facts, kibibytes));
  put('conffiles', `${CONFFILES.join('\n')}\n`);
  put(
    'md5sums',
    files
      .filter((file) => lstatSync(path.join(root, file)).isFile())
      .map((file) => `${md5(path.join(root, file))}  ${file}\n`)
      .join(''),
  );
  const shared = readFileSync(path.join(FILES, 'configure.sh'), 'utf8');
  for (const name of SCRIPTS)
    put(
      name,
      readFileSync(path.join(FILES, name), 'utf8').replace('@CONFIGURE@\n', () => shared),
      0o755,
    );
  utimesSync(control, facts.epoch, facts.epoch);
  utimesSync(root, facts.epoch, facts.epoch);
  const file = path.join(output, `${PACKAGE_NAME}_${facts.version}_${ARCHITECTURE.debian}.deb`);
  const env = { SOURCE_DATE_EPOCH: String(facts.epoch) };
  // More threads would cut the data differently on another machine.
  const compression = isQuick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6', ...(hasThreadLimit() ? ['--threads-max=1'] : [])];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, file], { env });
  return file;
}

/** cpSync gives folders the mode of the day. */
function keepFolderModes(from: string, to: string): void {
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const { mode } = lstatSync(path.join(from, name));
    if (lstatSync(path.join(to, name)).isDirectory()) chmodSync(path.join(to, name), mode & 0o7777);
  }
}

/** What Debian's own judge finds and is meant, each with its reason; the .rpm has no use for it. */
function putOverrides(root: string, { epoch }: BuildFacts): void {
  const folder = path.join(root, 'usr/share/lintian/overrides');
  const file = path.join(folder, PACKAGE_NAME);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(file, readFileSync(path.join(FILES, 'lintian-overrides')));
  chmodSync(file, 0o644);
  for (const place of [file, folder, path.dirname(folder), path.dirname(path.dirname(folder))])
    utimesSync(place, epoch, epoch);
}

/** dpkg before 1.21.9 has one thread anyway. */
function hasThreadLimit(): boolean {
  return run('dpkg-deb', ['--help']).output.includes('--threads-max');
}

function controlText({ version }: BuildFacts, kibibytes: number): string {
  return `Package: ${PACKAGE_NAME}
Version: ${version}
Architecture: ${ARCHITECTURE.debian}
Maintainer: ${MAINTAINER}
Installed-Size: ${kibibytes}
Depends: libc6 (>= ${OLDEST_GLIBC}), libstdc++6 (>= 8), libgcc-s1 | libgcc1, systemd, passwd
Recommends: postgresql (>= 13)
Suggests: logrotate
Section: net
Priority: optional
Homepage: https://trueconf.com
Description: keeps Exchange calendars and TrueConf Server conferences in step
 Reads calendars from Microsoft Exchange (EWS), creates, changes and starts the
 conferences their events stand for on TrueConf Server, and shows events in
 TrueConf applications in real time.
 .
 The package brings its own runtime. Data is kept in PostgreSQL; when PostgreSQL
 is on the machine, a cluster named trueconf_calendar is prepared on port 5441.
`;
}

function md5(file: string): string {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(path.join(root, name)).isDirectory())
    .sort();
}
