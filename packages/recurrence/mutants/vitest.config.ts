/** How a mutated copy of the package is tested: as the repository does, but by itself. */
import { defineConfig } from 'vitest/config';

const conditions = ['@tcc/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@tcc/source', 'node'] } },
  test: {
    env: { TZ: 'UTC' },
    include: ['test/**/*.test.ts'],
    exclude: ['test/mutants.test.ts', 'test/vectors.test.ts'],
    fileParallelism: false,
    testTimeout: 30_000,
  },
});
