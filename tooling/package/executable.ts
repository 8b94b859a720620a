/**
 * One executable with its own runtime: Node's binary, stripped, with the program's pieces injected as a blob
 * (https://nodejs.org/api/single-executable-applications.html). Stripping must come first: it would damage the blob.
 * No code cache: it differs from build to build, and the pieces load fast enough without.
 */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Bundle, loaderText } from './bundle.ts';
import { ARCHITECTURE } from './facts.ts';
import { REPOSITORY, run } from './toolbox.ts';

/** The mark in Node's binary that the injector flips (Node's documentation names it). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Node's binary that goes into the package: the repository's own, of the version it is tested with. */
export function nodeBinary(): string {
  const require = createRequire(path.join(REPOSITORY, 'package.json'));
  try {
    return path.join(path.dirname(require.resolve(`node-${ARCHITECTURE.node}/package.json`)), 'bin/node');
  } catch {
    throw new Error(`the package node-${ARCHITECTURE.node} is not installed: packages are built on Linux, x86-64`);
  }
}

/** Writes the executable to `file`; `folder` is for what lies between. */
export function buildExecutable(bundle: Bundle, file: string, folder: string): void {
  const pieces = path.join(folder, 'pieces');
  mkdirSync(pieces, { recursive: true });
  const assets: Record<string, string> = {};
  for (const [name, text] of bundle.pieces) {
    assets[name] = path.join(pieces, name);
    writeFileSync(path.join(pieces, name), text);
  }
  const main = path.join(folder, 'loader.cjs');
  writeFileSync(main, loaderText(bundle.entry));
  const blob = path.join(folder, 'program.blob');
  const settings = {
    main: 'loader.cjs',
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    useSnapshot: false,
    assets,
  };
  const config = path.join(folder, 'sea.json');
  writeFileSync(config, JSON.stringify(settings));

  const node = nodeBinary();
  run(node, ['--experimental-sea-config', config], { cwd: folder });
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  run('strip', ['--strip-unneeded', file]);
  const require = createRequire(import.meta.url);
  const postject = path.join(path.dirname(require.resolve('postject/package.json')), 'dist/cli.js');
  run(node, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE]);
}
