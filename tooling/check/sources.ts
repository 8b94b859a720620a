/** Finds and parses the repository's own TypeScript; oxc because TypeScript 7 has no compiler API for tools. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ParseResult, parseSync } from 'oxc-parser';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** path from the root, with forward slashes */
  readonly path: string;
  /** the package folder it belongs to, e.g. `packages/recurrence` */
  readonly owner: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly imports: readonly ImportEdge[];
  readonly parsed: ParseResult;
}

export interface ImportEdge {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

function ownerOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'tooling' ? 'tooling' : `${first}/${second}`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Static, re-exporting and literal dynamic imports of one file. */
export function importsOf(text: string, parsed: ParseResult): ImportEdge[] {
  const edges: ImportEdge[] = [];
  for (const found of parsed.module.staticImports) {
    const typeOnly = found.entries.length > 0 && found.entries.every((entry) => entry.isType);
    edges.push({ specifier: found.moduleRequest.value, typeOnly, line: lineAt(text, found.start) });
  }
  for (const found of parsed.module.staticExports) {
    for (const entry of found.entries) {
      if (!entry.moduleRequest) continue;
      edges.push({ specifier: entry.moduleRequest.value, typeOnly: entry.isType, line: lineAt(text, found.start) });
    }
  }
  for (const found of parsed.module.dynamicImports) {
    const quoted = text.slice(found.moduleRequest.start, found.moduleRequest.end);
    if (/^['"]/.test(quoted))
      edges.push({ specifier: quoted.slice(1, -1), typeOnly: false, line: lineAt(text, found.start) });
  }
  return edges;
}

/** Every tracked or new (not ignored) TypeScript file of packages, apps and tooling. */
export function readSources(): SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'packages', 'apps', 'tooling'],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 },
  );
  const files = listed
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts') && existsSync(path.join(ROOT, file)));
  return files.map((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const parsed = parseSync(file, text);
    return {
      path: file,
      owner: ownerOf(file),
      isTest: /\/test\/|\.(test|bench)\.tsx?$|\/(mutants|bench)\//.test(file) || file.endsWith('.config.ts'),
      text,
      imports: importsOf(text, parsed),
      parsed,
    };
  });
}
