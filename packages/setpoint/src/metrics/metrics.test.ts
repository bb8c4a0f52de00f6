import { expect, test } from 'vitest';
import { metricsEnvironment } from '../../test/fake/metrics.ts';
import { prometheusMetrics } from '../manager/metrics/metrics.ts';
import {
  checkDistinct,
  counter,
  gauge,
  histogram,
  type MetricSink,
  metricHandles,
  reservedPrefixes,
  unservedMetrics,
} from './index.ts';

const help = 'h';

test.each([
  ['with-dashes', 'letters, digits and underscores'],
  ['1st_total', 'no digit first'],
  ['of:rules', 'letters, digits and underscores'],
  ['setpoint_mine', 'names that begin with setpoint_'],
  ['workqueue_mine', 'names that begin with workqueue_'],
])('a metric cannot be named %s', (name, sentence) => {
  expect(() => gauge(name, { help })).toThrow(sentence);
  expect(() => counter(name, { help })).toThrow(sentence);
  expect(() => histogram(name, { help })).toThrow(sentence);
});

test.each([
  ['le', 'own'],
  ['__a', 'underscores'],
  ['a-b', 'underscores'],
])('a label of a histogram cannot be %s', (label, sentence) => {
  expect(() => histogram('h', { help, labels: [label] })).toThrow(sentence);
});

test('labels are there once, and buckets ascend', () => {
  expect(() => gauge('g', { help, labels: ['a', 'a'] })).toThrow('label "a" is there twice');
  for (const buckets of [[], [1, 1], [2, 1], [1, Number.POSITIVE_INFINITY]]) {
    expect(() => histogram('h', { help, buckets })).toThrow('buckets are finite numbers that ascend');
  }
});

test('two metrics cannot share a name; one may stand in two places', () => {
  const sent = counter('sent_total', { help });
  checkDistinct([sent, sent]);
  expect(() => checkDistinct([sent, gauge('sent_total', { help })])).toThrow('two metrics are named sent_total');
  expect(() => checkDistinct([histogram('took', { help }), counter('took_count', { help })])).toThrow(
    'the metrics took and took_count would have series of one name',
  );
});

test('every family of the framework begins with a prefix that is kept for it', async () => {
  const metrics = prometheusMetrics(metricsEnvironment);
  metrics.controller('foo', 1);
  metrics.webhooks();
  metrics.leaderElection('foo');
  metrics.caches([]);
  const names = [...(await metrics.render()).text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(60);
  expect(names.filter((name) => !reservedPrefixes.some((prefix) => name.startsWith(prefix)))).toEqual([]);
});

function recorded() {
  const told: unknown[] = [];
  const sink: MetricSink = {
    add: ({ name }, labels, by) => told.push([name, labels, by]),
    set: ({ name }, labels, value) => told.push([name, labels, value]),
    observe: ({ name }, labels, value) => told.push([name, labels, value]),
    remove: ({ name }, labels) => told.push([name, labels]),
  };
  return { told, sink };
}

test('handles tell the sink, with labels if the metric has some', () => {
  const sent = counter('sent_total', { help, labels: ['result'] });
  const size = gauge('size', { help });
  const took = histogram('took_seconds', { help, labels: ['a', 'b'] });
  const { told, sink } = recorded();
  const metrics = metricHandles(sink, [sent, size, took], 'c');
  metrics(sent).inc({ result: 'ok' });
  metrics(sent).inc({ result: 'ok' }, 3);
  metrics(size).set(7);
  metrics(size).dec();
  metrics(size).remove();
  metrics(took).observe({ a: '1', b: '2' }, 0.5);
  expect(told).toEqual([
    ['sent_total', { result: 'ok' }, 1],
    ['sent_total', { result: 'ok' }, 3],
    ['size', {}, 7],
    ['size', {}, -1],
    ['size', {}],
    ['took_seconds', { a: '1', b: '2' }, 0.5],
  ]);
});

test('what makes no sense is refused, also where no metrics are served', () => {
  const sent = counter('sent_total', { help, labels: ['result'] });
  const took = histogram('took_seconds', { help });
  const metrics = metricHandles(unservedMetrics, [sent, took], 'c');
  expect(() => metrics(sent).inc({ result: 'ok' }, -1)).toThrow('a counter does not change by -1');
  expect(() => metrics(sent).inc({ result: 'ok' }, Number.NaN)).toThrow('NaN cannot be added up');
  expect(() => metrics(took).observe(Number.POSITIVE_INFINITY)).toThrow('Infinity cannot be added up');
  for (const labels of [{}, { other: 'ok' }, { result: 'ok', other: '' }, { result: 1 }]) {
    expect(() => metrics(sent).inc(labels as never)).toThrow('metric sent_total has the labels result: each as text');
  }
  expect(() => metrics(gauge('other', { help })).set(1)).toThrow(
    'metric other is used but not declared: add it to `metrics` of controller c, or of the operator',
  );
  expect(() => metrics(gauge('collected', { help, collect: () => 1 }) as never)).toThrow('is collected');
});
