import { stringifyJson } from '@setpoint/apimachinery/json';
import { describe, expect, test } from 'vitest';
import {
  checkConversion,
  parseIncludeObject,
  partialObjectMetadata,
  partialObjectMetadataList,
  scaleTable,
  tableOf,
} from './index.ts';

const object = {
  spec: { b: 1, a: { 10: 1, 9: 1 } },
  metadata: {
    annotations: { b: '1', a: '<' },
    creationTimestamp: '2026-01-01T00:00:00Z',
    name: 'w1',
    labels: {},
    ownerReferences: [{ uid: 'u', name: 'o', controller: false, kind: 'K', apiVersion: 'v1' }],
    managedFields: [{ fieldsV1: {}, manager: 'm', subresource: '' }],
    resourceVersion: '429',
    namespace: 'n',
  },
  kind: 'Wire',
  apiVersion: 'g/v1',
};

test('an object is reduced to its metadata, in the order of the server', () => {
  expect(stringifyJson(partialObjectMetadata(object))).toBe(
    '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"w1","namespace":"n","resourceVersion":"429","creationTimestamp":"2026-01-01T00:00:00Z","annotations":{"a":"\\u003c","b":"1"},"ownerReferences":[{"apiVersion":"v1","kind":"K","name":"o","uid":"u","controller":false}],"managedFields":[{"manager":"m","fieldsV1":{}}]}}',
  );
  expect(partialObjectMetadataList([object], { resourceVersion: '7', continue: '' })).toEqual({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7' },
    items: [partialObjectMetadata(object)],
  });
});

test('a form that does not fit is refused in the words of the server', () => {
  const pods = { group: '', kind: 'Pod', listKind: 'PodList', custom: false } as never;
  const wires = { group: 'g.io', kind: 'Wire', listKind: 'WireList', custom: true } as never;
  expect(() => checkConversion(pods, 'PartialObjectMetadata', true)).toThrow(
    'you requested PartialObjectMetadata, but the requested object is a list (*core.PodList)',
  );
  expect(() => checkConversion(wires, 'PartialObjectMetadata', true)).toThrow('(*unstructured.UnstructuredList)');
  expect(() => checkConversion(pods, 'PartialObjectMetadataList', false)).toThrow(
    'you requested PartialObjectMetadataList, but the requested object is not a list (*core.Pod)',
  );
  expect(() => checkConversion(wires, 'PartialObjectMetadataList', false)).toThrow('content is not a list');
  expect(checkConversion(pods, 'Table', true)).toBeUndefined();
});

test('a Scale has columns of its own', () => {
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: 'w', creationTimestamp: '1970-01-01T00:00:00Z' },
    spec: { replicas: 2 },
  };
  expect(scaleTable(true).columns.map(({ name, type }) => [name, type])).toEqual([
    ['Name', 'string'],
    ['Desired', 'integer'],
    ['Available', 'integer'],
    ['Age', 'date'],
  ]);
  expect(scaleTable(false).cells(scale, 5000)).toEqual(['w', 2, 0, '5s']);
});

describe('tables', () => {
  const column = { name: 'Name', type: 'string', format: 'name', description: 'd', priority: 0 } as const;
  const resource = { custom: true, table: { columns: [column], cells: (one: typeof object) => [one.metadata.name] } };
  const options = { includeObject: 'None', apiVersion: 'meta.k8s.io/v1', now: 0 } as const;
  const table = (more: object) =>
    tableOf(resource as never, [object], { resourceVersion: '429' }, { ...options, ...more });

  test('a row carries nothing, the metadata or the whole object', () => {
    expect(stringifyJson(table({}))).toBe(
      '{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"429"},"columnDefinitions":[{"name":"Name","type":"string","format":"name","description":"d","priority":0}],"rows":[{"cells":["w1"],"object":null}]}',
    );
    expect(table({ includeObject: 'Metadata', apiVersion: 'meta.k8s.io/v1beta1' }).rows[0]?.object).toEqual(
      partialObjectMetadata(object, 'meta.k8s.io/v1beta1'),
    );
    expect(stringifyJson(table({ includeObject: 'Object' }).rows[0]?.object)).toBe(
      stringifyJson(object, { sortKeys: true }),
    );
  });

  test('later events of a watch have no columns', () => {
    expect(table({ noHeaders: true }).columnDefinitions).toBeNull();
  });

  test('includeObject is checked in the words of the server', () => {
    expect(parseIncludeObject('')).toBe('Metadata');
    expect(parseIncludeObject('None')).toBe('None');
    expect(() => parseIncludeObject('Foo')).toThrow(
      "Unable to convert to Table as requested: includeObject: Invalid value: \"Foo\": must be 'Metadata', 'Object', 'None', or empty",
    );
  });
});
