import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Everything that needs a real kube-apiserver beside the embedded one: `npm run test:real`. */
export default defineConfig({
  test: {
    include: ['test/**/*.real.ts', 'packages/*/test/**/*.real.ts', 'operators/*/test/**/*.real.ts'],
    globalSetup: 'test/global-setup.ts',
    maxWorkers: 2,
    maxConcurrency: 12,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
