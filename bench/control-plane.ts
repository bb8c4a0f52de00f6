// node bench/control-plane.ts: the embedded control plane beside kube-apiserver with etcd, in one run and in turns, so
// that whatever else the machine does meanwhile slows both. Needs Go once, to build the real one (test/real-apiserver).
//
// The embedded one keeps objects in memory; etcd writes them to its disk, without waiting for it (--unsafe-no-fsync).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRealApiServer } from '../test/real-apiserver/server.ts';
import { inTurns, type Pair, part, type Server, times } from './lib/beside.ts';
import { type Connection, create, installWidgets, open, rate, widget, widgets } from './lib/load.ts';
import { packedProject } from './lib/packed.ts';
import { median, startProgram, usage } from './lib/process.ts';
import { type Figure, print, reported } from './lib/table.ts';
import { Watchers, watchers } from './lib/watchers.ts';

const clients = 16;
const rounds = 3;
const objects = 10_000;
const changes = 100;
/** Requests of each kind in one round. */
const requests = 2000;

const project = process.env.BENCH_PROJECT ?? packedProject();
const folder = mkdtempSync(join(tmpdir(), 'setpoint-bench-'));
try {
  const figures = [...(await starts()), ...(await load())];
  print('Embedded control plane beside kube-apiserver and etcd', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function startEmbedded(): Promise<Server> {
  const cli = join(project, 'node_modules/@setpoint/cli/bin/setpoint.js');
  const kubeconfig = join(folder, 'kubeconfig');
  const flags = ['controlplane', '--kubeconfig', kubeconfig, '--controllers='];
  const program = await startProgram(process.execPath, [cli, ...flags], /^ready /);
  const { pid, startMs } = program;
  return { kubeconfig, pids: [pid], startMs, stop: async () => program[Symbol.asyncDispose]() };
}

function rssOf(server: Server): number {
  return server.pids.reduce((sum, pid) => sum + usage(pid).rssMib, 0);
}

async function starts(): Promise<Figure[]> {
  const started: Pair<number>[] = [];
  const idle: Pair<number>[] = [];
  for (let round = 0; round < rounds; round++) {
    const servers = { embedded: await startEmbedded(), real: await startRealApiServer() };
    await delay(3000);
    started.push({ embedded: servers.embedded.startMs, real: servers.real.startMs });
    idle.push({ embedded: rssOf(servers.embedded), real: rssOf(servers.real) });
    await Promise.all([servers.embedded.stop(), servers.real.stop()]);
  }
  return [...part('start → ready', started, 1 / 20, 'ms'), ...part('idle RSS', idle, 1 / 4, 'MiB')];
}

async function load(): Promise<Figure[]> {
  const servers = { embedded: await startEmbedded(), real: await startRealApiServer() };
  const connections = new Map<Server, readonly Connection[]>();
  const of = (server: Server) => connections.get(server) as readonly Connection[];
  const first = (server: Server) => of(server)[0] as Connection;
  try {
    for (const server of [servers.embedded, servers.real]) {
      connections.set(
        server,
        Array.from({ length: clients }, () => open(server.kubeconfig)),
      );
      await installWidgets(first(server));
      await create(of(server), 'warm-up', 500);
    }
    const figures = await rates(servers, of);
    const created = 500 + rounds * requests;
    await inTurns(servers, (server) => create(of(server), 'fill', objects - created));
    figures.push(...(await lists(servers, first)), ...(await fanOut(servers, of)));
    const deleted = await inTurns(servers, async (server) => {
      const began = performance.now();
      const { status, text } = await first(server).request('DELETE', widgets);
      if (status !== 200) throw new Error(text);
      return (performance.now() - began) / 1000;
    });
    figures.push(...part(`deletecollection of ${objects}`, [deleted], 1 / 5, 's'));
    const rss = await inTurns(servers, async (server) => rssOf(server));
    const cpu = await inTurns(servers, async (server) =>
      server.pids.reduce((sum, pid) => sum + usage(pid).cpuSeconds, 0),
    );
    figures.push(...part('RSS after all that', [rss], 1 / 2, 'MiB'));
    figures.push(reported('processor time of all that, embedded', cpu.embedded, 's'));
    figures.push(reported('processor time of all that, kube-apiserver and etcd', cpu.real, 's'));
    return figures;
  } finally {
    for (const opened of connections.values()) for (const connection of opened) connection.close();
    await Promise.all([servers.embedded.stop(), servers.real.stop()]);
  }
}

async function rates(servers: Pair<Server>, of: (server: Server) => readonly Connection[]): Promise<Figure[]> {
  const creates: Pair<number>[] = [];
  const gets: Pair<number>[] = [];
  const patches: Pair<number>[] = [];
  const applies: Pair<number>[] = [];
  for (let round = 0; round < rounds; round++) {
    const at = (i: number) => `${widgets}/round-${round}-${i}`;
    creates.push(await inTurns(servers, (server) => create(of(server), `round-${round}`, requests)));
    gets.push(
      await inTurns(servers, (server) => rate(of(server), requests, (client, i) => client.request('GET', at(i)))),
    );
    const status = { status: { phase: `Round${round}` } };
    patches.push(
      await inTurns(servers, (server) =>
        rate(of(server), requests, (client, i) =>
          client.request('PATCH', `${at(i)}/status`, status, 'application/merge-patch+json'),
        ),
      ),
    );
    applies.push(
      await inTurns(servers, (server) =>
        rate(of(server), requests, (client, i) => {
          const wanted = { ...widget(`round-${round}-${i}`), spec: { replicas: i % 7, owner: `bench-${round}` } };
          const url = `${at(i)}?fieldManager=bench&force=true`;
          return client.request('PATCH', url, wanted, 'application/apply-patch+yaml');
        }),
      ),
    );
  }
  return [
    ...times(`creates of 1 KB by ${clients} clients`, creates, 1.5),
    ...times('gets', gets, 1.5),
    ...times('merge patches of the status', patches, 1.5),
    ...times('server-side applies', applies, 1.2),
  ];
}

async function lists(servers: Pair<Server>, first: (server: Server) => Connection): Promise<Figure[]> {
  const taken: Pair<number>[] = [];
  for (let round = 0; round < 5; round++) {
    taken.push(
      await inTurns(servers, async (server) => {
        const began = performance.now();
        const { status, text } = await first(server).request('GET', widgets);
        if (status !== 200) throw new Error(text);
        return performance.now() - began;
      }),
    );
  }
  return part(`list of ${objects}`, taken, 1 / 1.5, 'ms');
}

/** From sending one change until all watchers have it. */
async function fanOut(servers: Pair<Server>, of: (server: Server) => readonly Connection[]): Promise<Figure[]> {
  const watched = await inTurns(servers, (server) => Watchers.open(server, of(server)[0] as Connection));
  try {
    const lags: Pair<number>[] = [];
    for (let change = 0; change < changes; change++) {
      lags.push({ embedded: await watched.embedded.change(change), real: await watched.real.change(change) });
    }
    const lag = { embedded: median(lags.map((one) => one.embedded)), real: median(lags.map((one) => one.real)) };
    return part(`one change → all of ${watchers} watchers, p50`, [lag], 1, 'ms');
  } finally {
    watched.embedded.close();
    watched.real.close();
  }
}
