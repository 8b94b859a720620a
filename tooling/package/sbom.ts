/**
 * What is inside the package, as a CycloneDX 1.6 list: every library of which a file went into the bundle (the bundler
 * knows exactly), with its licence and the lockfile's hash, and the Node runtime with the libraries built into it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { nodeBinary } from './executable.ts';
import type { BuildFacts } from './facts.ts';
import { REPOSITORY, run } from './toolbox.ts';

export interface Library {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly licenceText: string | undefined;
  readonly folder: string;
}

/** The libraries in a bundle, by name and version; ours are not among them. */
export function librariesOf(metafile: Metafile): readonly Library[] {
  const folders = new Set<string>();
  for (const file of Object.keys(metafile.inputs)) {
    const at = file.lastIndexOf('node_modules/');
    if (at < 0) continue;
    const parts = file.slice(at + 'node_modules/'.length).split('/');
    const name = parts[0]?.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
    folders.add(path.join(REPOSITORY, `${file.slice(0, at)}node_modules/${name}`));
  }
  const found = new Map<string, Library>();
  for (const folder of folders) {
    const library = describe(folder);
    found.set(`${library.name}@${library.version}`, library);
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function describe(folder: string): Library {
  const { name, version, license, licenses } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string | { type: string };
    licenses?: readonly { type: string }[];
  };
  const licence =
    typeof license === 'string' ? license : (license?.type ?? licenses?.map(({ type }) => type).join(' OR '));
  const file = readdirSync(folder)
    .sort()
    .find((entry) => /^(licen[cs]e|copying)(\.(md|txt|mit))?$/i.test(entry));
  const licenceText = file === undefined ? undefined : readFileSync(path.join(folder, file), 'utf8').trim();
  return { name, version, licence: licence || 'NOASSERTION', licenceText, folder };
}

/** `name@version` → hash of the archive, from the lockfile. */
export function lockedHashes(lockfile: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const [, name, hash] of lockfile.matchAll(
    /^ {2}'?([^\s'][^\n']*?)'?:\n {4}resolution: \{integrity: sha512-([^,}]+)/gm,
  )) {
    if (name && hash) hashes.set(name, Buffer.from(hash, 'base64').toString('hex'));
  }
  return hashes;
}

interface Component {
  readonly type: 'library' | 'platform';
  readonly name: string;
  readonly version: string;
  readonly [more: string]: unknown;
}

/** The list as JSON text; the same commit gives the same text. */
export function sbom(facts: BuildFacts, libraries: readonly Library[]): string {
  const hashes = lockedHashes(readFileSync(path.join(REPOSITORY, 'pnpm-lock.yaml'), 'utf8'));
  const components: Component[] = libraries.map((library) => component(library, hashes));
  const runtime = JSON.parse(run(nodeBinary(), ['-p', 'JSON.stringify(process.versions)']).output) as Record<
    string,
    string
  >;
  components.push(...runtimeComponents(runtime));
  const reference = `pkg:generic/trueconf-calendar@${facts.version}`;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${facts.version} ${facts.commit}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(facts.epoch * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': reference,
        name: 'trueconf-calendar',
        version: facts.version,
        purl: reference,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        properties: [{ name: 'commit', value: facts.commit }],
      },
    },
    components,
    dependencies: [{ ref: reference, dependsOn: components.map((one) => one['bom-ref']) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(library: Library, hashes: ReadonlyMap<string, string>): Component {
  const { name, version, licence } = library;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const hash = hashes.get(`${name}@${version}`);
  const isExpression = / (OR|AND|WITH) |^\(/.test(licence);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [
      isExpression ? { expression: licence } : { license: { [/^[\w.+-]+$/.test(licence) ? 'id' : 'name']: licence } },
    ],
    ...(hash ? { hashes: [{ alg: 'SHA-512', content: hash }] } : {}),
  };
}

/** Node itself and what is linked into it: an advisory about OpenSSL concerns this package too. */
function runtimeComponents(versions: Readonly<Record<string, string>>): Component[] {
  const inside = [
    'openssl',
    'v8',
    'uv',
    'zlib',
    'nghttp2',
    'llhttp',
    'ares',
    'icu',
    'undici',
    'brotli',
    'zstd',
    'sqlite',
    'ada',
    'simdjson',
    'simdutf',
  ];
  return ['node', ...inside].flatMap((name) => {
    const version = versions[name];
    if (version === undefined) return [];
    const purl = `pkg:generic/${name === 'node' ? 'nodejs' : name}@${version}`;
    return [
      {
        type: name === 'node' ? 'platform' : 'library',
        'bom-ref': `${purl}#runtime`,
        name: name === 'node' ? 'nodejs' : name,
        version,
        purl,
      } as const,
    ];
  });
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Licences of everything inside, for /usr/share/doc. */
export function notices(libraries: readonly Library[]): string {
  const nodeLicence = path.join(path.dirname(path.dirname(nodeBinary())), 'LICENSE');
  const parts = [
    'TrueConf Calendar Connector is licensed under the Apache License 2.0.\nOn Debian systems: /usr/share/common-licenses/Apache-2.0\n\nIt contains the following libraries under their own licences.',
    ...libraries.map(
      ({ name, version, licence, licenceText }) =>
        `${'-'.repeat(72)}\n${name} ${version}: ${licence}\n\n${licenceText ?? '(the package brings no licence text)'}`,
    ),
    `${'-'.repeat(72)}\nNode.js\n\n${existsSync(nodeLicence) ? readFileSync(nodeLicence, 'utf8').trim() : 'https://github.com/nodejs/node/blob/main/LICENSE'}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
