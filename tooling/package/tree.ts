/** The files of the packages, laid out as they will lie on the machine (design contract §2 and the usual places of a Linux). */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bundle } from './bundle.ts';
import { type BuildFacts, MAINTAINER, PACKAGE_NAME } from './facts.ts';
import { firstConfig } from './first-config.ts';
import { librariesOf, notices, sbom } from './sbom.ts';
import { REPOSITORY, run } from './toolbox.ts';

export const INSTALLATION = 'opt/trueconf/calendar';
export const FILES = path.join(import.meta.dirname, 'files');
const DOCS = `usr/share/doc/${PACKAGE_NAME}`;
/** Folders that exist empty, with the mode they have before the package's script gives them to the service. */
const FOLDERS = [
  [`${INSTALLATION}/etc/calendar`, 0o750],
  [`${INSTALLATION}/var/lib/calendar`, 0o750],
  [`${INSTALLATION}/var/log/calendar`, 0o750],
] as const;

export interface Tree {
  readonly root: string;
  /** whether the browser pages are in */
  readonly hasPages: boolean;
}

export function layTree(root: string, executable: string, bundle: Bundle, facts: BuildFacts): Tree {
  mkdirSync(root, { recursive: true });
  const put = (place: string, content: string | Buffer, mode = 0o644): void => {
    const file = path.join(root, place);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const copy = (from: string, place: string, mode = 0o644): void => put(place, readFileSync(from), mode);

  mkdirSync(path.join(root, INSTALLATION, 'bin/calendar'), { recursive: true });
  const program = path.join(root, INSTALLATION, 'bin/calendar/tc_calendar');
  copyFileSync(executable, program);
  chmodSync(program, 0o755);
  mkdirSync(path.join(root, 'usr/bin'), { recursive: true });
  symlinkSync(`/${INSTALLATION}/bin/calendar/tc_calendar`, path.join(root, 'usr/bin/tc_calendar'));

  for (const language of ['en', 'ru'] as const) {
    const sample = readFileSync(path.join(REPOSITORY, `docs/reference/config.sample.${language}.jsonc`), 'utf8');
    put(`${INSTALLATION}/share/calendar/config.first.${language}.json`, firstConfig(sample, language));
    put(`${INSTALLATION}/share/calendar/config.sample.${language}.json`, sample);
  }
  copy(path.join(FILES, 'prepare-database'), `${INSTALLATION}/libexec/prepare-database`, 0o755);
  copy(path.join(FILES, 'trueconf-calendar.service'), 'usr/lib/systemd/system/trueconf-calendar.service');
  copy(path.join(FILES, 'sysusers.conf'), 'usr/lib/sysusers.d/trueconf-calendar.conf');
  copy(path.join(FILES, 'tmpfiles.conf'), 'usr/lib/tmpfiles.d/trueconf-calendar.conf');
  copy(path.join(FILES, 'logrotate.conf'), 'etc/logrotate.d/trueconf-calendar');
  putCompletions(program, put);
  putManual(put);

  const libraries = librariesOf(bundle.metafile);
  put(`${DOCS}/sbom.cdx.json`, sbom(facts, libraries));
  put(`${DOCS}/copyright`, notices(libraries));
  put(`${DOCS}/changelog.gz`, packed(changelog(facts)));
  putFolder('docs/admin', `${DOCS}/admin`, put);
  putFolder('docs/runbooks', `${DOCS}/runbooks`, put);
  // the guide links to it
  putFolder('docs/reference', `${DOCS}/reference`, put);
  for (const name of ['alerts.yml', 'grafana-dashboard.json', 'metrics.md'])
    copy(path.join(REPOSITORY, 'docs/reference', name), `${DOCS}/operations/${name}`);
  const hasPages = putPages(root);
  for (const [folder, mode] of FOLDERS) {
    mkdirSync(path.join(root, folder), { recursive: true });
    chmodSync(path.join(root, folder), mode);
  }
  setTimes(root, facts.epoch);
  return { root, hasPages };
}

type Put = (place: string, content: string | Buffer, mode?: number) => void;

function putCompletions(program: string, put: Put): void {
  const places = {
    bash: 'usr/share/bash-completion/completions/tc_calendar',
    zsh: 'usr/share/zsh/vendor-completions/_tc_calendar',
    fish: 'usr/share/fish/vendor_completions.d/tc_calendar.fish',
  };
  for (const [shell, place] of Object.entries(places)) {
    put(place, run(program, ['completion', shell], { env: { LC_ALL: 'C.UTF-8', LANG: 'en_US.UTF-8' } }).output);
  }
}

/** docs/man holds the generated pages by language; English is the untranslated place. */
function putManual(put: Put): void {
  for (const language of ['en', 'ru']) {
    const folder = path.join(REPOSITORY, 'docs/man', language);
    for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
      const section = name.at(-1);
      const place = language === 'en' ? `man${section}` : `${language}/man${section}`;
      put(`usr/share/man/${place}/${name}.gz`, packed(readFileSync(path.join(folder, name))));
    }
  }
}

/** gzip without name, with a fixed time: the same bytes each build. */
function packed(content: string | Buffer): Buffer {
  const bytes = gzipSync(content, { level: 9 });
  bytes.fill(0, 4, 8);
  bytes[9] = 3;
  return bytes;
}

function changelog({ version, epoch, commit }: BuildFacts): string {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `${PACKAGE_NAME} (${version}) stable; urgency=medium\n\n  * Built from commit ${commit}.\n\n -- ${MAINTAINER}  ${date}\n`;
}

function putFolder(from: string, to: string, put: Put): void {
  const folder = path.join(REPOSITORY, from);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name);
    if (statSync(file).isFile()) put(`${to}/${name}`, readFileSync(file));
  }
}

/** The daemon looks for its pages beside the executable (apps/daemon/src/http/pages.ts). */
function putPages(root: string): boolean {
  const built = path.join(REPOSITORY, 'apps/console/dist');
  if (!existsSync(path.join(built, 'index.html'))) return false;
  cpSync(built, path.join(root, INSTALLATION, 'share/calendar/console'), {
    recursive: true,
    filter: (file) => !/\.(map|d\.ts)$/.test(file),
  });
  return true;
}

/** Every folder, file and link gets the commit's time. */
function setTimes(root: string, epoch: number): void {
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    lutimesSync(path.join(root, name), epoch, epoch);
  lutimesSync(root, epoch, epoch);
}
