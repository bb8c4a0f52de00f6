// `npm run test:long`: tests that take minutes to hours, on the embedded control plane; nothing but Node is needed.
import { runSteps, vitest } from './lib/steps.ts';

await runSteps([vitest('tests that take long', '--config', 'vitest.long.config.ts', ...process.argv.slice(2))]);
