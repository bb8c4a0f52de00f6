import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'operators/*/{src,test}/**/*.test.ts',
      '{scripts,test}/**/*.test.ts',
    ],
    // Two cores: more workers than that only fight each other.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
