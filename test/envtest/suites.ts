// Builds and runs the test suites that controller-runtime ships, which start kube-apiserver and etcd by name.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { binaryFolder } from '../real-apiserver/build.ts';

/** One package of the module with its test program. */
export interface Suite {
  /** Such as `pkg/client`. */
  readonly name: string;
  /** Its folder, in which its tests expect to run. */
  readonly folder: string;
  readonly program: string;
  /** Go tests that only run the specs of the suite. */
  readonly runners: ReadonlySet<string>;
}

export type SpecState = 'passed' | 'failed' | 'skipped';

export interface SpecResult {
  readonly name: string;
  readonly state: SpecState;
  /** The beginning of what a failure says. */
  readonly message?: string;
}

export interface SuiteResult {
  readonly specs: readonly SpecResult[];
  readonly seconds: number;
}

/** What says that a test starts a control plane. */
const startsControlPlane = /envtest\.Environment|ControlPlane\{|\bAPIServer\{|\bEtcd\{/;

const mostMinutes = 10;

/** The version that go.mod pins, with its sources copied to where tests may write beside them. */
export function fetchModule(): { readonly version: string; readonly folder: string } {
  const go = (...args: string[]) => {
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    const { status, stdout, stderr } = spawnSync('go', args, { cwd: import.meta.dirname, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`go ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  };
  go('mod', 'download', 'sigs.k8s.io/controller-runtime');
  const { Version, Dir } = JSON.parse(go('list', '-m', '-json', 'sigs.k8s.io/controller-runtime'));
  // Beside the programs that are built from it.
  const folder = join(binaryFolder(), '..', '..', 'envtest', Version, 'module');
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    cpSync(Dir, unfinished, { recursive: true });
    // The module cache is read-only.
    for (const file of ['', ...globSync('**/*', { cwd: unfinished })]) chmodSync(join(unfinished, file), 0o755);
    renameSync(unfinished, folder);
  }
  return { version: Version, folder };
}

/** The suites that start a control plane, by name, without those that are not wanted. */
export function listSuites(module: string, wanted: (name: string) => boolean): readonly Suite[] {
  const texts = new Map<string, string>();
  for (const file of globSync('pkg/**/*_test.go', { cwd: module })) {
    const name = relative('.', dirname(file));
    texts.set(name, (texts.get(name) ?? '') + readFileSync(join(module, file), 'utf8'));
  }
  return [...texts]
    .filter(([name, text]) => startsControlPlane.test(text) && wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => ({
      name,
      folder: join(module, name),
      program: join(module, '..', 'bin', `${name.replace('pkg/', '').replaceAll('/', '-')}.test`),
      runners: new Set(
        [...text.matchAll(/^func (Test\w+)\([^)]*\) \{((?:\n\t.*|\n)*)\n\}/gm)].flatMap(([, test = '', body = '']) =>
          body.includes('RunSpecs(') ? [test] : [],
        ),
      ),
    }));
}

/** Builds what is missing; the first one takes a minute or two, each of the others some seconds. */
export function buildSuites(module: string, suites: readonly Suite[]): void {
  for (const { name, program } of suites) {
    if (existsSync(program)) continue;
    console.log(`building the tests of ${name} …`);
    const args = ['test', '-c', '-ldflags=-s -w', '-o', `${program}.new`, `./${name}`];
    const env = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
    if (spawnSync('go', args, { cwd: module, env, stdio: 'inherit' }).status !== 0)
      throw new Error(`go ${args.join(' ')} failed; its message is above`);
    renameSync(`${program}.new`, program);
  }
}

/** In the environment of everything that a suite starts, by which it is known again. */
const markName = 'SETPOINT_ENVTEST_RUN';

/** Ends servers that a suite which failed has left running (a kube-apiserver without its etcd ends in no other way); where there is no /proc, nothing is known of them. */
function endLeftovers(mark: string): void {
  if (!existsSync('/proc/self/environ')) return;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (environment.includes(`${markName}=${mark}`)) process.kill(Number(name), 'SIGKILL');
    } catch {
      // It is gone, or somebody else's.
    }
  }
}

/** Runs one suite on the programs in `assets`; a suite that does not come to its end fails as a whole. */
export async function runSuite(suite: Suite, assets: string): Promise<SuiteResult> {
  const report = `${suite.program}.${process.pid}.json`;
  const started = performance.now();
  const args = ['-test.v', `-ginkgo.timeout=${mostMinutes}m`, `-test.timeout=${mostMinutes + 1}m`];
  if (suite.runners.size > 0) args.push(`-ginkgo.json-report=${report}`);
  const mark = randomUUID();
  const env = { ...process.env, KUBEBUILDER_ASSETS: assets, [markName]: mark };
  const { output, code } = await run(suite.program, args, suite.folder, env);
  endLeftovers(mark);
  const seconds = (performance.now() - started) / 1000;
  const specs = [...goTests(output, suite.runners), ...(existsSync(report) ? ginkgoSpecs(report) : [])];
  rmSync(report, { force: true });
  const unexplained = code !== 0 && specs.every(({ state }) => state !== 'failed');
  if (unexplained || (suite.runners.size > 0 && specs.length === 0))
    specs.push({ name: '(the suite as a whole)', state: 'failed', message: output.trim().split('\n').at(-1) ?? '' });
  return { specs, seconds };
}

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ readonly output: string; readonly code: number }>((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        // Logs of operators are long; the ends of failing tests stand in the report.
        output = (output + text).slice(-4_000_000);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, code: code ?? 1 }));
  });
}

function goTests(output: string, runners: ReadonlySet<string>): SpecResult[] {
  return [...output.matchAll(/^--- (PASS|FAIL|SKIP): (\w+)/gm)]
    .filter(([, , name = '']) => !runners.has(name))
    .map(([, state, name = '']) => ({ name, state: states[state ?? ''] ?? 'failed' }));
}

const states: Readonly<Record<string, SpecState>> = {
  PASS: 'passed',
  SKIP: 'skipped',
  passed: 'passed',
  skipped: 'skipped',
  pending: 'skipped',
};

interface GinkgoReport {
  readonly SpecReports?: readonly (SpecReport | null)[] | null;
}

interface SpecReport {
  readonly ContainerHierarchyTexts?: readonly string[] | null;
  readonly LeafNodeType: string;
  readonly LeafNodeText?: string;
  readonly State: string;
  readonly Failure?: { readonly Message?: string };
}

/** Specs, and what stands around them where it failed. */
function ginkgoSpecs(file: string): readonly SpecResult[] {
  const reports = JSON.parse(readFileSync(file, 'utf8')) as readonly GinkgoReport[];
  return (
    reports
      .flatMap(({ SpecReports }) => SpecReports ?? [])
      // A suite that was cut short has holes.
      .filter((spec) => spec !== null)
      .filter(({ LeafNodeType, State }) => LeafNodeType === 'It' || (State !== 'passed' && State !== 'skipped'))
      .map(({ ContainerHierarchyTexts, LeafNodeText, LeafNodeType, State, Failure }) => ({
        name: [...(ContainerHierarchyTexts ?? []), LeafNodeText || LeafNodeType].join(' '),
        state: states[State] ?? 'failed',
        ...(Failure?.Message ? { message: Failure.Message.slice(0, 2000) } : {}),
      }))
  );
}
