// `npm test`: everything that needs nothing but Node. At most three minutes on two cores.
import { check, runSteps, vitest } from './lib/steps.ts';

await runSteps([
  check('types', 'tsc', '--noEmit'),
  check('format and lint', 'biome', 'check', '--error-on-warnings', '.'),
  check('imports', 'node', 'scripts/check-imports.ts'),
  check('time, chance and output', 'node', 'scripts/check-calls.ts'),
  check('links of the documentation', 'node', 'scripts/check-links.ts'),
  check('comments on public declarations', 'node', 'scripts/check-docs.ts'),
  check('generated files are current', 'node', 'scripts/generate.ts', '--check'),
  vitest('unit and end-to-end tests'),
  check('packed packages install and run', 'node', 'scripts/smoke.ts'),
]);
