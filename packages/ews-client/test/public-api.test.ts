/**
 * What users of the package see: no type of ews-javascript-api, a sentence about everything, and no cost for those who
 * never talk to Exchange.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PACKAGE = resolve(import.meta.dirname, '..');
const SOURCE = join(PACKAGE, 'src');
const TSC = resolve(PACKAGE, '../../node_modules/.bin/tsc');

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
}

it('only wire/library.ts names ews-javascript-api, and loads it when first needed', () => {
  const naming = files(SOURCE).filter((name) =>
    /from 'ews-javascript-api|import\('ews-javascript-api/.test(readFileSync(resolve(SOURCE, name), 'utf8')),
  );
  expect(naming).toEqual(['wire/library.ts']);
  expect(readFileSync(resolve(SOURCE, 'wire/library.ts'), 'utf8')).not.toMatch(/^import .*ews-javascript-api/m);
});

it('the public entry exports nothing of the wire but the list of operations', () => {
  const index = readFileSync(resolve(SOURCE, 'index.ts'), 'utf8');
  expect([...index.matchAll(/from '\.\/wire\/([^']+)'/g)].map((match) => match[1])).toEqual(['request.ts']);
});

describe('the published types', () => {
  let folder = '';
  /** declaration files that a user of the package can reach, by path */
  const reachable = new Map<string, string>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ews-client-types-'));
    const emit = ['--noCheck', '--outDir', folder, '--customConditions', '@tcc/source'];
    execFileSync(TSC, ['-p', join(PACKAGE, 'tsconfig.build.json'), ...emit], { stdio: 'pipe' });
    const waiting = [join(folder, 'index.d.ts')];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (reachable.has(file)) continue;
      const text = readFileSync(file, 'utf8');
      reachable.set(file, text);
      for (const [, name = ''] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.ts['"]/g)) {
        waiting.push(join(dirname(file), `${name}.d.ts`));
      }
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('hold no type of ews-javascript-api', () => {
    expect(reachable.size).toBeGreaterThan(15);
    const named = [...reachable].filter(([, text]) => /['"]ews-javascript-api/.test(text)).map(([file]) => file);
    expect(named).toEqual([]);
  });

  it('say of each function, class and type what it is for', () => {
    const index = readFileSync(join(SOURCE, 'index.ts'), 'utf8');
    const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.ts'/g)].flatMap((match) =>
      (match[1] ?? '')
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '')
        .map((name) => ({ name, file: match[2] ?? '' })),
    );
    expect(exported.length).toBeGreaterThan(50);
    const silent = exported.filter(({ name, file }) => {
      const text = reachable.get(join(folder, `${file}.d.ts`)) ?? '';
      return !new RegExp(`\\*/\\s*export (?:declare )?(?:function|class|const|interface|type) ${name}\\b`).test(text);
    });
    expect(silent).toEqual([]);
  });
});
