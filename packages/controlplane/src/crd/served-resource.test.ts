import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { describe, expect, it } from 'vitest';
import type { MutableObject } from '../registry/index.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { createServedResource } from './served-resource.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { a: { type: 'string', default: 'A' }, replicas: { type: 'integer' }, n: { type: 'integer' } },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, n: { type: 'integer', minimum: 3 } } },
  },
} satisfies StructuralSchema;

function serve(more: Partial<DefinitionVersion> = {}, others: readonly DefinitionVersion[] = []) {
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more };
  const names = { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' };
  const definition: Definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.example.com', uid: 'u', generation: 1 },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version, ...others] },
    status: { conditions: [], acceptedNames: names, storedVersions: ['v1'] },
  };
  return createServedResource(definition, version);
}

const foo = (more: object): MutableObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Foo',
  metadata: { name: 'x', namespace: 'default' },
  ...more,
});

describe('the body of a custom resource', () => {
  it('loses unknown fields, which are told as the server tells them', () => {
    const body = foo({ zz: 1, metadata: { name: 'x', yy: 1 }, spec: { a: 'x', xx: 1 } });
    const { object, problems } = serve().strategy.decode(body);
    expect(problems).toEqual(['unknown field "metadata.yy"', 'unknown field "spec.xx"', 'unknown field "zz"']);
    expect(object).toEqual(foo({ metadata: { name: 'x' }, spec: { a: 'x' } }));
  });

  it('is refused when its metadata is none', () => {
    const body = foo({ metadata: { name: 1 } });
    expect(() => serve().strategy.decode(body)).toThrow(
      'Foo in version "v1" cannot be handled as a Foo: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
    );
  });

  it('gets its defaults in place', () => {
    const object = foo({ spec: {} });
    serve().strategy.applyDefaults(object);
    expect(object.spec).toEqual({ a: 'A' });
  });

  it('must be called what a DNS subdomain may be called', () => {
    const errors = serve().strategy.validate(foo({ metadata: { name: 'Bad_Name', namespace: 'default' } }));
    expect(errors.map((error) => error.field)).toEqual(['metadata.name']);
    const generated = foo({ metadata: { name: 'ok-12345', generateName: 'ok-', namespace: 'default' } });
    expect(serve().strategy.validate(generated)).toEqual([]);
  });
});

describe('the status subresource', () => {
  const { strategy } = serve({ subresources: { status: {} } });

  it('keeps the status out of creations and updates', () => {
    const created = foo({ status: { n: 5 } });
    strategy.prepareForCreate(created);
    expect(created.status).toBeUndefined();
    const updated = foo({ status: { n: 9 } });
    strategy.prepareForUpdate(updated, foo({ status: { n: 5 } }));
    expect(updated.status).toEqual({ n: 5 });
  });

  it('takes nothing but the status', () => {
    const next = foo({ metadata: { name: 'x', labels: { a: 'b' } }, spec: { a: 'no' }, status: { n: 5 } });
    const old = foo({ spec: { a: 'yes' } });
    strategy.prepareForStatusUpdate(next, old);
    expect(next).toEqual({ ...old, status: { n: 5 } });
    expect(strategy.generationChanged?.(next, { ...next, metadata: { name: 'x', labels: { a: 'b' } } })).toBe(false);
  });

  it('judges the status alone, with paths from its root', () => {
    const errors = strategy.validateStatusUpdate(foo({ status: { n: 1 } }), foo({}));
    expect(errors.map(String)).toEqual(['status.n: Invalid value: 1: n in body should be greater than or equal to 3']);
  });

  it('is taken with the rest where the definition does not have it', () => {
    const created = foo({ status: { n: 5 } });
    serve().strategy.prepareForCreate(created);
    expect(created.status).toEqual({ n: 5 });
  });
});

describe('the scale subresource', () => {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const { strategy } = serve({ subresources: { scale } });
  const check = (spec: unknown) => strategy.validate(foo({ spec })).map(String);

  it('wants replicas that are not negative and fit 32 bits', () => {
    expect(check({ replicas: -1 })).toEqual(['.spec.replicas: Invalid value: -1: should be a non-negative integer']);
    expect(check({ replicas: 3_000_000_000 })).toEqual([
      '.spec.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647',
    ]);
    expect(check({})).toEqual([]);
  });

  it("speaks as Go's accessors do of what is no number", () => {
    expect(check({ replicas: 'x' })).toContain(
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected int64',
    );
  });
});

describe('a version', () => {
  const v2: DefinitionVersion = {
    name: 'v2',
    served: true,
    storage: false,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
  };

  it('shows stored objects under its name, by its schema', () => {
    const stored = foo({ apiVersion: 'example.com/v2', spec: { n: 1, old: true } });
    expect(serve({}, []).fromStorage(Object.freeze(stored))).toEqual(foo({ spec: { n: 1, a: 'A' } }));
  });

  it('shows an object stored in another version with the defaults of that version alone', () => {
    const spec = { type: 'object', properties: { n: { type: 'integer', default: 7 } } } satisfies StructuralSchema;
    const other = { ...v2, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } };
    const stored = foo({ apiVersion: 'example.com/v2', spec: {} });
    expect(serve({}, [other]).fromStorage(stored)).toEqual(foo({ spec: { n: 7 } }));
  });

  it('hands out the stored object itself when nothing is different', () => {
    const stored: KubeObject = Object.freeze(foo({ spec: { a: 'x' } }));
    expect(serve().fromStorage(stored)).toBe(stored);
  });

  it('stores objects in the form of the storage version', () => {
    const resource = serve({ storage: false }, [{ ...v2, storage: true }]);
    expect(resource.toStorage(foo({ spec: { a: 'x' } }))).toEqual(foo({ apiVersion: 'example.com/v2', spec: {} }));
  });

  it('that is deprecated says so on every request', () => {
    expect(serve({ deprecated: true }).requestWarnings).toEqual(['example.com/v1 Foo is deprecated']);
    expect(serve({ deprecated: true, deprecationWarning: 'use v2' }).requestWarnings).toEqual(['use v2']);
    expect(serve().requestWarnings).toBeUndefined();
  });

  it('lets field selectors name its selectable fields', () => {
    const { strategy } = serve({ selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.n' }] });
    expect(strategy.selectableFieldNames).toEqual(['spec.a', 'spec.n']);
    expect(strategy.selectableFields?.(foo({ spec: { n: 5 } }))).toEqual({ 'spec.a': '', 'spec.n': '5' });
  });
});

describe('the published schema', () => {
  const published = (properties: Record<string, StructuralSchema>) =>
    serve({ schema: { openAPIV3Schema: { type: 'object', properties } } }).openApiSchema?.() as {
      properties: Record<string, object>;
      [key: string]: unknown;
    };

  it('names the kind, and has apiVersion, kind and metadata put in', () => {
    const schema = published({ spec: { type: 'object' } });
    expect(Object.keys(schema.properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(schema['x-kubernetes-group-version-kind']).toEqual([{ group: 'example.com', kind: 'Foo', version: 'v1' }]);
  });

  it('spells out int-or-string and embedded resources', () => {
    const { properties } = published({
      port: { 'x-kubernetes-int-or-string': true },
      template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} },
    });
    expect(properties.port).toEqual({
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    });
    expect(properties.template).toMatchObject({ required: ['kind', 'apiVersion'] });
  });
});

describe('the warning of a deprecated version', () => {
  const other = (name: string, more: Partial<DefinitionVersion> = {}): DefinitionVersion => ({
    name,
    served: true,
    storage: false,
    ...more,
  });

  it('names the best version that is served, newer and not deprecated itself', () => {
    const others = [other('v1beta2'), other('v2alpha1'), other('v1'), other('v3', { served: false })];
    expect(serve({ name: 'v1beta1', deprecated: true }, others).requestWarnings).toEqual([
      'example.com/v1beta1 Foo is deprecated; use example.com/v1 Foo',
    ]);
  });

  it('names none where there is none, and is what the definition says where it says something', () => {
    expect(serve({ deprecated: true }, [other('v1beta1')]).requestWarnings).toEqual([
      'example.com/v1 Foo is deprecated',
    ]);
    expect(serve({ deprecated: true, deprecationWarning: 'go away' }).requestWarnings).toEqual(['go away']);
    expect(serve().requestWarnings).toBeUndefined();
  });
});
