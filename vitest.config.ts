import { defineConfig } from 'vitest/config';

/** Suffixes say what a test needs; see CONTRIBUTING.md. Nothing has to be built first: sources are resolved directly. */
const NEEDS_DATABASE = ['{packages,apps,tooling}/*/test/**/*.pg.test.ts'];
const NEEDS_PROCESSES = ['{packages,apps,tooling}/*/test/**/*.e2e.test.ts'];
const conditions = ['@tcc/source', 'node', 'import', 'module', 'default'];
const resolve = { conditions };
/** vitest starts its workers with these as Node's own conditions: `import` among them would make require() load ESM. */
const native = ['@tcc/source', 'node'];
const ssr = { resolve: { conditions: native, externalConditions: native } };
const env = { TZ: 'UTC' };

export default defineConfig({
  test: {
    reporters: process.env['CI'] ? ['default'] : ['default'],
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
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          retry: 2,
          env,
          include: NEEDS_PROCESSES,
          globalSetup: ['tooling/test/postgres-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
