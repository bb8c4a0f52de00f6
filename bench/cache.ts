// node bench/cache.ts: what 10,000 Pods of about 7 KB cost in the cache: time slices and heap.
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packedProject } from './lib/packed.ts';
import { pod } from './lib/pods.ts';
import { median } from './lib/process.ts';
import { atMost, print, reported } from './lib/table.ts';

const count = 10_000;
const rounds = 3;

const project = process.env.BENCH_PROJECT ?? packedProject();
cpSync(join(import.meta.dirname, 'cache-probe.mjs'), join(project, 'cache-probe.mjs'));
const pods = Array.from({ length: count }, (_, i) => JSON.stringify(pod(i)));
const size = pods.reduce((sum, text) => sum + text.length, 0) / count / 1024;

const figures = [...(await measure('in pages of 500', false)), ...(await measure('as a stream (watch-list)', true))];
print(`Cache of ${count} Pods of ${size.toFixed(1)} KiB`, figures);
process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;

async function measure(how: string, streams: boolean) {
  const server = createServer((request, response) => answer(request.url ?? '', response, streams));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const results: { longest: number; heap: number; seconds: number; rss: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'cache-probe.mjs', url], {
      cwd: project,
    });
    const result = JSON.parse(stdout);
    if (result.objects !== count) throw new Error(`the cache holds ${result.objects} objects`);
    results.push(result);
  }
  server.closeAllConnections();
  server.close();
  const of = (figure: 'longest' | 'heap' | 'seconds' | 'rss') => median(results.map((result) => result[figure]));
  return [
    atMost(`longest own-CPU slice between two timer turns, ${how}`, of('longest'), 50, 'ms'),
    atMost(`heap per Pod, ${how}`, of('heap'), 7.5, 'KiB'),
    reported(`synced after, ${how}`, of('seconds'), 's'),
    reported(`RSS after, ${how}`, of('rss'), 'MiB'),
  ];
}

/** As much of an API server as a list needs; nothing but bytes made beforehand. */
function answer(path: string, response: ServerResponse, streams: boolean): void {
  const url = new URL(path, 'http://server');
  const watches = url.searchParams.has('watch') && url.searchParams.get('watch') !== 'false';
  response.setHeader('content-type', 'application/json');
  const wantsStream = watches && url.searchParams.get('sendInitialEvents') === 'true';
  if (url.pathname !== '/api/v1/pods') {
    refuse(response, 404, 'NotFound');
  } else if (wantsStream && !streams) {
    refuse(response, 422, 'Invalid');
  } else if (wantsStream) {
    for (const text of pods) response.write(`{"type":"ADDED","object":${text}}\n`);
    const annotations = '"annotations":{"k8s.io/initial-events-end":"true"}';
    response.write(
      `{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"200000",${annotations}}}}\n`,
    );
  } else if (watches) {
    response.flushHeaders();
  } else {
    const limit = Number(url.searchParams.get('limit') ?? count);
    const from = Number(url.searchParams.get('continue') ?? 0);
    const next = from + limit < count ? `,"continue":"${from + limit}"` : '';
    const items = pods.slice(from, from + limit).join(',');
    response.end(
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"200000"${next}},"items":[${items}]}`,
    );
  }
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  response.statusCode = code;
  response.setHeader('content-type', 'application/json');
  const message = 'not served here';
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message }),
  );
}
