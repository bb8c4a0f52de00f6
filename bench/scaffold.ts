// node bench/scaffold.ts: how long it takes from nothing to a first pass, and what a person finds then. From a registry in
// this process, with what scripts/pack.ts made.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type CreatedProject, createProject } from '../scripts/lib/created-project.ts';
import { serveRegistry } from '../scripts/lib/registry.ts';
import { median } from './lib/process.ts';
import { atMost, type Figure, print } from './lib/table.ts';

const rounds = 5;
const kinds = 10;
/** Known by everybody, and written by no person. */
const ignoreFiles = ['.dockerignore', '.gitignore'];

const created: number[] = [];
await using registry = await serveRegistry();
for (let i = 1; i < rounds; i++) {
  await using project = await createProject(registry);
  created.push(project.createdMs);
}
await using project = await createProject(registry);
created.push(project.createdMs);
const files = filesOf(project.folder);
await project.npm('install', '--silent');

/** Milliseconds of one call: on the clock, and of a processor, which is what counts on a machine that others use, too. */
interface Call {
  readonly wall: number;
  readonly processor: number;
}

const help = repeated(15, project, '--help');
const tenKinds = manifests(project);
const figures: Figure[] = [
  ...times('`npm create setpoint demo -- --yes` with an empty cache', created, 1000),
  ...times('`npm run dev` → first pass', await passes(project), 3000),
  ...calls(`\`setpoint manifests\`, ${kinds} kinds`, tenKinds, 1500),
  ...calls('`setpoint --help`', help, 120),
  atMost('files that a person has to know', files.filter((path) => !ignoreFiles.includes(path)).length, 12, ''),
];
print('From nothing to an operator', figures);
console.log(`\n${files.join('\n')}`);
process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;

function times(what: string, ms: readonly number[], limit: number): readonly Figure[] {
  const least = Math.min(...ms).toFixed(0);
  return [atMost(`${what}: median of ${ms.length} (least: ${least} ms)`, median(ms), limit, 'ms')];
}

function calls(what: string, made: readonly Call[], limit: number): readonly Figure[] {
  const processor = median(made.map((call) => call.processor)).toFixed(0);
  const wall = made.map((call) => call.wall);
  return times(`${what} (processor time: ${processor} ms)`, wall, limit);
}

async function passes({ untilReconciled }: CreatedProject): Promise<readonly number[]> {
  const found: number[] = [];
  for (let i = 0; i < rounds; i++) found.push(await untilReconciled());
  return found;
}

function manifests(project: CreatedProject): readonly Call[] {
  for (let i = 1; i < kinds; i++) {
    setpoint(project, 'create', 'api', '--group', 'demo', '--version', 'v1', '--kind', `Further${i}`);
  }
  return repeated(rounds, project, 'manifests');
}

function repeated(count: number, project: CreatedProject, ...args: readonly string[]): readonly Call[] {
  return Array.from({ length: count }, () => setpoint(project, ...args));
}

/** By a shell, which says what its children took. */
function setpoint({ folder }: CreatedProject, ...args: readonly string[]): Call {
  const program = join(folder, 'node_modules/@setpoint/cli/bin/setpoint.js');
  const script = '"$@" >/dev/null || exit 1; times';
  const began = performance.now();
  const said = execFileSync('sh', ['-c', script, 'sh', process.execPath, program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  const wall = performance.now() - began;
  const [, ofChildren = ''] = said.split('\n');
  const seconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return { wall, processor: 1000 * seconds.reduce((sum, one) => sum + one, 0) };
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
