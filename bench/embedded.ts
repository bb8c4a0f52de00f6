// node bench/embedded.ts: start-up, memory, creation rate and watch fan-out of `setpoint controlplane`.
// bench/control-plane.ts measures it beside a real kube-apiserver.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { create, installWidgets, open, widget, widgets } from './lib/load.ts';
import { packedProject } from './lib/packed.ts';
import { median, type Program, startProgram, usage } from './lib/process.ts';
import { atLeast, atMost, type Figure, print, reported } from './lib/table.ts';

const objects = 10_000;
const clients = 16;
const watchers = 100;
const perSecond = 200;
const seconds = 10;

/** Runs in a process of its own: what it costs a test suite to have a control plane. */
const inProcessStart = `
  import { createControlPlane } from '@setpoint/controlplane';
  const began = performance.now();
  const controlPlane = createControlPlane({});
  const answer = await controlPlane.handle({
    method: 'GET', url: '/api/v1/namespaces/default', headers: {}, body: new Uint8Array(),
    signal: new AbortController().signal, user: { name: 'admin', groups: ['system:masters'] },
  });
  if (answer.status !== 200) throw new Error('unexpected answer ' + answer.status);
  console.log(performance.now() - began);
  await controlPlane.close();
`;

/** Runs in a process of its own: what it costs each test to have an empty cluster, with every controller and role. */
const resets = `
  import { createControlPlane } from '@setpoint/controlplane';
  const controlPlane = createControlPlane({});
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const create = (name) => controlPlane.handle({
    method: 'POST', url: '/api/v1/namespaces/default/configmaps', headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ metadata: { name }, data: { text: 'x'.repeat(900) } })),
    signal: new AbortController().signal,
  });
  const reset = () => {
    const [before, began] = [process.cpuUsage(), performance.now()];
    controlPlane.reset();
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    return { wall, cpu: (user + system) / 1000 };
  };
  const empty = [];
  for (let i = 0; i < 200; i++) {
    empty.push(reset());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const full = [];
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < ${objects}; i++) await create('object-' + i);
    full.push(reset());
  }
  console.log(JSON.stringify({
    wall: median(empty.map((one) => one.wall)),
    cpu: median(empty.map((one) => one.cpu)),
    full: median(full.map((one) => one.wall)),
  }));
  await controlPlane.close();
`;

const project = process.env.BENCH_PROJECT ?? packedProject();
const folder = mkdtempSync(join(tmpdir(), 'setpoint-bench-'));
const kubeconfig = join(folder, 'kubeconfig');
try {
  const figures = [...(await startUp()), ...(await load())];
  print('Embedded control plane', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function start(): Promise<Program> {
  const cli = join(project, 'node_modules/@setpoint/cli/bin/setpoint.js');
  return startProgram(process.execPath, [cli, 'controlplane', '--kubeconfig', kubeconfig], /^ready /);
}

async function startUp(): Promise<Figure[]> {
  const starts: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < 10; round++) {
    await using program = await start();
    starts.push(program.startMs);
    if (round < 3) {
      await delay(1500);
      memory.push(usage(program.pid).rssMib);
    }
  }
  const measure = (program: string) =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: project, encoding: 'utf8' }),
    );
  const inProcess = Array.from({ length: 10 }, () => measure(inProcessStart) as number);
  const reset = measure(resets) as { readonly wall: number; readonly cpu: number; readonly full: number };
  return [
    atMost('process start → ready, median of 10', median(starts), 250, 'ms'),
    atMost('idle RSS, median of 3', median(memory), 90, 'MiB'),
    atMost('in-process start → first answer, median of 10 processes', median(inProcess), 40, 'ms'),
    atMost('reset(), median of 200', reset.wall, 5, 'ms'),
    reported('processor time of reset(), median of 200', reset.cpu, 'ms'),
    atMost(`reset() after ${objects} objects, median of 3`, reset.full, 5, 'ms'),
  ];
}

async function load(): Promise<Figure[]> {
  await using program = await start();
  const connections = Array.from({ length: clients }, () => open(kubeconfig));
  try {
    await installWidgets(connections[0] as (typeof connections)[0]);
    const before = usage(program.pid);
    const rate = await create(connections, 'load', objects);
    const { rssMib, cpuSeconds } = usage(program.pid);
    return [
      atLeast(`creates of 1 KB by ${clients} clients over HTTPS, ${objects} objects`, rate, 1500, '/s'),
      reported('processor time of a create', ((cpuSeconds - before.cpuSeconds) * 1000) / objects, 'ms'),
      atMost('RSS after', rssMib, 250, 'MiB'),
      ...(await fanOut(connections)),
    ];
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function fanOut(connections: readonly ReturnType<typeof open>[]): Promise<Figure[]> {
  const first = connections[0] as (typeof connections)[0];
  const list = JSON.parse((await first.request('GET', `${widgets}?limit=1`)).text);
  const from = list.metadata.resourceVersion;
  const sent = new Map<string, number>();
  const lags: number[] = [];
  const received = new Array<number>(watchers).fill(0);
  const watching = Array.from({ length: 10 }, () => open(kubeconfig));
  const total = perSecond * seconds;
  try {
    await Promise.all(
      received.map((_, watcher) =>
        (watching[watcher % watching.length] as (typeof watching)[0]).watch(
          `${widgets}?watch=1&resourceVersion=${from}`,
          (line) => {
            const name = line.match(/"name":"(fan-\d+)"/)?.[1];
            if (!name) return;
            received[watcher] = (received[watcher] ?? 0) + 1;
            lags.push(performance.now() - (sent.get(name) ?? Number.NaN));
          },
        ),
      ),
    );
    const began = performance.now();
    const pending: Promise<unknown>[] = [];
    for (let i = 0; i < total; i++) {
      const wait = began + (i * 1000) / perSecond - performance.now();
      if (wait > 1) await delay(wait);
      sent.set(`fan-${i}`, performance.now());
      pending.push((connections[i % clients] as (typeof connections)[0]).request('POST', widgets, widget(`fan-${i}`)));
    }
    await Promise.all(pending);
    for (let tries = 0; tries < 100 && received.some((count) => count < total); tries++) await delay(100);
    const complete = received.filter((count) => count === total).length;
    return [
      atLeast(`watchers that received all of ${total} creates at ${perSecond}/s`, complete, watchers, 'of 100'),
      reported('lag from sending the create to the event at a watcher, p50', median(lags), 'ms'),
    ];
  } finally {
    for (const connection of watching) connection.close();
  }
}
