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

/** Runs a program with its output shown; resolves with its exit code. */
export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
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
  const report = `build/test-report-${name.replaceAll(/\W+/g, '-')}.json`;
  return {
    name,
    async run() {
      const code = await run('vitest', [
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ]);
      const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
      const failedOutside = code !== 0 && numFailedTests === 0 ? 1 : 0;
      if (numPassedTests === 0) return { passed: 0, failed: Math.max(numFailedTests, 1) };
      return { passed: numPassedTests, failed: numFailedTests + failedOutside };
    },
  };
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
