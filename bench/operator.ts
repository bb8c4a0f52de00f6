// node bench/operator.ts: the same operator on Setpoint, controller-runtime (Go) and kube-rs (Rust), beside each other on
// one real API server. Needs Go; without Rust, kube-rs is left out. Five rounds of all take about an hour on two cores.
//   SETPOINT_BENCH_PARTS=cold,race   some of it: start cold big huge creates latency race
//   SETPOINT_BENCH_ROUNDS=2          rounds, 5 unless told; kube-rs takes part in two, 100,000 objects have one
//   SETPOINT_BENCH_MINUTES=30        shared among the parts: after its share no round of a part begins but the first
import { goIsInstalled } from '../test/real-apiserver/build.ts';
import { packedProject } from './lib/packed.ts';
import { type Figure, print } from './lib/table.ts';
import { type Cluster, startCluster } from './operator/cluster.ts';
import { beside, type Column, inRounds, printRounds, type Rounds, within } from './operator/compare.ts';
import { cold, creates, latency, race, start } from './operator/parts.ts';
import { asDeployed, type Peer, programs, variant } from './operator/peers.ts';

const rounds = Number(process.env.SETPOINT_BENCH_ROUNDS ?? 5);
const go = 'controller-runtime';

const columns: readonly Column[] = [
  { figure: 'cpu', title: 'CPU, s', digits: 2 },
  { figure: 'peak', title: 'peak RSS, MiB', digits: 0 },
  { figure: 'settled', title: 'RSS at rest, MiB', digits: 0 },
  { figure: 'synced', title: 'synced, s', digits: 2 },
  { figure: 'drained', title: 'drained, s', digits: 2 },
  { figure: 'wall', title: 'wall, s', digits: 1 },
  { figure: 'writes', title: 'writes', digits: 0 },
  { figure: 'p50', title: 'p50, ms', digits: 2 },
  { figure: 'p99', title: 'p99, ms', digits: 1 },
  { figure: 'atOnce', title: 'old at once', digits: 0 },
  { figure: 'later', title: 'old in the next pass', digits: 0 },
];

const parts = { start: starts, latency: latencies, race: races, creates: creating, cold: colds, big, huge };
type Part = keyof typeof parts;
/** What a round of a part takes beside the others. */
const weights: Readonly<Record<Part, number>> = {
  start: 2,
  latency: 1,
  race: 2,
  creates: 10,
  cold: 2,
  big: 4,
  huge: 2,
};
/** Of the part that runs. */
let until = Number.POSITIVE_INFINITY;

if (!goIsInstalled()) {
  console.log('Go is not installed: there is nothing to compare with.');
} else {
  const wanted = (process.env.SETPOINT_BENCH_PARTS ?? 'start,latency,race,creates,cold,big').split(',') as Part[];
  const unknown = wanted.filter((part) => !(part in parts));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}: ${Object.keys(parts).join(', ')}`);
  const project = process.env.BENCH_PROJECT ?? packedProject();
  const { setpoint, notBundled, controllerRuntime, kubeRs } = programs(project);
  const others = kubeRs ? [controllerRuntime, kubeRs] : [controllerRuntime];
  const figures: Figure[] = [];
  await using cluster = await startCluster(16);
  endWithSignal(cluster);
  const end = performance.now() + Number(process.env.SETPOINT_BENCH_MINUTES ?? Number.POSITIVE_INFINITY) * 60_000;
  for (const [i, part] of wanted.entries()) {
    const left = wanted.slice(i).reduce((sum, one) => sum + weights[one], 0);
    const now = performance.now();
    until = now + ((end - now) * weights[part]) / left;
    const besides = part === 'start' ? [notBundled, ...others] : others;
    figures.push(...(await parts[part](cluster, setpoint, besides)));
  }
  print('Operators', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
}

/** The servers do not outlive a run that is broken off. */
function endWithSignal(cluster: Cluster): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, async () => {
      await cluster[Symbol.asyncDispose]();
      process.exit(code);
    });
  }
}

async function starts(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const serving = [own, ...others].map((peer) =>
    peer.name === 'kube-rs' ? peer : variant(peer, '', '--metrics=127.0.0.1:0'),
  );
  const short = await inRounds({ rounds, until }, serving, (peer) => start(cluster, peer, 1000));
  const long = await inRounds({ rounds: 1, until }, serving, (peer) => start(cluster, peer, 60_000));
  const started: Column = { figure: 'started', title: 'synced, ms', digits: 0 };
  const memory = columns.filter(({ figure }) => figure === 'settled');
  printRounds('Start on an empty cluster', short, [started, ...memory]);
  printRounds('At rest for a minute', long, [{ figure: 'cpu', title: 'CPU, % of a core', digits: 2 }, ...memory]);
  return [
    within('start → synced', short, own.name, 'started', 250, 'ms'),
    within('RSS when idle', long, own.name, 'settled', 80, 'MiB'),
    within('CPU when idle, of a core', long, own.name, 'cpu', 0.3, '%'),
  ];
}

async function colds(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const { figures } = await coldStart(cluster, own, others, { foos: 10_000, rounds, cpu: 1.0, peak: 1.2 });
  return figures;
}

async function big(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const sizes = { foos: 50_000, rounds, cpu: 0.8, peak: 0.8 };
  const { samples, figures } = await coldStart(cluster, own, others, sizes);
  return [...figures, beside('cold start of 50,000, drained', samples, [own.name, go], 'drained', 1.0)];
}

async function huge(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const { figures } = await coldStart(cluster, own, others, {
    foos: 100_000,
    rounds: 1,
    cpu: undefined,
    peak: undefined,
  });
  return figures;
}

interface ColdOptions {
  readonly foos: number;
  readonly rounds: number;
  readonly cpu: number | undefined;
  readonly peak: number | undefined;
}

async function coldStart(
  cluster: Cluster,
  own: Peer,
  others: readonly Peer[],
  options: ColdOptions,
): Promise<{ readonly samples: Rounds; readonly figures: Figure[] }> {
  const { foos } = options;
  await cluster.fill(foos);
  const metadata = [own, ...others].map((peer) => variant(peer, 'metadata', '--metadata-only'));
  const bare = {
    ...own,
    name: `${own.name}, Node's own flags`,
    args: own.args.filter((arg) => !asDeployed.includes(arg)),
  };
  const peers = [
    own,
    variant(own, 'no predicate', '--no-predicate'),
    ...others,
    ...metadata,
    { ...bare, mostRounds: 2 },
  ];
  const samples = await inRounds({ rounds: options.rounds, until }, peers, (peer) => cold(cluster, peer, foos));
  const what = `${foos.toLocaleString('en')} Foos, ${(foos / 5).toLocaleString('en')} Pods`;
  printRounds(`Cold start: ${what}`, samples, columns);
  const slice = await inRounds({ rounds: 1, until }, [variant(own, 'slices', '--slices')], (peer) =>
    cold(cluster, peer, foos),
  );
  const pair = [own.name, go] as const;
  const metadataPair = [`${own.name}, metadata`, `${go}, metadata`] as const;
  const figures = [
    beside(`cold start of ${foos}, CPU`, samples, pair, 'cpu', options.cpu),
    beside(`cold start of ${foos}, CPU, no predicate`, samples, [`${own.name}, no predicate`, go], 'cpu', options.cpu),
    beside(`cold start of ${foos}, peak RSS`, samples, pair, 'peak', options.peak),
    beside(`cold start of ${foos}, CPU, metadata`, samples, metadataPair, 'cpu', options.cpu),
    beside(`cold start of ${foos}, peak RSS, metadata`, samples, metadataPair, 'peak', undefined),
    within(`cold start of ${foos}, longest own-CPU slice`, slice, `${own.name}, slices`, 'slice', 50, 'ms'),
  ];
  return { samples, figures };
}

async function creating(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const foos = 10_000;
  const figures: Figure[] = [];
  for (const [i, concurrency] of [1, 16].entries()) {
    const plan = { rounds, until: i === 0 ? (performance.now() + until) / 2 : until };
    const peers = [own, variant(own, 'no predicate', '--no-predicate'), ...others];
    const samples = await inRounds(plan, peers, (peer) =>
      creates(cluster, variant(peer, '', `--concurrency=${concurrency}`), foos),
    );
    printRounds(`10,000 creates → status, ${concurrency} at a time`, samples, columns);
    const what = `10,000 creates → status, concurrency ${concurrency}`;
    figures.push(
      beside(`${what}, CPU`, samples, [own.name, go], 'cpu', 0.8),
      beside(`${what}, CPU, no predicate`, samples, [`${own.name}, no predicate`, go], 'cpu', 0.8),
      within(`${what}, peak RSS`, samples, own.name, 'peak', 130, 'MiB'),
      within(`${what}, writes`, samples, own.name, 'writes', foos, ''),
    );
  }
  return figures;
}

async function latencies(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const samples = await inRounds({ rounds, until }, [own, ...others], (peer) => latency(cluster, peer, 300));
  printRounds('Latency: answer to the POST of a Pod → status of its Foo', samples, columns);
  return [beside('POST of a Pod → status, p50', samples, [own.name, go], 'p50', 1.0)];
}

async function races(cluster: Cluster, own: Peer, others: readonly Peer[]): Promise<Figure[]> {
  const peers = [own, ...others.filter(({ name }) => name === go)];
  const racing = peers.map((peer) => variant(peer, '', '--race=10000', '--concurrency=4'));
  const samples = await inRounds({ rounds: 1, until }, racing, (peer) => race(cluster, peer, 100));
  printRounds('10,000 passes that write and read again at once', samples, columns);
  return [
    within('own-write race, old objects at once', samples, own.name, 'atOnce', 0, ''),
    within('own-write race, old objects in the next pass', samples, own.name, 'later', 0, ''),
  ];
}
