import type { SpecResult, SuiteResult } from './suites.ts';

/** One suite on both servers. */
export interface SuiteComparison {
  readonly name: string;
  readonly real: SuiteResult;
  readonly ours: SuiteResult;
  /** Specs that pass on the real server and not on ours. */
  readonly failed: readonly SpecResult[];
  /** All others that pass on the real server. */
  readonly passed: number;
}

/** Spec by spec; several of one name count together, as often as they are there. */
export function compareSuites(name: string, real: SuiteResult, ours: SuiteResult): SuiteComparison {
  const left = new Map<string, SpecResult[]>();
  for (const spec of ours.specs) left.set(spec.name, [...(left.get(spec.name) ?? []), spec]);
  const expected = real.specs.filter(({ state }) => state === 'passed');
  const failed = expected.flatMap((spec): SpecResult[] => {
    const candidates = left.get(spec.name) ?? [];
    const found = candidates.shift();
    if (found?.state === 'passed') return [];
    return [found ?? { name: spec.name, state: 'failed', message: 'it did not run' }];
  });
  return { name, real, ours, failed, passed: expected.length - failed.length };
}

/** docs/envtest.md */
export function formatTable(version: string, comparisons: readonly SuiteComparison[], date: string): string {
  const passed = sum(comparisons.map((one) => one.passed));
  const failed = sum(comparisons.map((one) => one.failed.length));
  const seconds = (pick: (one: SuiteComparison) => number) => sum(comparisons.map(pick)).toFixed(0);
  const rows = comparisons.map(({ name, real, ours, passed, failed }) => {
    const cells = [name, passed + failed.length, passed, real.seconds.toFixed(1), ours.seconds.toFixed(1)];
    return `| ${cells.join(' | ')} |`;
  });
  const left = sum(comparisons.map(({ real }) => real.specs.filter(({ state }) => state === 'failed').length));
  const total = `| **all** | ${passed + failed} | ${passed} | ${seconds((one) => one.real.seconds)} | ${seconds((one) => one.ours.seconds)} |`;
  return `# Other people's test suites

controller-runtime tests itself on a real kube-apiserver and etcd, which it starts by name. These are its own suites (module
sigs.k8s.io/controller-runtime ${version}, unmodified), run on the real programs and on the launchers of
\`setpoint envtest-assets\`. A spec is counted if it passes on the real
ones; ${left} that fail there are left out (${atRealFault(comparisons)}).

Written by \`npm run test:envtest\` on ${date}. Seconds are of the whole suite, in which much waiting is the suite's own.

| suite | specs that pass on the real server | of them on the embedded one | s real | s embedded |
|---|---:|---:|---:|---:|
${rows.join('\n')}
${total}
${failures(comparisons)}`;
}

function atRealFault(comparisons: readonly SuiteComparison[]): string {
  const names = comparisons.filter(({ real }) => real.specs.some(({ state }) => state === 'failed'));
  return names.length === 0 ? 'of no suite' : `of ${names.map(({ name }) => name).join(', ')}`;
}

function failures(comparisons: readonly SuiteComparison[]): string {
  const lines = comparisons.flatMap(({ name, failed }) =>
    failed.map((spec) => `| ${name} | ${cell(spec.name)} | ${cell(reasonOf(spec.message ?? ''))} |`),
  );
  if (lines.length === 0) return '';
  return `\n## What does not pass yet\n\n| suite | spec | why |\n|---|---|---|\n${lines.join('\n')}\n`;
}

/** The line of a gomega failure that says something: the one below the type of the error, else the first. */
export function reasonOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const typed = lines.findIndex((line) => /^<[*\w.]+( \|.*)?>:/.test(line));
  const said = typed < 0 ? undefined : lines[typed]?.replace(/^<[*\w.]+( \|.*)?>:\s*/, '') || lines[typed + 1];
  return (said ?? lines[0] ?? '').slice(0, 240);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
