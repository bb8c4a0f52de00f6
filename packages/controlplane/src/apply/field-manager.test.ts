import type { KubeObject, ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { createFieldManager, type FieldManager } from './field-manager.ts';
import { createFieldsEncoder } from './managed.ts';
import { builtinType, FieldSet, type TypeSchema } from './merge/index.ts';
import { ownersAfterScale, ownersOfScale } from './scale.ts';

const manager = (more: object = {}): FieldManager =>
  createFieldManager({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    subresource: '',
    type: builtinType('', 'v1', 'ConfigMap') as TypeSchema,
    converter: { convert: (object) => object },
    empty: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    ...more,
  });

const configMap = (data: object, metadata: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data }) as KubeObject;

const at = (name: string, seconds = 0) => ({ manager: name, now: `2026-01-01T00:00:0${seconds}Z` });

/** Who owns which data: `one: a b`. */
const owners = (entries: readonly ManagedFieldsEntry[] | undefined) =>
  (entries ?? []).map(({ manager: name, operation, fieldsV1 }) => {
    const data = Object.keys((fieldsV1?.['f:data'] ?? {}) as object).map((key) => key.replace('f:', ''));
    return `${name} ${operation}: ${data.join(' ')}`;
  });

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

describe('updates', () => {
  test('own what they add and change, and lose what others change', () => {
    const fields = manager();
    const made = configMap({ a: '1', b: '2' });
    const first = fields.update(undefined, made, at('one'));
    expect(owners(first)).toEqual(['one Update: . a b']);
    const live = configMap({ a: '1', b: '2' }, { managedFields: first });
    expect(owners(fields.update(live, configMap({ a: '1', b: '3' }), at('two', 1)))).toEqual([
      'one Update: . a',
      'two Update: b',
    ]);
  });

  test('that change nothing leave the list as it is', () => {
    const fields = manager();
    const first = fields.update(undefined, configMap({ a: '1' }), at('one'));
    const live = configMap({ a: '1' }, { managedFields: Object.freeze(first) });
    expect(fields.update(live, configMap({ a: '1' }), at('two', 1))).toBe(first);
    expect(fields.update(live, { ...live, metadata: { ...live.metadata } }, at('two', 1))).toBe(first);
  });

  test('of what nobody tracks are not tracked', () => {
    expect(manager().update(configMap({ a: '1' }), configMap({ a: '2' }), at('one'))).toBeUndefined();
    const reset = configMap({ a: '2' }, { managedFields: [{}] });
    const live = configMap(
      { a: '1' },
      { managedFields: manager().update(undefined, configMap({ a: '1' }), at('one')) },
    );
    expect(manager().update(live, reset, at('one'))).toBeUndefined();
  });

  test('of what does not fit its type are not tracked either', () => {
    expect(manager().update(undefined, configMap({ a: 1 }), at('one'))).toBeUndefined();
  });

  test('own nothing of what they leave as it is', () => {
    const reset = manager({ reset: FieldSet.of(['data']) });
    expect(reset.update(undefined, configMap({ a: '1' }), at('one'))).toBeUndefined();
  });
});

describe('applies', () => {
  test('merge, and remove what is no longer intended', () => {
    const fields = manager();
    const first = fields.apply(undefined, configMap({ a: '1', b: '2' }), at('one'), false);
    expect(first.object).toMatchObject({ data: { a: '1', b: '2' } });
    const live = configMap({ a: '1', b: '2', c: '3' }, { managedFields: first.managedFields });
    const next = fields.apply(live, configMap({ a: '1' }), at('one', 1), false);
    expect([(next.object as unknown as { data: object }).data, owners(next.managedFields)]).toEqual([
      { a: '1', c: '3' },
      ['one Apply: a'],
    ]);
  });

  test('conflict in the words of the server, unless forced', () => {
    const fields = manager();
    const live = configMap({ a: '1' }, { managedFields: fields.update(undefined, configMap({ a: '1' }), at('one')) });
    expect(() => fields.apply(live, configMap({ a: '2' }), at('two'), false)).toThrow(
      'Apply failed with 1 conflict: conflict with "one" using v1: .data.a',
    );
    expect(owners(fields.apply(live, configMap({ a: '2' }), at('two'), true).managedFields)).toEqual([
      'two Apply: a',
      'one Update: ',
    ]);
  });

  test('find before-first-apply where nobody was tracked', () => {
    const { object, managedFields } = manager().apply(configMap({ a: '1' }), configMap({ a: '1' }), at('one'), false);
    expect(object).toBeUndefined();
    expect(owners(managedFields)).toEqual(['one Apply: a', 'before-first-apply Update: . a']);
    expect(managedFields?.[0]?.time).toBeUndefined();
  });

  test('are refused for another kind, for owners of their own, and for what is no such type', () => {
    const apply = (intent: object) => () => manager().apply(undefined, intent as KubeObject, at('one'), false);
    expect(apply({ ...configMap({}), kind: 'Secret' })).toThrow('invalid object type: /v1, Kind=Secret');
    expect(apply(configMap({}, { managedFields: [] }))).toThrow('metadata.managedFields must be nil');
    expect(apply(configMap({ a: 1 }))).toThrow(
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.a',
    );
  });

  test('of kubectl may change what it once applied by itself', () => {
    const fields = manager();
    const annotations = { [lastApplied]: JSON.stringify(configMap({ a: '1', b: '2' })) };
    const made = configMap({ a: '1', b: '9' }, { annotations });
    const managedFields = fields.update(undefined, made, at('csa'));
    const live = configMap({ a: '1', b: '9' }, { annotations, managedFields });
    expect(() => fields.apply(live, configMap({ a: '2' }), at('other'), false)).toThrow('.data.a');
    expect(() => fields.apply(live, configMap({ b: '3' }), at('kubectl'), false)).toThrow('.data.b');
    const { object } = fields.apply(live, configMap({ a: '2' }), at('kubectl'), false);
    expect(object?.metadata.annotations).toEqual({
      [lastApplied]: '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    });
  });
});

test('owners of replicas are the same through the scale and through the object', () => {
  const encode = createFieldsEncoder();
  const paths = new Map([['apps/v1', ['spec', 'replicas']]]);
  const parent: ManagedFieldsEntry[] = [
    {
      manager: 'one',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } },
    },
  ];
  const scale = ownersOfScale(parent, paths, encode) ?? [];
  expect(scale).toMatchObject([{ manager: 'one', apiVersion: 'autoscaling/v1' }]);
  expect(ownersAfterScale(parent, scale, 'apps/v1', paths, encode)).toEqual(parent);
  const taken = [{ ...scale[0], manager: 'two', subresource: 'scale' }];
  expect(ownersAfterScale(parent, taken, 'apps/v1', paths, encode)).toMatchObject([
    { manager: 'two', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    { manager: 'one', fieldsV1: { 'f:spec': { 'f:paused': {} } } },
  ]);
});
