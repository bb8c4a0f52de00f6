import { describe, expect, it } from 'vitest';
import { FieldPath } from '../errors/index.ts';
import { decodeObjectMeta, finalizerWarnings, validateObjectMeta } from './index.ts';

const field = (path: string, type: string) => `into Go struct field ${path} of type ${type}`;

/** The words of a 1.36 server about metadata with a member of a wrong type. */
const errors: readonly (readonly [unknown, string])[] = [
  [{ name: 1 }, `json: cannot unmarshal number ${field('ObjectMeta.name', 'string')}`],
  [{ labels: { a: 1 } }, `json: cannot unmarshal number ${field('ObjectMeta.labels', 'string')}`],
  [{ labels: [] }, `json: cannot unmarshal array ${field('ObjectMeta.labels', 'map[string]string')}`],
  [{ labels: { a: true } }, `json: cannot unmarshal bool ${field('ObjectMeta.labels', 'string')}`],
  [
    { ownerReferences: [{ name: 1 }] },
    `json: cannot unmarshal number ${field('OwnerReference.ownerReferences.name', 'string')}`,
  ],
  [
    { ownerReferences: {} },
    `json: cannot unmarshal object ${field('ObjectMeta.ownerReferences', '[]v1.OwnerReference')}`,
  ],
  [
    { ownerReferences: [1] },
    `json: cannot unmarshal number ${field('ObjectMeta.ownerReferences', 'v1.OwnerReference')}`,
  ],
  [{ finalizers: [1] }, `json: cannot unmarshal number ${field('ObjectMeta.finalizers', 'string')}`],
  [{ finalizers: 'a' }, `json: cannot unmarshal string ${field('ObjectMeta.finalizers', '[]string')}`],
  [{ creationTimestamp: 1 }, `json: cannot unmarshal number ${field('ObjectMeta.creationTimestamp', 'string')}`],
  [{ creationTimestamp: 'foo' }, 'parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"'],
  [{ deletionTimestamp: '2020-13-01T00:00:00Z' }, 'parsing time "2020-13-01T00:00:00Z": month out of range'],
  [{ deletionTimestamp: '2020-02-30T00:00:00Z' }, 'parsing time "2020-02-30T00:00:00Z": day out of range'],
  [{ generation: '1' }, `json: cannot unmarshal string ${field('ObjectMeta.generation', 'int64')}`],
  [{ generation: 1.5 }, `json: cannot unmarshal number 1.5 ${field('ObjectMeta.generation', 'int64')}`],
  ['s', 'json: cannot unmarshal string into Go value of type v1.ObjectMeta'],
  [[], 'json: cannot unmarshal array into Go value of type v1.ObjectMeta'],
];

describe('decoding of metadata', () => {
  it.each(errors)('refuses %j as the server does', (value, error) => {
    expect(decodeObjectMeta(value).error).toBe(error);
  });

  it('tells unknown members, also those that differ only in case', () => {
    const { unknown, value } = decodeObjectMeta({ foo: 1, NAME: 'y', name: 'x', ownerReferences: [{ zip: 1 }] });
    expect(unknown).toEqual(['NAME', 'foo', 'ownerReferences[0].zip']);
    expect(value.name).toBe('x');
  });

  it('leaves out what is empty, and makes the null of a label an empty text', () => {
    const meta = { labels: { a: null }, annotations: {}, finalizers: [], name: '', creationTimestamp: null };
    expect(decodeObjectMeta(meta).value).toEqual({ labels: { a: '' } });
    expect(decodeObjectMeta(null)).toEqual({ value: {}, unknown: [] });
  });

  it('writes times in UTC to the second', () => {
    const { value } = decodeObjectMeta({ creationTimestamp: '2020-01-01T01:00:00.5+02:00' });
    expect(value.creationTimestamp).toBe('2019-12-31T23:00:00Z');
  });
});

describe('the rules of metadata', () => {
  const check = (meta: object, namespaced = false) =>
    validateObjectMeta({ name: 'x', ...meta }, { namespaced, name: () => [] }, FieldPath.of('metadata')).map(String);

  it('ask for a name, and for a namespace where there is one', () => {
    expect(check({ name: '' })).toEqual(['metadata.name: Required value: name or generateName is required']);
    expect(check({}, true)).toEqual(['metadata.namespace: Required value']);
    expect(check({ namespace: 'x' })).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });

  it('want owner references whole, and one controller', () => {
    expect(check({ ownerReferences: [{}] })).toEqual([
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]);
    const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true };
    expect(check({ ownerReferences: [owner, { ...owner, name: 'b' }] })[0]).toContain(
      'Found "true" in references for A/a and A/b',
    );
  });

  it('refuse annotations beyond 256 KiB', () => {
    expect(check({ annotations: { a: 'x'.repeat(256 * 1024) } })).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ]);
  });

  it('warn of finalizers without a domain', () => {
    const warnings = finalizerWarnings(['foo', 'a.b', 'x/y', 'kubernetes', 'foregroundDeletion']);
    expect(warnings).toEqual([
      'metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
      'metadata.finalizers: "foo": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
    ]);
  });
});
