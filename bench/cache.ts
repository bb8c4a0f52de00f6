// node bench/cache.ts: what 10,000 Pods of about 7 KB cost in the cache, with BENCH_LARGE=1 100,000: time slices and heap.
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packedProject } from './lib/packed.ts';
import { pod } from './lib/pods.ts';
import { median } from './lib/process.ts';
import { atMost, type Figure, print, reported } from './lib/table.ts';

/** Numbers of Pods, each with how often it is measured; the large one takes minutes and two gigabytes. */
const runs = process.env.BENCH_LARGE ? ([[100_000, 1]] as const) : ([[10_000, 3]] as const);

const project = process.env.BENCH_PROJECT ?? packedProject();
cpSync(join(import.meta.dirname, 'cache-probe.mjs'), join(project, 'cache-probe.mjs'));
const expired =
  '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}}\n';

const figures: Figure[] = [];
for (const [count, rounds] of runs) {
  const pods = Array.from({ length: count }, (_, i) => JSON.stringify(pod(i)));
  for (const streams of [false, true]) figures.push(...(await measure(pods, streams, rounds)));
}
print('Cache of Pods of 7 KiB', figures);
process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;

async function measure(pods: readonly string[], streams: boolean, rounds: number): Promise<Figure[]> {
  const history = { lists: 0 };
  const server = createServer((request, response) => answer(request.url ?? '', response, pods, streams, history));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const results: Record<Measured, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    history.lists = 0;
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'cache-probe.mjs', url], {
      cwd: project,
    });
    const result = JSON.parse(stdout);
    if (result.objects !== pods.length) throw new Error(`the cache holds ${result.objects} objects`);
    results.push(result);
  }
  server.closeAllConnections();
  server.close();
  const of = (figure: Measured) => median(results.map((result) => result[figure]));
  const how = `${pods.length} Pods ${streams ? 'as a stream (watch-list)' : 'in pages of 500'}`;
  return [
    atMost(`longest own-CPU slice between two timer turns, ${how}`, of('longest'), 50, 'ms'),
    atMost(`the same when they are listed again and all have changed, ${how}`, of('again'), 50, 'ms'),
    atMost(`heap per Pod, ${how}`, of('heap'), 7.5, 'KiB'),
    reported(`its own estimate of that, ${how}`, of('estimate'), 'KiB'),
    reported(`synced after, ${how}`, of('seconds'), 's'),
    reported(`RSS after, ${how}`, of('rss'), 'MiB'),
  ];
}

type Measured = 'longest' | 'again' | 'heap' | 'estimate' | 'seconds' | 'rss';

/** As much of an API server as a list needs; nothing but bytes made beforehand. */
function answer(
  path: string,
  response: ServerResponse,
  pods: readonly string[],
  streams: boolean,
  history: { lists: number },
): void {
  const url = new URL(path, 'http://server');
  const watches = url.searchParams.has('watch') && url.searchParams.get('watch') !== 'false';
  response.setHeader('content-type', 'application/json');
  const wantsStream = watches && url.searchParams.get('sendInitialEvents') === 'true';
  if (url.pathname !== '/api/v1/pods') {
    refuse(response, 404, 'NotFound');
  } else if (wantsStream && !streams) {
    refuse(response, 422, 'Invalid');
  } else if (wantsStream) {
    const list = ++history.lists;
    for (const text of pods) response.write(`{"type":"ADDED","object":${inList(text, list)}}\n`);
    const annotations = '"annotations":{"k8s.io/initial-events-end":"true"}';
    response.write(
      `{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"${list}00000000",${annotations}}}}\n`,
    );
    if (list === 1) setTimeout(() => response.end(expired), 3000);
  } else if (watches) {
    if (history.lists === 1) setTimeout(() => response.end(expired), 3000);
    response.flushHeaders();
  } else {
    const limit = Number(url.searchParams.get('limit') ?? pods.length);
    const from = Number(url.searchParams.get('continue') ?? 0);
    if (from === 0) history.lists++;
    const next = from + limit < pods.length ? `,"continue":"${from + limit}"` : '';
    const items = pods
      .slice(from, from + limit)
      .map((text) => inList(text, history.lists))
      .join(',');
    response.end(
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"${history.lists}00000000"${next}},"items":[${items}]}`,
    );
  }
}

/** Each list shows each Pod in another revision. */
function inList(text: string, list: number): string {
  return list === 1 ? text : text.replace('"resourceVersion":"', `"resourceVersion":"${list}0`);
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  response.statusCode = code;
  response.setHeader('content-type', 'application/json');
  const message = 'not served here';
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message }),
  );
}
