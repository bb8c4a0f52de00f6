import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../json/index.ts';
import { applyDefaults, coerceEmbedded, dropNulls, prune, type StructuralSchema } from './index.ts';

const object = (properties: Readonly<Record<string, StructuralSchema>>, more: StructuralSchema = {}) =>
  ({ type: 'object', properties, ...more }) satisfies StructuralSchema;
const text = { type: 'string' } satisfies StructuralSchema;

describe('pruning', () => {
  const schema = object({
    spec: object({
      a: text,
      list: { type: 'array', items: object({ b: text }) },
      map: { type: 'object', additionalProperties: object({ c: text }) },
      free: { ...object({ known: object({ d: text }) }), 'x-kubernetes-preserve-unknown-fields': true },
      embedded: { ...object({ spec: object({}) }), 'x-kubernetes-embedded-resource': true },
    }),
  });

  it('drops what the schema does not name and tells the paths in byte order', () => {
    const value = {
      apiVersion: 'v1',
      metadata: { name: 'x', anything: 1 },
      zz: 1,
      spec: { a: 'x', zz: 1, list: [{ b: 'x' }, { zz: 1 }], map: { k: { c: 'x', zz: 1 } } },
    };
    expect(prune(value, schema)).toEqual({
      value: {
        apiVersion: 'v1',
        metadata: { name: 'x', anything: 1 },
        spec: { a: 'x', list: [{ b: 'x' }, {}], map: { k: { c: 'x' } } },
      },
      paths: ['spec.list[1].zz', 'spec.map.k.zz', 'spec.zz', 'zz'],
    });
  });

  it('keeps unknown fields below preserve-unknown-fields, until the schema names a member again', () => {
    const value = { spec: { free: { any: { thing: 1 }, known: { d: 'x', zz: 1 } } } };
    const pruned = prune(value, schema);
    expect(pruned.value).toEqual({ spec: { free: { any: { thing: 1 }, known: { d: 'x' } } } });
    expect(pruned.paths).toEqual(['spec.free.known.zz']);
  });

  it('leaves apiVersion, kind and metadata of embedded resources alone', () => {
    const value = { spec: { embedded: { apiVersion: 'v1', kind: 'A', metadata: { x: 1 }, spec: { zz: 1 }, zz: 1 } } };
    expect(prune(value, schema).value).toEqual({
      spec: { embedded: { apiVersion: 'v1', kind: 'A', metadata: { x: 1 }, spec: {} } },
    });
  });

  it('drops a member called __proto__ like any other', () => {
    const value = parseJson('{"spec":{"__proto__":{"a":1},"a":"x"}}');
    expect(prune(value, schema).paths).toEqual(['spec.__proto__']);
  });
});

describe('defaults and nulls', () => {
  const schema = object({
    a: { ...text, default: 'A' },
    nullable: { ...text, nullable: true, default: 'N' },
    plain: text,
    inner: object({ p: { type: 'integer', default: 5 } }, { default: {} }),
    list: { type: 'array', items: object({ q: { ...text, default: 'Q' } }) },
    map: { type: 'object', additionalProperties: object({ q: { ...text, default: 'Q' } }) },
  });
  const both = (value: object) => applyDefaults(dropNulls(value, schema), schema);

  it('fills in what is missing, inside of filled in objects too', () => {
    expect(both({})).toEqual({ a: 'A', nullable: 'N', inner: { p: 5 } });
  });

  it('replaces nulls that may not be by the default, and drops those that have none', () => {
    expect(both({ a: null, nullable: null, plain: null, inner: null })).toEqual({
      a: 'A',
      nullable: null,
      inner: { p: 5 },
    });
  });

  it('enters lists and maps but adds nothing to them', () => {
    expect(both({ list: [{}, null, { q: 'x' }], map: { k: {}, n: null } })).toMatchObject({
      list: [{ q: 'Q' }, null, { q: 'x' }],
      map: { k: { q: 'Q' } },
    });
  });

  it('hands out a copy of a default each time', () => {
    const first = both({}) as { inner: object };
    expect(first.inner).not.toBe((both({}) as { inner: object }).inner);
  });
});

describe('metadata of embedded resources', () => {
  const schema = object({ e: { ...object({}), 'x-kubernetes-embedded-resource': true } });

  it('loses unknown members, and tells them', () => {
    const metadata = { zz: 1, name: 'x', labels: {}, ownerReferences: [{ yy: 1 }], creationTimestamp: null };
    const coerced = coerceEmbedded({ e: { apiVersion: 'v1', kind: 'A', metadata } }, schema);
    expect(coerced.unknown).toEqual(['e.metadata.ownerReferences[0].yy', 'e.metadata.zz']);
    expect(coerced.value).toEqual({
      e: {
        apiVersion: 'v1',
        kind: 'A',
        metadata: { name: 'x', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
      },
    });
  });

  it('is refused when a member has another type', () => {
    const coerced = coerceEmbedded({ e: { metadata: { name: 1 } } }, schema);
    expect(String(coerced.error)).toBe(
      'e.metadata: Invalid value: {"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
    );
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'kind', 'metadata', '__proto__', '10', '9');

/** Structural schemas of some depth, with defaults that may or may not fit. */
const schemas: fc.Arbitrary<StructuralSchema> = fc.letrec<{ node: StructuralSchema }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({ type: fc.constant('string'), default: fc.constantFrom('x', null), nullable: fc.boolean() }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(name, tie('node'), { maxKeys: 4 }),
      'x-kubernetes-preserve-unknown-fields': fc.boolean(),
      'x-kubernetes-embedded-resource': fc.boolean(),
      nullable: fc.boolean(),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('node'), default: fc.constant({}) }),
    fc.record({ type: fc.constant('array'), items: tie('node') }),
  ),
})).node;

const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('x', 1, null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
})).value;

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}

describe('any value under any schema', () => {
  it('is pruned once and for all, and never changed in place', () => {
    fc.assert(
      fc.property(values, schemas, (value, schema) => {
        const pruned = prune(deepFreeze(value), deepFreeze(schema));
        const again = prune(deepFreeze(pruned.value), schema);
        expect(again.paths).toEqual([]);
        expect(again.value).toBe(pruned.value);
      }),
    );
  });

  it('is defaulted once and for all, and never changed in place', () => {
    fc.assert(
      fc.property(values, schemas, (value, schema) => {
        const once = applyDefaults(dropNulls(deepFreeze(value), deepFreeze(schema)), schema);
        expect(applyDefaults(deepFreeze(once), schema)).toBe(once);
      }),
    );
  });
});
