// `npm run bench`: the figures of docs/figures.md, one script after the other on one packed project; with names, only
// those. All take about six minutes; `control-plane` needs Go, to build the server that it measures the embedded one beside.
// `operator` takes half an hour, needs Go, and runs when it is named.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { packedProject } from '../bench/lib/packed.ts';
import { run } from './lib/steps.ts';

const all = ['start', 'scaffold', 'embedded', 'definitions', 'library', 'cache', 'passes', 'control-plane'];
const onDemand = ['operator'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => ![...all, ...onDemand].includes(name));
if (unknown.length > 0) {
  console.error(`there is no figure named ${unknown.join(', ')}; there are: ${[...all, ...onDemand].join(', ')}`);
  process.exitCode = 2;
} else {
  const project = process.env.BENCH_PROJECT ?? packedProject();
  console.log(machine());
  for (const name of wanted.length > 0 ? wanted : all) {
    const before = load();
    if ((await run('node', [`bench/${name}.ts`], { BENCH_PROJECT: project })) !== 0) process.exitCode = 1;
    console.log(`\nload of the machine: ${before} before, ${load()} after`);
  }
}

/** Without it a figure says nothing. */
function machine(): string {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim();
  const processors = cpus();
  const memory = `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`;
  const model = `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`;
  return `commit ${commit}, Node ${process.versions.node}, ${model}, ${memory}, ${process.platform} ${release()}`;
}

/** Processes that ran or waited to, as an average of the last minute. */
function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}
