// Writes docs/support.md from what `npm run test:real` found: how the embedded control plane compares, area by area.
// With --check it writes nothing and fails if the page is not of the last run.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

interface Result {
  readonly area: string;
  readonly name: string;
  readonly comparisons: number;
  readonly same: boolean;
}

const input = 'build/conformance.json';
const output = 'docs/support.md';

if (!existsSync(input)) {
  console.error(`${input} is not there; it is written by npm run test:real`);
  process.exit(1);
}
const results: readonly Result[] = JSON.parse(readFileSync(input, 'utf8'));
const page = pageOf(results);
if (!process.argv.includes('--check')) {
  writeFileSync(output, page);
  console.log(`${output}: ${results.length} scenarios`);
} else if (!existsSync(output) || readFileSync(output, 'utf8') !== page) {
  console.error(`${output} is not of the last run; write it with node scripts/support-table.ts`);
  process.exit(1);
}

function pageOf(all: readonly Result[]): string {
  const areas = [...Map.groupBy(all, (result) => result.area)].sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = areas.map(([area, of]) => `## ${headline(area)}\n\n${listOf(of)}\n`);
  return `# Comparison with the real API server

Scenarios that are played on a kube-apiserver 1.36 and on the embedded control plane, and what came of the comparison of
all that a client sees. Written by \`scripts/support-table.ts\` after \`npm run test:real\`. How it is done, and what is not
compared: [the embedded control plane](control-plane.md#how-that-is-checked).

| Area | Scenarios | Comparisons | Equal |
|---|---:|---:|---:|
${areas.map(([area, of]) => row(area, of)).join('\n')}
${row('**all**', all)}

${sections.join('\n')}`;
}

function row(area: string, of: readonly Result[]): string {
  const comparisons = of.reduce((sum, result) => sum + result.comparisons, 0);
  const equal = of.filter((result) => result.same).length;
  return `| ${area} | ${of.length} | ${comparisons} | ${equal} of ${of.length} |`;
}

function listOf(of: readonly Result[]): string {
  const names = of.map(({ name, comparisons, same }) => `${name} (${comparisons})${same ? '' : ': **differs**'}`);
  return names
    .sort()
    .map((name) => `- ${name}`)
    .join('\n');
}

function headline(area: string): string {
  return area === 'crd' ? 'CustomResourceDefinitions' : area.charAt(0).toUpperCase() + area.slice(1);
}
