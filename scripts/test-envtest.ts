// `npm run test:envtest`: controller-runtime's own suites on the real kube-apiserver and etcd, and on the launchers.
// Needs Go. `-- pkg/client pkg/cache` runs these suites alone and writes no table; `-- --reuse-real` takes what the real
// programs came to from the last run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareSuites, formatTable, reasonOf, type SuiteComparison } from '../test/envtest/compare.ts';
import {
  buildSuites,
  fetchModule,
  listSuites,
  runSuite,
  type Suite,
  type SuiteResult,
} from '../test/envtest/suites.ts';
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

const { version, folder } = fetchModule();
const real = buildRealApiServer();
const launchers = execFileSync('node', ['packages/cli/bin/setpoint.js', 'envtest-assets'], { encoding: 'utf8' }).trim();
const suites = listSuites(folder, (name) => only.length === 0 || only.includes(name));
buildSuites(folder, suites);

const comparisons: SuiteComparison[] = [];
for (const suite of suites) {
  const expected = await realResult(suite);
  const ours = await runSuite(suite, launchers);
  const comparison = compareSuites(suite.name, expected, ours);
  comparisons.push(comparison);
  const { passed, failed } = comparison;
  const seconds = `${expected.seconds.toFixed(0)} s real, ${ours.seconds.toFixed(0)} s ours`;
  console.log(
    `${failed.length === 0 ? 'ok    ' : 'FAILED'} ${suite.name}: ${passed} passed, ${failed.length} failed (${seconds})`,
  );
  for (const spec of failed) console.log(`         ${spec.name}\n           ${reasonOf(spec.message ?? '')}`);
}

mkdirSync('build', { recursive: true });
writeFileSync('build/envtest.json', JSON.stringify(comparisons, null, 2));
const today = execFileSync('date', ['-u', '+%Y-%m-%d'], { encoding: 'utf8' }).trim();
if (only.length === 0) writeFileSync('docs/envtest.md', formatTable(version, comparisons, today));
const failed = comparisons.reduce((count, one) => count + one.failed.length, 0);
const passed = comparisons.reduce((count, one) => count + one.passed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function realResult(suite: Suite): Promise<SuiteResult> {
  const kept = join(folder, '..', 'real', `${suite.name.replaceAll('/', '-')}.json`);
  if (args.includes('--reuse-real') && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as SuiteResult;
  const result = await runSuite(suite, real);
  mkdirSync(join(folder, '..', 'real'), { recursive: true });
  writeFileSync(kept, JSON.stringify(result));
  return result;
}
