import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one step of a test run came to; a step that is one check counts as one. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

export interface Step {
  readonly name: string;
  run(): Promise<Outcome>;
}

/** Runs a program with its output shown; resolves with its exit code. Whoever ends this process ends the program first. */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    const end = () => {
      child.once('exit', () => process.exit(143));
      child.kill('SIGTERM');
    };
    process.once('SIGTERM', end);
    child.on('error', reject);
    child.on('exit', (code) => {
      process.off('SIGTERM', end);
      resolve(code ?? 1);
    });
  });
}

/** A step that is one check: a program that exits 0. */
export function check(name: string, command: string, ...args: readonly string[]): Step {
  return {
    name,
    run: async () => ((await run(command, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  };
}

/** A step that runs vitest and counts its tests; a failure outside any test counts as one. */
export function vitest(name: string, ...args: readonly string[]): Step {
  return { name, run: async () => (await runVitest(name, args)).outcome };
}

/** Above this many failures something is broken, and no second look is taken. */
const mostPlayedAgain = 10;

/**
 * As `vitest`, for tests that watch servers whose own clocks cannot be set: the few that failed are played once more,
 * alone and from new servers. What fails again failed; what does not is named.
 */
export function vitestPlayedAgain(name: string, ...args: readonly string[]): Step {
  return {
    name,
    async run() {
      const first = await runVitest(name, args);
      const { failures } = first;
      if (failures.length === 0 || failures.length > mostPlayedAgain || first.outcome.failed > failures.length) {
        return first.outcome;
      }
      console.log(`\n── once more, alone:\n${failures.map(({ fullName }) => `   ${fullName}`).join('\n')}`);
      const files = [...new Set(failures.map(({ file }) => file))];
      const pattern = `^(${failures.map(({ pattern }) => pattern).join('|')})$`;
      const alone = ['--maxWorkers=1', '--maxConcurrency=1', '-t', pattern];
      const again = await runVitest(`${name}, once more`, [...args, ...alone, ...files], { SETPOINT_ONCE_MORE: '1' });
      // What was not played again still counts as failed.
      const failed = Math.max(again.outcome.failed, failures.length - again.outcome.passed);
      return { passed: first.outcome.passed + failures.length - failed, failed };
    },
  };
}

interface Failure {
  readonly file: string;
  readonly fullName: string;
  /** What `--testNamePattern` finds it by. */
  readonly pattern: string;
}

/** Whatever stands between the titles of a test where vitest looks for a pattern. */
const between = '.{1,3}';

async function runVitest(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly outcome: Outcome; readonly failures: readonly Failure[] }> {
  const report = `build/test-report-${name.replaceAll(/\W+/g, '-')}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('vitest', ['run', ...reporters, ...args], env);
  const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failures: Failure[] = [];
  for (const { name: file, assertionResults } of testResults) {
    for (const { status, fullName, ancestorTitles, title } of assertionResults) {
      if (status !== 'failed') continue;
      const titles = [...ancestorTitles, title].map((part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      failures.push({ file, fullName, pattern: titles.join(between) });
    }
  }
  const failedOutside = code !== 0 && numFailedTests === 0 ? 1 : 0;
  if (passed === 0) return { outcome: { passed, failed: Math.max(numFailedTests, 1) }, failures };
  return { outcome: { passed, failed: numFailedTests + failedOutside }, failures };
}

/** Runs all steps, also after a failure, prints what took how long, and ends with the line that CI reads. */
export async function runSteps(steps: readonly Step[]): Promise<Outcome> {
  const lines: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    const started = performance.now();
    const outcome = await step.run();
    passed += outcome.passed;
    failed += outcome.failed;
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    lines.push(
      `${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${step.name} (${outcome.passed} passed, ${outcome.failed} failed)`,
    );
  }
  console.log(`\n${lines.join('\n')}\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  return { passed, failed };
}
