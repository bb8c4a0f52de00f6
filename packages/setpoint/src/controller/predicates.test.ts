import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { Widget } from '../../test/fake/kinds.ts';
import { recordingLog } from '../../test/fake/operator.ts';
import type { CacheEvent } from '../cache/index.ts';
import { ConfigMap, Pod, Secret } from '../kinds/builtin/core/v1.ts';
import { dynamicKind } from '../kinds/index.ts';
import { passes } from './enqueue.ts';
import {
  allOf,
  annotationsChanged,
  anyOf,
  changed,
  contentChanged,
  controller,
  generationChanged,
  generationOrFinalizersChanged,
  labelsChanged,
  matching,
  not,
  type Predicate,
  statusChanged,
  watch,
} from './index.ts';

const base = {
  apiVersion: 'test.example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'default', uid: 'u', generation: 1, resourceVersion: '1' },
  spec: { size: 1, rules: [{ host: 'a', path: '/' }] },
  data: { 'tls.crt': 'old' },
  status: { ready: false },
};

/** The object after one change each. */
const after: Readonly<Record<string, object>> = {
  nothing: base,
  spec: { ...base, metadata: { ...base.metadata, generation: 2 }, spec: { ...base.spec, size: 2 } },
  rule: { ...base, spec: { ...base.spec, rules: [{ host: 'a', path: '/b' }] } },
  labels: { ...base, metadata: { ...base.metadata, labels: { a: 'b' } } },
  annotations: { ...base, metadata: { ...base.metadata, annotations: { 'example.com/inject': 'yes' } } },
  finalizers: { ...base, metadata: { ...base.metadata, finalizers: ['example.com/x'] } },
  deletion: { ...base, metadata: { ...base.metadata, generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z' } },
  data: { ...base, data: { 'tls.crt': 'new' } },
  status: { ...base, status: { ready: true } },
};

/** Of objects without a type, as in programs without types. */
// biome-ignore lint/suspicious/noExplicitAny: of any kind
const content = (path: string) => contentChanged<any, string>(path);
const log = recordingLog([]);
const asObject = (object: unknown) => object as KubeObject;
const seen = (predicate: Predicate, event: CacheEvent) => passes([predicate], event, log);
const updated = (object: object, more: object = {}): CacheEvent =>
  ({ type: 'updated', old: asObject(base), object: asObject(object), initial: false, ...more }) as CacheEvent;

const big: Predicate = matching((object) => (asObject(object) as never as typeof base).spec.size > 1);

describe('each predicate sees, of all changes of an object, these and misses the others', () => {
  test.each<[name: string, predicate: Predicate, ...sees: string[]]>([
    ['generationChanged', generationChanged, 'spec', 'deletion'],
    ['generationOrFinalizersChanged', generationOrFinalizersChanged, 'spec', 'finalizers', 'deletion'],
    ['labelsChanged', labelsChanged, 'labels'],
    ['annotationsChanged', annotationsChanged, 'annotations'],
    ['statusChanged', statusChanged, 'status'],
    ['contentChanged of a field', content('.spec.size'), 'spec'],
    ['contentChanged of a quoted key', content(".data['tls.crt']"), 'data'],
    ['contentChanged of members of a list', content('.spec.rules[*].host')],
    ['contentChanged of a list', content('.spec.rules'), 'rule'],
    ['contentChanged of an annotation', content(".metadata.annotations['example.com/inject']"), 'annotations'],
    ['changed', changed((object) => object.metadata.finalizers), 'finalizers'],
    ['matching', big, 'spec'],
    ['anyOf', anyOf(labelsChanged, statusChanged), 'labels', 'status'],
    ['allOf', allOf(labelsChanged, statusChanged)],
    ['anyOf of none', anyOf()],
    ['allOf of none', allOf(), ...Object.keys(after)],
    [
      'not',
      not(anyOf(generationChanged, labelsChanged)),
      'nothing',
      'rule',
      'annotations',
      'finalizers',
      'data',
      'status',
    ],
  ])('%s', (_, predicate, ...sees) => {
    const found = Object.keys(after).filter((name) => seen(predicate, updated(after[name] as object)));
    expect(found).toEqual(Object.keys(after).filter((name) => sees.includes(name)));
  });
});

describe('every kind of event', () => {
  const predicates: Readonly<Record<string, Predicate>> = {
    generationChanged,
    generationOrFinalizersChanged,
    labelsChanged,
    annotationsChanged,
    statusChanged,
    contentChanged: content('.spec.size'),
    changed: changed(({ metadata }) => metadata.name),
    allOf: allOf(generationChanged, labelsChanged),
  };
  const object = asObject(base);
  const relisted = updated(after.nothing as object, { relist: true });

  test.each(Object.entries(predicates))('that appears or goes passes %s, and one without a change does not', (_, p) => {
    expect(seen(p, { type: 'added', object, initial: false })).toBe(true);
    expect(seen(p, { type: 'deleted', object, initial: false })).toBe(true);
    expect(seen(p, updated(after.nothing as object))).toBe(false);
  });

  test('of an initial list, a relist or a resync passes whatever a predicate says', () => {
    const never: Predicate = () => false;
    const events: CacheEvent[] = [
      { type: 'added', object, initial: true },
      { type: 'added', object, initial: false, relist: true },
      relisted,
      { type: 'deleted', object, initial: false, relist: true },
      { type: 'updated', old: object, object, initial: false, resync: true },
    ];
    for (const event of events) {
      expect(seen(never, event)).toBe(true);
      expect(seen(not(allOf()), event)).toBe(true);
    }
    expect(seen(never, updated(after.spec as object))).toBe(false);
  });

  test('matching sees the moment of leaving, and what was deleted', () => {
    const large = asObject(after.spec);
    expect(seen(big, { type: 'updated', old: large, object, initial: false })).toBe(true);
    expect(seen(big, { type: 'deleted', object: large, initial: false })).toBe(true);
    expect(seen(big, { type: 'added', object, initial: false })).toBe(false);
  });

  test('not(…) turns appearing and going round, too', () => {
    expect(seen(not(labelsChanged), { type: 'added', object, initial: false })).toBe(false);
    expect(seen(not(labelsChanged), { type: 'deleted', object, initial: false })).toBe(false);
  });
});

test('a path that cannot be read is refused where it is written', () => {
  expect(() => content('.spec[')).toThrow('path .spec[ cannot be read from "["');
  expect(() => content('spec')).toThrow('write .name');
  expect(() => content('.spec..x')).toThrow('from "..x"');
  expect(() => content('')).toThrow('a path is needed');
});

test('paths are checked against the kind that is watched', () => {
  const enqueue = () => undefined;
  watch(Secret, { predicates: [contentChanged(".data['tls.crt']"), contentChanged('.type')], enqueue });
  watch(Pod, { predicates: [contentChanged('.status.phase'), contentChanged('.spec.containers[*].image')], enqueue });
  watch(ConfigMap, { predicates: [anyOf(contentChanged('.metadata.labels'), statusChanged)], enqueue });
  const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route', plural: 'routes' });
  watch(Route, { predicates: [contentChanged('.spec.to.name')], enqueue });
  controller(Widget, {
    predicates: [
      contentChanged('.spec.size'),
      contentChanged(".metadata.annotations['example.com/x']"),
      generationOrFinalizersChanged,
    ],
    reconcile() {},
  });
  // @ts-expect-error there is no .spec.sice
  controller(Widget, { predicates: [contentChanged('.spec.sice')], reconcile() {} });
  // @ts-expect-error a path begins with a dot
  expect(() => controller(Widget, { predicates: [contentChanged('spec.size')], reconcile() {} })).toThrow('.name');
  // @ts-expect-error .spec.containers is a list, and has no image
  watch(Pod, { predicates: [contentChanged('.spec.containers.image')], enqueue });
  // @ts-expect-error .spec.nodeName is no list
  watch(Pod, { predicates: [contentChanged('.spec.nodeName[0]')], enqueue });
});
