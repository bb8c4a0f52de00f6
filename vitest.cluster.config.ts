import { defineConfig } from 'vitest/config';

/** What needs a whole Kubernetes, pods and all: `npm run test:cluster`. One after the other, for they compare what is left. */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.cluster.ts'],
    globalSetup: 'test/cluster/global-setup.ts',
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
