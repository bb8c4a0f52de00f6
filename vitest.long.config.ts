import { defineConfig } from 'vitest/config';

/** What takes minutes to hours: `npm run test:long`. The charts need Go, all else nothing but Node. */
export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.long.ts', 'operators/*/test/**/*.long.ts', 'test/**/*.long.ts'],
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
  },
});
