import { request } from 'node:https';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget, Zone } from '../../test/fake/kinds.ts';
import { recordingLog } from '../../test/fake/log.ts';
import { type LogLine, TestOperator } from '../../test/fake/operator.ts';
import { controller, needs } from '../controller/index.ts';
import { index } from '../kinds/index.ts';
import { rulesFor } from '../manifests/index.ts';
import { counter, gauge, histogram, type Metric } from '../metrics/index.ts';
import { webhook, webhookPath } from '../webhook/index.ts';
import { type ManagerOptions, operator, operatorNeeds } from './index.ts';

const help = 'h';

async function running(
  {
    metrics = [],
    controllers = [],
  }: { metrics?: readonly Metric[]; controllers?: readonly ReturnType<typeof controller>[] },
  {
    api = new FakeApi(),
    lines = [] as LogLine[],
    ...options
  }: { api?: FakeApi; lines?: LogLine[] } & Partial<ManagerOptions> = {},
) {
  const manager = operator({ controllers, metrics }).manager({
    client: api.client,
    log: recordingLog(lines),
    metricsBindAddress: '127.0.0.1:0',
    ...options,
  } as ManagerOptions);
  const finished = manager.run();
  await manager.elected;
  const scrape = async () => {
    const { host, port } = manager.addresses.metrics as { host: string; port: number };
    const answer = await fetch(`http://${host}:${port}/metrics`);
    expect(answer.status).toBe(200);
    return (await answer.text()).split('\n');
  };
  /** Its series, until they are what a test waits for. */
  const series = async (name: string, ready: (lines: readonly string[]) => boolean = (found) => found.length > 0) => {
    for (let i = 0; i < 200; i++) {
      const found = (await scrape()).filter((line) => line.startsWith(name));
      if (ready(found)) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${name} never came to that`);
  };
  return {
    manager,
    lines,
    scrape,
    series,
    async [Symbol.asyncDispose]() {
      manager.stop();
      await finished;
    },
  };
}

test('those of the operator are counted beside passes, too: by webhooks, and by whoever has the manager', async () => {
  const asked = counter('asked_total', { help, labels: ['name'] });
  const open = gauge('open', { help });
  const ofController = counter('of_controller_total', { help });
  const authority = createCertificateAuthority('user-metrics');
  const idle = controller(Widget, { metrics: [ofController], reconcile: () => undefined });
  const counting = webhook(Plain, {
    validate: ({ metadata }, { metrics }) => {
      metrics(asked).inc({ name: metadata.name });
      expect(() => metrics(ofController)).toThrow('add it to `metrics` of the operator');
    },
  });
  await using manager = operator({ controllers: [idle], webhooks: [counting], metrics: [asked, open] }).manager({
    client: new FakeApi().client,
    metricsBindAddress: '127.0.0.1:0',
    webhooks: { bindAddress: '127.0.0.1:0', certificates: authority.issueServer(['127.0.0.1']) },
  });
  // Before it runs nobody serves them.
  manager.metrics(open).set(1);
  manager.run().catch(() => undefined);
  await manager.started;
  manager.metrics(open).set(2);
  const { group, version, apiVersion, kind: name } = Plain;
  const object = { apiVersion, kind: name, ...plain('a') };
  const kind = { group, version, kind: name };
  const asking = { uid: 'u', kind, name: 'a', namespace: 'default', operation: 'CREATE', userInfo: {}, object };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: asking };
  const { port } = manager.addresses.webhooks as { port: number };
  const answer = await post({ port, path: webhookPath('validating', Plain), ca: authority.certificate }, review);
  expect(answer).toMatchObject({ response: { allowed: true } });
  const text = await (await fetch(`http://127.0.0.1:${manager.addresses.metrics?.port}/metrics`)).text();
  expect(text.split('\n')).toEqual(expect.arrayContaining(['asked_total{name="a"} 1', 'open 2']));
});

/** Asks a webhook as an API server does. */
function post(to: { readonly port: number; readonly path: string; readonly ca: string }, review: object) {
  const headers = { 'content-type': 'application/json' };
  return new Promise<unknown>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', method: 'POST', headers, ...to }, (answer) => {
      answer.toArray().then((parts) => resolve(JSON.parse(parts.join(''))), reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(review));
  });
}

const bySize = index(Plain, (object) => String(object.spec.size));
const sizes = gauge('plain_size', {
  help: 'Size of each',
  labels: ['name'],
  reads: [Plain, bySize],
  collect: ({ cache }) => {
    expect(cache.lookup(bySize, '99')).toEqual([]);
    return cache.list(Plain).map(({ metadata, spec }) => ({ labels: { name: metadata.name }, value: spec.size }));
  },
});

test('a gauge is collected from the cache at each scrape, without a controller; a series goes with its object', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a', 1));
  api.create(Plain, plain('b', 2));
  await using run = await running({ metrics: [sizes] }, { api });
  expect(await run.series('plain_size')).toEqual(['plain_size{name="a"} 1', 'plain_size{name="b"} 2']);
  expect(await run.scrape()).toContain('# HELP plain_size Size of each');
  api.delete(Plain, { namespace: 'default', name: 'a' });
  expect(await run.series('plain_size', ({ length }) => length === 1)).toEqual(['plain_size{name="b"} 2']);
});

test('before what it reads is synced it has no series', async () => {
  const api = new FakeApi();
  api.fault = ({ kind }) => (kind === 'Plain' ? new Error('no') : undefined);
  const total = gauge('plains', { help, reads: [Plain], collect: ({ cache }) => cache.list(Plain).length });
  await using run = await running({ metrics: [total] }, { api });
  expect((await run.scrape()).filter((line) => line.startsWith('plains'))).toEqual([]);
});

test('one that throws or answers nonsense has no series; all others are served', async () => {
  let text = 'first';
  const metrics = [
    gauge('throws', {
      help,
      collect: () => {
        throw new Error(text);
      },
    }),
    gauge('rejects', { help, collect: () => Promise.reject(new Error('later')) }),
    gauge('twice', { help, labels: ['a'], collect: () => [1, 2].map((value) => ({ labels: { a: 'x' }, value })) }),
    gauge('unlabelled', { help, labels: ['a'], collect: () => [{ labels: {} as { a: string }, value: 1 }] }),
    counter('shrinks_total', { help, collect: () => -1 }),
    gauge('nothing', { help, collect: () => undefined as never }),
    gauge('well', { help, collect: async () => 1.5 }),
    counter('well_total', { help, labels: ['a'], collect: () => [{ labels: { a: 'x' }, value: 4 }] }),
  ];
  await using run = await running({ metrics });
  await run.scrape();
  await run.scrape();
  const lines = await run.scrape();
  expect(lines).toContain('well 1.5');
  expect(lines).toContain('well_total{a="x"} 4');
  const bad = metrics.slice(0, 6).map(({ name }) => name);
  expect(lines.filter((line) => bad.some((name) => new RegExp(`^${name}(?:\\{| )`).test(line)))).toEqual([]);
  for (const name of bad) expect(lines).toContain(`setpoint_metric_errors_total{metric="${name}"} 2`);
  expect(lines).toContain('setpoint_metric_errors_total{metric="well"} 0');
  const said = () => run.lines.filter(({ metric }) => metric === 'throws').map(({ message }) => message);
  expect(said()).toEqual(['the metric throws cannot be collected: first']);
  text = 'second';
  await run.scrape();
  await run.scrape();
  expect(said()).toHaveLength(2);
  expect(run.lines.find(({ metric }) => metric === 'twice')?.message).toContain('two values for {"a":"x"}');
});

test('passes count, set and observe, each manager for itself', async () => {
  const passes = counter('plain_passes_total', { help, labels: ['size'] });
  const last = gauge('plain_last', { help });
  const took = histogram('plain_seconds', { help, buckets: [1, 2] });
  const counting = controller(Plain, {
    metrics: [passes, took],
    reconcile: (object, { metrics }) => {
      metrics(passes).inc({ size: String(object.spec.size) });
      metrics(last).set(object.spec.size);
      metrics(took).observe(1.5);
    },
  });
  const [api, other] = [new FakeApi(), new FakeApi()];
  for (const name of ['a', 'b']) api.create(Plain, plain(name, 3));
  await using run = await running({ controllers: [counting], metrics: [last, passes] }, { api });
  await using second = await running({ controllers: [counting], metrics: [last] }, { api: other });
  expect(await run.series('plain_passes_total', (found) => found.some((line) => line.endsWith(' 2')))).toEqual([
    'plain_passes_total{size="3"} 2',
  ]);
  const lines = await run.scrape();
  for (const line of ['plain_last 3', 'plain_seconds_bucket{le="2"} 2', 'plain_seconds_sum 3'])
    expect(lines).toContain(line);
  expect((await second.scrape()).filter((line) => line.startsWith('plain_passes_total'))).toEqual([]);
  expect(await second.scrape()).toContain('plain_last 0');
});

test('where metrics are not served nothing is kept for them', async () => {
  const api = new FakeApi();
  await using run = await running({ metrics: [sizes] }, { api, metricsBindAddress: '0' });
  expect(run.manager.addresses).toEqual({});
  expect(api.calls).toEqual([]);
});

test('metrics of a controller go with it, and their stores with them', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a', 1));
  await using run = await running({}, { api });
  await run.manager.addController(controller(Widget, { metrics: [sizes], reconcile: () => {} }));
  await run.series('plain_size');
  await expect(
    run.manager.addController(controller(Zone, { metrics: [gauge('plain_size', { help })], reconcile: () => {} })),
  ).rejects.toThrow('two metrics are named plain_size');
  expect(await run.manager.removeController('widget')).toBe(true);
  const lines = await run.scrape();
  expect(lines.filter((line) => line.includes('plain_size'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('setpoint_cache_objects'))).toEqual([]);
});

test('what is read is allowed by the role, in the namespaces of the operator', async () => {
  const expected = [{ apiGroups: ['test.example.com'], resources: ['plains'], verbs: ['list', 'watch'] }];
  expect(rulesFor(operatorNeeds(operator({ metrics: [sizes] }))).cluster).toEqual(expected);
  expect(rulesFor(operatorNeeds(operator({ metrics: [sizes] }), { namespaces: ['a'] }))).toEqual({
    cluster: [],
    namespaces: { a: expected },
  });
  expect(needs(controller(Widget, { metrics: [sizes], reconcile: () => {} }))).toContainEqual({
    kind: Plain,
    verbs: ['list', 'watch'],
  });
  const zones = gauge('zones', { help, reads: [Zone], collect: ({ cache }) => cache.list(Zone).length });
  const confined = operator({ metrics: [zones] }).run({
    client: new FakeApi().client,
    namespaces: ['a'],
    metricsBindAddress: '127.0.0.1:0',
  });
  await expect(confined).rejects.toThrow('metric zones uses Zone.test.example.com, which is cluster-scoped');
});

test('one that needs too long is given up after five seconds', async () => {
  await using run = new TestOperator([]);
  const { prometheusMetrics } = await import('./metrics/metrics.ts');
  const { Attribution } = await import('../reconcile/index.ts');
  const { clock, lines } = run;
  const metrics = prometheusMetrics({ clock, log: recordingLog(lines), attribution: new Attribution(clock) });
  let aborted = false;
  const slow = gauge('slow', {
    help,
    collect: ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<number>(() => undefined);
    },
  });
  metrics.user.enlist(slow, () => ({ cache: {} as never, filled: () => true, release: () => undefined }));
  const rendering = metrics.render();
  for (let i = 0; i < 6; i++) await clock.advance(1000);
  expect((await rendering).text).not.toMatch(/^slow /m);
  expect([aborted, run.messages('warn')]).toEqual([
    true,
    ['the metric slow cannot be collected: no answer within 5 s'],
  ]);
});
