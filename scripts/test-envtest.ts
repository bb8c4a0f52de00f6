// `npm run test:envtest`: suites of others (test/envtest/modules.ts) on the real kube-apiserver and etcd, and on the
// launchers. Needs Go. `-- ssa pkg/client` runs the modules and packages of these names alone and writes no table;
// `-- --reuse-real` takes what the real programs came to from the last run; `-- --build-only` runs none.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  compareSuites,
  formatTable,
  type ModuleComparison,
  reasonOf,
  type SuiteComparison,
  withSecondAttempt,
} from '../test/envtest/compare.ts';
import { modules } from '../test/envtest/modules.ts';
import { runSuite, type SuiteResult } from '../test/envtest/run.ts';
import { buildSuites, fetchModule, type Suite, shortName } from '../test/envtest/suites.ts';
import { buildRealApiServer, goIsInstalled } from '../test/real-apiserver/build.ts';

const args = process.argv.slice(2);
const only = args.filter((argument) => !argument.startsWith('--'));
if (!goIsInstalled()) {
  console.log(
    'Go is not installed, so neither the suites nor the real API server can be built; install Go 1.26 or newer.',
  );
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const real = buildRealApiServer();
const launchers = execFileSync('node', ['packages/cli/bin/setpoint.js', 'envtest-assets'], { encoding: 'utf8' }).trim();
const comparisons: ModuleComparison[] = [];
for (const module of modules) {
  const mayMatch = only.length === 0 || only.some((name) => name === shortName(module) || name.includes('/'));
  if (!mayMatch) continue;
  const fetched = fetchModule(module);
  const wanted = fetched.suites.filter(({ name }) => isWanted(name, shortName(module)));
  buildSuites(fetched, wanted);
  const suites: SuiteComparison[] = [];
  if (!args.includes('--build-only')) for (const suite of wanted) suites.push(await compare(suite));
  comparisons.push({ module, suites });
}

mkdirSync('build', { recursive: true });
writeFileSync('build/envtest.json', JSON.stringify(comparisons, null, 2));
const today = execFileSync('date', ['-u', '+%Y-%m-%d'], { encoding: 'utf8' }).trim();
const suites = comparisons.flatMap((one) => one.suites);
if (only.length === 0 && suites.length > 0) writeFileSync('docs/envtest.md', formatTable(comparisons, today));
const failed = suites.reduce((count, one) => count + one.failed.length, 0);
const passed = suites.reduce((count, one) => count + one.passed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && (passed > 0 || args.includes('--build-only')) ? 0 : 1;

/** By the module's name, the package's, or both. */
function isWanted(suite: string, module: string): boolean {
  return only.length === 0 || only.some((name) => [module, suite, suite.replace(`${module} `, '')].includes(name));
}

async function compare(suite: Suite): Promise<SuiteComparison> {
  const expected = await realResult(suite);
  const ours = await runSuite(suite, launchers);
  const first = compareSuites(suite.name, expected, ours);
  const comparison = first.failed.length === 0 ? first : withSecondAttempt(first, await runSuite(suite, launchers));
  const { passed, failed } = comparison;
  const seconds = `${expected.seconds.toFixed(0)} s real, ${ours.seconds.toFixed(0)} s ours`;
  console.log(
    `${failed.length === 0 ? 'ok    ' : 'FAILED'} ${suite.name}: ${passed} passed, ${failed.length} failed (${seconds})`,
  );
  for (const spec of failed) console.log(`         ${spec.name}\n           ${reasonOf(spec.message ?? '')}`);
  return comparison;
}

async function realResult(suite: Suite): Promise<SuiteResult> {
  const kept = suite.program.replace('/bin/', '/real/').replace(/test$/, 'json');
  if (args.includes('--reuse-real') && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as SuiteResult;
  const result = await runSuite(suite, real);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify(result));
  return result;
}
