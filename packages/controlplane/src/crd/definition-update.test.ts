import { describe, expect, it } from 'vitest';
import type { MutableObject } from '../registry/index.ts';
import { definitionResource } from './index.ts';

const { strategy } = definitionResource(() => {});

const version = (name: string, more: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object' } },
  ...more,
});

function definition(spec: object, status: object = {}): MutableObject {
  const { object } = strategy.decode({
    metadata: { name: 'foos.example.com', resourceVersion: '1' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [version('v1')],
      ...spec,
    },
  } as unknown as MutableObject);
  strategy.applyDefaults(object);
  strategy.prepareForCreate(object);
  Object.assign(object.status, status);
  return object;
}

const established = {
  conditions: [{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: '' }],
};

/** Updates an established definition. */
function update(spec: object, old = definition({}, established)) {
  const next = definition(spec);
  strategy.prepareForUpdate(next, old);
  return { errors: strategy.validateUpdate(next, old).map(String), next, old };
}

describe('the update of a definition', () => {
  it('may not change what decides where objects are stored', () => {
    expect(update({ scope: 'Cluster' }).errors).toEqual(['spec.scope: Invalid value: "Cluster": field is immutable']);
    expect(update({ group: 'other.example.com' }).errors).toContain(
      'spec.group: Invalid value: "other.example.com": field is immutable',
    );
    expect(update({ names: { plural: 'bars', kind: 'Foo' } }).errors).toContain(
      'spec.names.plural: Invalid value: "bars": field is immutable',
    );
    expect(update({ names: { plural: 'foos', kind: 'Baz' } }).errors).toEqual([
      'spec.names.kind: Invalid value: "Baz": field is immutable',
    ]);
  });

  it('may change scope and kind while the definition is not established', () => {
    expect(update({ scope: 'Cluster', names: { plural: 'foos', kind: 'Baz' } }, definition({})).errors).toEqual([]);
  });

  it('may not drop a version in which objects may be stored', () => {
    expect(update({ versions: [version('v2', { storage: true })] }).errors).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });

  it('adds the new storage version to those stored, and keeps the rest of the status', () => {
    const versions = [version('v1', { storage: false }), version('v2', { storage: true })];
    const { errors, next } = update({ versions });
    expect(errors).toEqual([]);
    expect(next.status.storedVersions).toEqual(['v1', 'v2']);
    expect(next.status.conditions).toEqual(established.conditions);
  });

  it('raises the generation with the spec alone', () => {
    const { next, old } = update({ scope: 'Cluster' });
    expect(strategy.generationChanged?.(next, old)).toBe(true);
    const labelled = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } };
    expect(strategy.generationChanged?.(labelled, old)).toBe(false);
  });

  it('of the status leaves the spec as it was', () => {
    const old = definition({}, established);
    const next = definition({ scope: 'Cluster' });
    strategy.prepareForStatusUpdate(next, old);
    expect(next.spec).toEqual(old.spec);
  });
});

describe('rules of definitions', () => {
  it('are compiled by CEL, which is at hand once the definition is ready', async () => {
    const rules = { 'x-kubernetes-validations': [{ rule: 'self.a' }] };
    const schema = { openAPIV3Schema: { type: 'object', ...rules } };
    const wrong = definition({ versions: [version('v1', { schema })] });
    expect(strategy.ready?.(definition({}))).toBeUndefined();
    await strategy.ready?.(wrong);
    expect(strategy.ready?.(wrong)).toBeUndefined();
    expect(strategy.validate(wrong).map(String)).toEqual([expect.stringContaining("undefined field 'a'")]);
  });
});

describe('warnings about a definition', () => {
  const withFormat = (format: string) =>
    definition({
      versions: [
        version('v1', {
          schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', format } } } },
        }),
      ],
    });

  it('tell formats that the server does not know, once they are new', () => {
    expect(strategy.warnings?.(withFormat('foo'), undefined)).toEqual(['unrecognized format "foo"']);
    expect(strategy.warnings?.(withFormat('foo'), withFormat('foo'))).toEqual([]);
    expect(strategy.warnings?.(withFormat('date-time'), undefined)).toEqual([]);
  });
});
