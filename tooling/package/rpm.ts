/** The tree as an .rpm. */
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ARCHITECTURE, type BuildFacts, OLDEST_GLIBC, PACKAGE_NAME } from './facts.ts';
import { run } from './toolbox.ts';
import { FILES, INSTALLATION } from './tree.ts';

/** Folders that are ours; all others belong to the system. */
const OWN_FOLDERS = [INSTALLATION, `usr/share/doc/${PACKAGE_NAME}`];

export function buildRpm(tree: string, folder: string, output: string, facts: BuildFacts, isQuick = false): string {
  const top = path.join(folder, 'rpm');
  mkdirSync(path.join(top, 'tmp'), { recursive: true });
  const list = path.join(top, 'files.txt');
  writeFileSync(list, fileList(tree));
  const values: Readonly<Record<string, string>> = {
    VERSION: facts.version,
    ARCHITECTURE: ARCHITECTURE.rpm,
    GLIBC: OLDEST_GLIBC,
    TREE: tree,
    FILELIST: list,
    // a percent sign begins a macro in a spec
    CONFIGURE: readFileSync(path.join(FILES, 'configure.sh'), 'utf8').trimEnd().replaceAll('%', '%%'),
  };
  const spec = path.join(top, `${PACKAGE_NAME}.spec`);
  const template = readFileSync(path.join(FILES, `${PACKAGE_NAME}.spec`), 'utf8');
  writeFileSync(
    spec,
    template.replace(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? ''),
  );
  run(
    'rpmbuild',
    [
      '-bb',
      '--define',
      `_topdir ${top}`,
      '--define',
      `_tmppath ${top}/tmp`,
      '--define',
      `_binary_payload ${isQuick ? 'w1.gzdio' : 'w6.xzdio'}`,
      '--target',
      ARCHITECTURE.rpm,
      spec,
    ],
    {
      env: { SOURCE_DATE_EPOCH: String(facts.epoch) },
    },
  );
  const name = `${PACKAGE_NAME}-${facts.version}-1.${ARCHITECTURE.rpm}.rpm`;
  const file = path.join(output, name);
  copyFileSync(path.join(top, 'RPMS', ARCHITECTURE.rpm, name), file);
  return file;
}

/** The %files section: rights are said outright, so that the builder's own do not get in. */
function fileList(tree: string): string {
  const lines: string[] = [];
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort()) {
    const status = lstatSync(path.join(tree, name));
    const mode = (status.mode & 0o7777).toString(8).padStart(4, '0');
    const isOurs = OWN_FOLDERS.some((folder) => name === folder || name.startsWith(`${folder}/`));
    if (status.isDirectory()) {
      if (isOurs) lines.push(`%dir %attr(${mode},root,root) "/${name}"`);
    } else if (status.isSymbolicLink()) lines.push(`"/${name}"`);
    else lines.push(`${name.startsWith('etc/') ? '%config(noreplace) ' : ''}%attr(${mode},root,root) "/${name}"`);
  }
  return `${lines.join('\n')}\n`;
}
