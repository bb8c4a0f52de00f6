import type { SuiteModule } from './modules.ts';
import type { SpecResult, SuiteResult } from './run.ts';
import { shortName } from './suites.ts';

/** One suite on both servers. */
export interface SuiteComparison {
  readonly name: string;
  readonly real: SuiteResult;
  readonly ours: SuiteResult;
  /** Specs that pass on the real server and not on ours. */
  readonly failed: readonly SpecResult[];
  /** All others that pass on the real server. */
  readonly passed: number;
  /** Those of them that passed at the second attempt only. */
  readonly late?: number;
}

/** Spec by spec; several of one name count together, as often as they are there. */
export function compareSuites(name: string, real: SuiteResult, ours: SuiteResult): SuiteComparison {
  const failed = missing(real, ours);
  return {
    name,
    real,
    ours,
    failed,
    passed: real.specs.filter(({ state }) => state === 'passed').length - failed.length,
  };
}

/**
 * What passes at the second attempt counts as passed, and is counted in the table: times are short in many suites, and
 * machines now and then slow.
 */
export function withSecondAttempt(first: SuiteComparison, second: SuiteResult): SuiteComparison {
  const still = new Set(missing(first.real, second).map((spec) => spec.name));
  const failed = first.failed.filter((spec) => still.has(spec.name));
  const late = first.failed.length - failed.length;
  return { ...first, failed, late, passed: first.passed + late };
}

function missing(real: SuiteResult, ours: SuiteResult): readonly SpecResult[] {
  const left = new Map<string, SpecResult[]>();
  for (const spec of ours.specs) left.set(spec.name, [...(left.get(spec.name) ?? []), spec]);
  return real.specs
    .filter(({ state }) => state === 'passed')
    .flatMap((spec): SpecResult[] => {
      const found = left.get(spec.name)?.shift();
      if (found?.state === 'passed') return [];
      return [found ?? { name: spec.name, state: 'failed', message: 'it did not run' }];
    });
}

/** What was run of one module. */
export interface ModuleComparison {
  readonly module: SuiteModule;
  readonly suites: readonly SuiteComparison[];
}

/** docs/envtest.md */
export function formatTable(modules: readonly ModuleComparison[], date: string): string {
  const all = modules.flatMap(({ suites }) => suites);
  const rows = modules.map(({ module, suites }) =>
    row(`[${shortName(module)}](#${anchor(module)}) ${module.version}`, suites),
  );
  return `# Other people's test suites

Suites that others wrote for a real kube-apiserver and etcd: published Go modules, unmodified, run on the real programs and
on the launchers of \`setpoint envtest-assets\`. A spec (of Go's own tests the innermost) is counted if it passes on the
real ones; ${failuresOfReal(all)} that fail there are left out.${secondAttempts(all)}

Written by \`npm run test:envtest\` on ${date}. Seconds are of the whole suite, in which much waiting is the suite's own.

| module | specs that pass on the real server | of them on the embedded one | s real | s embedded |
|---|---:|---:|---:|---:|
${rows.join('\n')}
${row('**all**', all)}
${failures(all)}${modules.map(moduleTable).join('')}`;
}

function moduleTable({ module, suites }: ModuleComparison): string {
  const rows = suites.map((one) => row(one.name.replace(`${shortName(module)} `, ''), [one]));
  const left = failuresOfReal(suites);
  const atFault = suites.filter(({ real }) => real.specs.some(({ state }) => state === 'failed'));
  const names = atFault.map(({ name }) => name.replace(`${shortName(module)} `, '')).join(', ');
  return `
## ${shortName(module)}

\`${module.path}\` ${module.version}. ${module.about}${left === 0 ? '' : ` ${left} fail on the real server (${names}).`}

| suite | real | embedded | s real | s embedded |
|---|---:|---:|---:|---:|
${rows.join('\n')}
`;
}

function row(name: string, suites: readonly SuiteComparison[]): string {
  const passed = sum(suites.map((one) => one.passed));
  const failed = sum(suites.map((one) => one.failed.length));
  const seconds = (pick: (one: SuiteComparison) => number) => sum(suites.map(pick)).toFixed(1);
  const cells = [
    name,
    passed + failed,
    passed,
    seconds(({ real }) => real.seconds),
    seconds(({ ours }) => ours.seconds),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** As a renderer of Markdown makes it of a heading. */
function anchor(module: SuiteModule): string {
  return shortName(module).replaceAll('/', '');
}

function secondAttempts(suites: readonly SuiteComparison[]): string {
  const late = sum(suites.map((one) => one.late ?? 0));
  return late === 0 ? '' : ` What fails on the embedded one is run once more; ${late} passed only then.`;
}

function failuresOfReal(suites: readonly SuiteComparison[]): number {
  return sum(suites.map(({ real }) => real.specs.filter(({ state }) => state === 'failed').length));
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
