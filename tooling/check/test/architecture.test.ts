/** Each rule of the house is broken here on purpose, and must be noticed with file, line and reason. */
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { findArchitectureFaults } from '../architecture.ts';
import { importsOf, readSources, type SourceFile } from '../sources.ts';

function source(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [first = '', second = ''] = path.split('/');
  const isTest = path.includes('/test/');
  return {
    path,
    owner: first === 'tooling' ? first : `${first}/${second}`,
    isTest,
    text,
    imports: importsOf(text, parsed),
    parsed,
  };
}

function rulesBrokenBy(...files: readonly SourceFile[]): readonly string[] {
  return findArchitectureFaults(files).map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

describe('who may import whom', () => {
  test('the core may not import an adapter', () => {
    const file = source('packages/sync-core/src/plan.ts', "import { x } from '@calendar-connector/ews-client';\n");
    expect(rulesBrokenBy(file)).toEqual(['packages/sync-core/src/plan.ts:1 layers']);
  });

  test('a fake may not share the client it is there to test', () => {
    const file = source('packages/fakes/src/a.ts', "\nimport type { X } from '@calendar-connector/ews-client';\n");
    expect(rulesBrokenBy(file)).toEqual(['packages/fakes/src/a.ts:2 layers']);
  });

  test('an app may not import another app, except that the program starts the daemon', () => {
    expect(rulesBrokenBy(source('apps/daemon/src/a.ts', "import '@calendar-connector/cli';\n"))).toHaveLength(1);
    expect(rulesBrokenBy(source('apps/cli/src/a.ts', "await import('@calendar-connector/daemon');\n"))).toEqual([]);
  });

  test('nobody imports the simulation', () => {
    expect(
      rulesBrokenBy(source('apps/daemon/src/a.ts', "export { x } from '@calendar-connector/simulation';\n")),
    ).toHaveLength(1);
  });

  test('tests may use the fakes, sources may not', () => {
    const text = "import { startHarness } from '@calendar-connector/fakes';\n";
    expect(rulesBrokenBy(source('packages/ews-client/test/a.test.ts', text))).toEqual([]);
    expect(rulesBrokenBy(source('packages/ews-client/src/a.ts', text))).toHaveLength(1);
  });

  test('ews-javascript-api is known to one folder only', () => {
    const text = "import { ExchangeService } from 'ews-javascript-api';\n";
    expect(rulesBrokenBy(source('packages/ews-client/src/wire/facade.ts', text))).toEqual([]);
    expect(rulesBrokenBy(source('packages/ews-client/src/streaming/a.ts', text))).toEqual([
      'packages/ews-client/src/streaming/a.ts:1 library',
    ]);
  });

  test('a folder that nobody put into the table is reported', () => {
    expect(rulesBrokenBy(source('packages/novelty/src/a.ts', 'export {};\n'))).toEqual([
      'packages/novelty/src/a.ts:1 layers',
    ]);
  });
});

describe('purity', () => {
  test.each(['Date.now()', 'new Date()', 'Math.random()', 'setTimeout(f, 1)', 'process.env.X'])(
    '%s in a pure package is reported',
    (code) => {
      const file = source(
        'packages/recurrence/src/a.ts',
        `// Date.now() in a comment is none\nexport const x = ${code};\n`,
      );
      expect(rulesBrokenBy(file)).toEqual(['packages/recurrence/src/a.ts:2 pure']);
    },
  );

  test('the core does not wait', () => {
    const file = source('packages/sync-core/src/a.ts', 'export async function f() {}\n');
    expect(rulesBrokenBy(file)).toEqual(['packages/sync-core/src/a.ts:1 synchronous']);
  });

  test('a text that merely mentions the clock is no fault', () => {
    expect(rulesBrokenBy(source('packages/recurrence/src/a.ts', "export const why = 'no Date.now() here';\n"))).toEqual(
      [],
    );
  });
});

describe('shape', () => {
  test('a runtime import cycle is reported with its whole path', () => {
    const a = source('packages/config/src/a.ts', "import { b } from './b.ts';\nexport const a = b;\n");
    const b = source('packages/config/src/b.ts', "import { a } from './a.ts';\nexport const b = a;\n");
    expect(findArchitectureFaults([a, b]).map(({ message }) => message)).toEqual([
      'runtime import cycle: packages/config/src/a.ts → packages/config/src/b.ts → packages/config/src/a.ts',
    ]);
  });

  test('types that refer to each other are no cycle at run time', () => {
    const a = source('packages/config/src/a.ts', "import type { B } from './b.ts';\nexport type A = B[];\n");
    const b = source('packages/config/src/b.ts', "import type { A } from './a.ts';\nexport type B = A | 1;\n");
    expect(rulesBrokenBy(a, b)).toEqual([]);
  });

  test('a file over 500 lines is reported', () => {
    expect(rulesBrokenBy(source('packages/config/src/a.ts', 'export {};\n'.repeat(500)))).toEqual([
      'packages/config/src/a.ts:501 size',
    ]);
  });

  test('certificates may not be switched off, and nothing is exported by star', () => {
    const file = source(
      'packages/config/src/a.ts',
      "export * from './b.ts';\nexport const tls = { rejectUnauthorized: false };\n",
    );
    expect(rulesBrokenBy(file)).toEqual(['packages/config/src/a.ts:2 tls', 'packages/config/src/a.ts:1 exports']);
  });
});

test('the house stands as designed', () => {
  expect(findArchitectureFaults(readSources())).toEqual([]);
});
