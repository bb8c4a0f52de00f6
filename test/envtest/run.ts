// Runs a suite on a folder with kube-apiserver and etcd, and reads what came of each of its specs.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runServers } from './servers.ts';
import type { Suite } from './suites.ts';

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

const mostMinutes = 10;

/** In the environment of everything that a suite starts, by which it is known again. */
const markName = 'SETPOINT_ENVTEST_RUN';

/** Runs one suite on the programs in `assets`; a suite that does not come to its end fails as a whole. */
export async function runSuite(suite: Suite, assets: string): Promise<SuiteResult> {
  const mark = randomUUID();
  const own = { KUBEBUILDER_ASSETS: assets, KUBECONFIG: '', K8S_VERSION: '1.36.3', [markName]: mark };
  const env = { ...process.env, ...own };
  if (!suite.definitions) return runProgram(suite, env);
  await using servers = await runServers(assets, suite.definitions);
  return await runProgram(suite, { ...env, KUBECONFIG: servers.kubeconfig });
}

async function runProgram(suite: Suite, env: NodeJS.ProcessEnv): Promise<SuiteResult> {
  const report = `${suite.program}.${process.pid}.json`;
  const args = ['-test.v=test2json', `-test.timeout=${mostMinutes + 1}m`];
  if (suite.runners.size > 0) args.push(`-ginkgo.timeout=${mostMinutes}m`, `-ginkgo.json-report=${report}`);
  const started = performance.now();
  const { output, code } = await run(suite.program, args, suite.folder, env);
  endLeftovers(env[markName] ?? '');
  const seconds = (performance.now() - started) / 1000;
  // Who wonders about a failure finds the whole of it there.
  writeFileSync(`${suite.program}.log`, output.replaceAll('\x16', ''));
  const specs = [...goTests(output, suite.runners), ...(existsSync(report) ? ginkgoSpecs(report) : [])];
  rmSync(report, { force: true });
  const unexplained = code !== 0 && specs.every(({ state }) => state !== 'failed');
  if (unexplained || specs.length === 0)
    specs.push({ name: '(the suite as a whole)', state: 'failed', message: output.trim().split('\n').at(-1) ?? '' });
  return { specs, seconds };
}

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

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ readonly output: string; readonly code: number }>((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: string, most: number) => {
      output = (output + text).slice(-most);
    };
    // States of tests are told on the one; on the other come logs of operators, which are long.
    child.stdout.setEncoding('utf8').on('data', (text: string) => keep(text, 100_000_000));
    child.stderr.setEncoding('utf8').on('data', (text: string) => keep(text, 100_000_000));
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, code: code ?? 1 }));
  });
}

const states: Readonly<Record<string, SpecState>> = {
  PASS: 'passed',
  SKIP: 'skipped',
  passed: 'passed',
  skipped: 'skipped',
  pending: 'skipped',
};

/** Go's own tests, by their leaves: a test that has others in it counts only if it failed and none of them did. */
export function goTests(output: string, runners: ReadonlySet<string>): readonly SpecResult[] {
  const ended = new Map<string, SpecState>();
  const said = new Map<string, string>();
  // Each mark begins a line that says whose what follows is, or what came of it.
  for (const part of output.split('\x16').slice(1)) {
    const [line = '', ...rest] = part.split('\n');
    const end = line.match(/^\s*--- (PASS|FAIL|SKIP): (\S+) \(/);
    const name = end?.[2] ?? line.match(/^=== (?:RUN|NAME|CONT|PAUSE)\s+(\S*)/)?.[1] ?? '';
    if (end) ended.set(name, states[end[1] ?? ''] ?? 'failed');
    said.set(name, ((said.get(name) ?? '') + rest.join('\n')).slice(0, 4000));
  }
  return [...ended].flatMap(([name, state]): SpecResult[] => {
    const inner = [...ended].filter(([other]) => other.startsWith(`${name}/`));
    const own = inner.length === 0 || (state === 'failed' && inner.every(([, one]) => one !== 'failed'));
    if (!own || runners.has(name)) return [];
    return [{ name, state, ...(state === 'failed' ? { message: said.get(name) ?? '' } : {}) }];
  });
}

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
