import { defineConfig } from 'vitest/config';

/** Everything that needs a real kube-apiserver beside the embedded one: `npm run test:real`. */
export default defineConfig({
  test: {
    include: ['test/**/*.real.ts', 'packages/*/test/**/*.real.ts', 'operators/*/test/**/*.real.ts'],
    globalSetup: 'test/global-setup.ts',
    maxWorkers: 2,
    maxConcurrency: 12,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
