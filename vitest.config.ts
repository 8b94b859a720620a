import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

type ProjectTest = NonNullable<TestProjectInlineConfiguration['test']>;

/** Suffixes say what a test needs; see CONTRIBUTING.md. Nothing has to be built first: sources are resolved directly. */
const NEEDS_DATABASE = ['{packages,apps,tooling}/*/test/**/*.pg.test.ts'];
const NEEDS_PROCESSES = ['{packages,apps,tooling}/*/test/**/*.e2e.test.ts'];
/** These measure times, memory or crashes of the whole machine's doing: nothing else runs beside them. */
const ALONE = [
  'apps/daemon/test/{chapter-4-channel,crash-and-storm,secrets}.e2e.test.ts',
  'packages/storage-kysely/test/{crash,embedded}.e2e.test.ts',
  'tooling/endurance/test/*.e2e.test.ts',
];
const conditions = ['@tcc/source', 'node', 'import', 'module', 'default'];
const resolve = { conditions };
/** vitest starts its workers with these as Node's own conditions: `import` among them would make require() load ESM. */
const native = ['@tcc/source', 'node'];
const ssr = { resolve: { conditions: native, externalConditions: native } };
const env = { TZ: 'UTC' };

/** Whole processes on real sockets: a second try tells a fault from a hiccup of the machine; the report shows both. */
function endToEnd(name: string, test: ProjectTest) {
  return {
    resolve,
    ssr,
    test: {
      name,
      retry: 2,
      env,
      globalSetup: ['tooling/test/postgres-setup.ts'],
      testTimeout: 120_000,
      hookTimeout: 120_000,
      ...test,
    },
  };
}

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          // A busy machine is no fault; what hangs is still found.
          testTimeout: 60_000,
          env,
          include: ['{packages,apps,tooling}/*/test/**/*.test.ts'],
          exclude: [...NEEDS_DATABASE, ...NEEDS_PROCESSES, '**/dist/**', '**/node_modules/**'],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'pg',
          // Real servers on a busy machine: a second try tells a fault from a hiccup; the report shows both.
          retry: 1,
          env,
          include: NEEDS_DATABASE,
          globalSetup: ['tooling/test/postgres-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      endToEnd('e2e', { include: NEEDS_PROCESSES, exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 1 } }),
      endToEnd('e2e-alone', { include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } }),
    ],
  },
});
