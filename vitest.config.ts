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
    // Nothing here is global: to read the same modules anew for each of 281 files would take half of the time.
    isolate: false,
    testTimeout: 60_000,
  },
});
