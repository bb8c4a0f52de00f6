import type { KubeObject } from '@setpoint/apimachinery/meta';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldSet, isApplied, parseOwnFields, projectFields } from './own-fields.ts';

const deployment = (spec: object, metadata: object = {}) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'n', ...metadata },
    spec,
  }) as KubeObject;
const custom = (spec: object) => ({ apiVersion: 'a.b/v1', kind: 'Foo', metadata: { name: 'f' }, spec }) as KubeObject;
const own = (fields: object): FieldSet => ({ 'f:spec': fields }) as FieldSet;

/** What a server said of such a Deployment, its defaults filled in. */
const containers = {
  'k:{"name":"c"}': {
    '.': {},
    'f:name': {},
    'f:args': {},
    'f:env': {
      'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
      'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:valueFrom': { 'f:fieldRef': {} } },
    },
    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
    'f:resources': { 'f:limits': { 'f:cpu': {} }, 'f:requests': {} },
    'f:readOnly': {},
  },
} as unknown as FieldSet;
const intended = {
  name: 'c',
  args: ['a', 'b'],
  env: [
    { name: 'A', value: '' },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ],
  ports: [{ containerPort: 80 }],
  resources: { limits: { cpu: '1000m' }, requests: {} },
  readOnly: false,
};
const stored = {
  name: 'c',
  args: ['a', 'b'],
  env: [{ name: 'A' }, { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
  ports: [{ containerPort: 80, protocol: 'TCP' }],
  resources: { limits: { cpu: '1' } },
  imagePullPolicy: 'Always',
};
const withContainers = (...list: object[]) => deployment({ containers: list });
const applied = (intent: object, object: object = stored) =>
  isApplied(own({ 'f:containers': containers }), withContainers(intent), withContainers(object));

describe('an intent is applied', () => {
  test('whatever the server left out, wrote in its own way and filled in', () => {
    expect(applied(intended)).toBe(true);
  });

  test.each<[string, object, object]>([
    ['a value differs', { ...intended, args: ['a'] }, stored],
    ['a field is wanted no more', (({ args: _, ...rest }) => rest)(intended), stored],
    ['a field is wanted that nobody applied', { ...intended, image: 'x' }, { ...stored, image: 'x' }],
    ['an item is wanted no more', { ...intended, env: intended.env.slice(1) }, stored],
    ['an item is new', { ...intended, ports: [...intended.ports, { containerPort: 81 }] }, stored],
    ['the order of items differs', { ...intended, env: [...intended.env].reverse() }, stored],
    ['a quantity differs', { ...intended, resources: { limits: { cpu: '1001m' }, requests: {} } }, stored],
    [
      'a reference differs',
      intended,
      {
        ...stored,
        env: [{ name: 'A' }, { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } }],
      },
    ],
    ['a value is something where it was nothing', { ...intended, readOnly: true }, stored],
    ['an item is gone', intended, { ...stored, ports: [] }],
    ['a list is no list', intended, { ...stored, env: 'x' }],
  ])('not where %s', (_, intent, object) => {
    expect(applied(intent, object)).toBe(false);
  });

  test('not, of a custom resource, where values are written in another way: nothing is known of them', () => {
    const fields = own({ 'f:limits': { 'f:cpu': {} } });
    expect(isApplied(fields, custom({ limits: { cpu: '1' } }), custom({ limits: { cpu: '1' } }))).toBe(true);
    expect(isApplied(fields, custom({ limits: { cpu: '1000m' } }), custom({ limits: { cpu: '1' } }))).toBe(false);
    expect(isApplied(own({ 'f:a': {} }), custom({ a: false }), custom({}))).toBe(false);
  });

  test('by labels, sets and references, and without its name', () => {
    const fields = {
      'f:metadata': {
        'f:finalizers': { 'v:"a/b"': {}, 'v:"c/d"': {} },
        'f:labels': { 'f:app': {} },
        'f:ownerReferences': { 'k:{"uid":"u"}': {} },
      },
      'f:spec': { 'f:selector': {} },
    } as unknown as FieldSet;
    const reference = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true };
    const of = (finalizers: string[], labels: object = {}) =>
      deployment(
        { selector: { matchLabels: { a: 'b' } } },
        { finalizers, labels: { app: 'x', ...labels }, ownerReferences: [reference] },
      );
    const live = of(['z/z', 'a/b', 'c/d'], { other: 'yes' });
    expect(isApplied(fields, of(['a/b', 'c/d']), live)).toBe(true);
    expect(isApplied(fields, of(['c/d', 'a/b']), live)).toBe(false);
    expect(isApplied(fields, of(['a/b']), live)).toBe(false);
  });

  test('as a whole where it is owned as a whole: a member taken out of it is a change', () => {
    const fields = own({ 'f:selector': {} });
    const selector = (matchLabels: object) => deployment({ selector: { matchLabels } });
    expect(isApplied(fields, selector({ a: 'b' }), selector({ a: 'b' }))).toBe(true);
    expect(isApplied(fields, selector({ a: 'b' }), selector({ a: 'b', c: 'd' }))).toBe(false);
  });

  test('and an empty map of it says nothing of what others put there', () => {
    const fields = { 'f:metadata': { 'f:annotations': {} } } as unknown as FieldSet;
    const of = (annotations: object) =>
      ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations } }) as KubeObject;
    expect(isApplied(fields, of({}), of({ x: 'y' }))).toBe(true);
  });

  test('never by chance: of any two values, only equal ones of a custom resource are', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        const isEmptyMap = JSON.stringify(a) === '{}' && typeof b === 'object' && b !== null && !Array.isArray(b);
        if (same || isEmptyMap || Object.is(a, -0) || Object.is(b, -0)) return;
        const equal = (x: unknown, y: unknown): boolean => {
          try {
            expect(x).toEqual(y);
            return true;
          } catch {
            return false;
          }
        };
        expect(isApplied(own({ 'f:a': {} }), custom({ a }), custom({ a: b }))).toBe(equal(a, b));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is ours of an object', () => {
  test('is the entry by apply, and whether former managers have any', () => {
    expect(parseOwnFields(undefined)).toEqual({ applied: undefined, isFormer: false });
    expect(parseOwnFields('[["Apply","v1",{"f:a":{}}]]')).toEqual({ applied: { 'f:a': {} }, isFormer: false });
    expect(parseOwnFields('[["Update","v1",{}],["Apply","v1",{}]]')).toEqual({ applied: {}, isFormer: true });
  });

  test('changes with its values, and not with those of others', () => {
    const fields = own({ 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {} } } });
    const of = (...list: object[]) => JSON.stringify(projectFields(fields, withContainers(...list)));
    const before = of({ name: 'c', image: 'x' });
    expect(of({ name: 'sidecar', image: 'y' }, { name: 'c', image: 'x', tty: true })).toBe(before);
    expect(of({ name: 'c', image: 'y' })).not.toBe(before);
    expect(of()).not.toBe(before);
  });
});
