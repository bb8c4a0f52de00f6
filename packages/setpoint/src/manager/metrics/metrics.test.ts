import { expect, test } from 'vitest';
import { metricsEnvironment as environment } from '../../../test/fake/metrics.ts';
import type { StoreStats } from '../../cache/index.ts';
import { prometheusMetrics } from './metrics.ts';

const stats: StoreStats = {
  description: 'pods',
  objects: 3,
  overlayEntries: 1,
  tombstones: 0,
  hasSynced: true,
  lists: 2,
  watches: 4,
  failures: 1,
  epochs: 0,
  unreadable: 0,
  indexErrors: 0,
  handlerErrors: 0,
  undelivered: 0,
} as StoreStats;

async function text(prepare: (metrics: Awaited<ReturnType<typeof prometheusMetrics>>) => void): Promise<string[]> {
  const metrics = prometheusMetrics(environment);
  prepare(metrics);
  return (await metrics.render()).text.split('\n');
}

test('a controller has all of its series from the first scrape on', async () => {
  const lines = await text((metrics) => metrics.controller('foo', 2));
  for (const series of [
    'controller_runtime_reconcile_total{controller="foo",result="requeue_after"} 0',
    'controller_runtime_reconcile_panics_total{controller="foo"} 0',
    'controller_runtime_max_concurrent_reconciles{controller="foo"} 2',
    'controller_runtime_reconcile_time_seconds_bucket{le="+Inf",controller="foo"} 0',
    'workqueue_depth{name="foo",controller="foo",priority="0"} 0',
    'workqueue_queue_duration_seconds_count{name="foo",controller="foo"} 0',
    'setpoint_hot_loops_total{controller="foo"} 0',
  ]) {
    expect(lines).toContain(series);
  }
});

test('running passes are measured while they run', async () => {
  const lines = await text((metrics) => metrics.controller('foo', 2).watchRunning(() => [2000, 500]));
  expect(lines).toContain('workqueue_unfinished_work_seconds{name="foo",controller="foo"} 2.5');
  expect(lines).toContain('workqueue_longest_running_processor_seconds{name="foo",controller="foo"} 2');
});

test('requests are counted as client-go does, and timed by the verbs of Kubernetes as well', async () => {
  const lines = await text(({ observeRequest, instrument }) => {
    const call = { request: { verb: 'list', kind: 'Pod' }, method: 'GET', host: 'h:1', requestBytes: 0 };
    observeRequest({ code: '429', method: 'GET', host: 'h:1', attempt: 0 });
    observeRequest({ code: '200', method: 'GET', host: 'h:1', attempt: 1 });
    const ended = { code: '200', attempts: 2, seconds: 0.2, responseBytes: 300, error: undefined };
    instrument({ ...call, stream: false })?.end(ended);
    const watch = { ...call, request: { verb: 'watch', kind: 'Pod' }, stream: true };
    instrument(watch)?.end({ ...ended, responseBytes: 0 });
  });
  for (const series of [
    'rest_client_requests_total{code="429",method="GET",host="h:1"} 1',
    'rest_client_request_retries_total{code="200",verb="GET",host="h:1"} 1',
    'rest_client_request_duration_seconds_count{verb="GET",host="h:1"} 1',
    'rest_client_request_duration_seconds_bucket{le="0.25",verb="GET",host="h:1"} 1',
    'rest_client_response_size_bytes_sum{verb="GET",host="h:1"} 300',
    'setpoint_request_duration_seconds_count{verb="list"} 1',
    'setpoint_request_duration_seconds_count{verb="watch"} 1',
  ]) {
    expect(lines).toContain(series);
  }
});

test('stores of one description are added up, and a store that is no more has no series', async () => {
  const metrics = prometheusMetrics(environment);
  let stores = [stats, stats];
  metrics.caches([{ stats: () => stores } as never]);
  expect((await metrics.render()).text).toContain('setpoint_cache_objects{store="pods"} 6');
  stores = [{ ...stats, description: 'secrets' }];
  const { text } = await metrics.render();
  expect(text).not.toContain('store="pods"');
  expect(text).toContain('setpoint_cache_watches_total{store="secrets"} 4');
});

test('the process and its event loop are measured', async () => {
  const lines = await text(() => undefined);
  for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds'])
    expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
});

test('processor time is that of the process since it began', async () => {
  const { user, system } = process.cpuUsage();
  const lines = await text(() => undefined);
  const told = (name: string) => Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
  expect(told('process_cpu_user_seconds_total')).toBeGreaterThanOrEqual(user / 1e6);
  expect(told('process_cpu_system_seconds_total')).toBeGreaterThanOrEqual(system / 1e6);
  expect(told('process_cpu_seconds_total')).toBeGreaterThanOrEqual((user + system) / 1e6);
});

test('shards are told for each controller that is shared, beside the lease of who leads', async () => {
  let working = 3;
  const lines = await text((metrics) => {
    metrics.leaderElection('foo-leader').leading(true);
    metrics.sharding(() => ({ controllers: ['foo', 'bar'], shards: 8, working, members: 2 })).fencedWrite();
    working = 5;
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'setpoint_shards_held{controller="foo"} 5',
      'setpoint_shards_held{controller="bar"} 5',
      'setpoint_shards{controller="foo"} 8',
      'setpoint_shard_members 2',
      'setpoint_fenced_writes_total{name="shards"} 1',
      'setpoint_fenced_writes_total{name="foo-leader"} 0',
    ]),
  );
});
