import { builtinKinds, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalStruct } from './canonical.ts';
import { decodeStruct } from './decode.ts';
import { applyBuiltinDefaults } from './defaults/index.ts';

const special: Readonly<Record<string, Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  bytes: fc.string({ maxLength: 6 }).map((text) => Buffer.from(text).toString('base64')),
  float64: fc.integer({ min: -9, max: 9 }),
  Quantity: fc.constantFrom('0', '1', '1500m', '1Gi', '0.5', 3),
  IntOrString: fc.constantFrom<unknown>(0, 80, '25%', 'http'),
  Time: fc.constantFrom('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678+02:00'),
  MicroTime: fc.constant('2026-01-02T03:04:05.000006Z'),
  Duration: fc.constant('5m'),
  RawExtension: fc.constantFrom<unknown>({ a: 1 }, { a: [] }),
  FieldsV1: fc.constant({ 'f:spec': {} }),
};

/** Values of a type, filled to a few levels: what a person might send. */
function anyOf(type: TypeRef, depth: number): Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return type.enum ? fc.constantFrom(...type.enum) : fc.constantFrom('', 'a', 'b-c');
    case 'integer':
      return fc.integer({ min: -2, max: 100 });
    case 'list':
      return fc.array(anyOf(type.items, depth - 1), { maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.constantFrom('a', 'b', 'cpu'), anyOf(type.values, depth - 1), { maxKeys: 2 });
    case 'struct':
      return depth <= 0 ? fc.constant({}) : structOf(type.type, depth);
    default:
      return special[type.kind] ?? fc.constant(true);
  }
}

function structOf(key: string, depth: number): Arbitrary<Record<string, unknown>> {
  const fields = structType(key).fields.map((field) => {
    const value = fc.option(anyOf(field.type, depth - 1), { nil: undefined, freq: 3 });
    return [field.name, value] as const;
  });
  return fc.record(Object.fromEntries(fields)).map((made) => JSON.parse(JSON.stringify(made)));
}

const types = builtinKinds.filter((kind) => kind.kind !== 'CustomResourceDefinition').map((kind) => kind.type);

test.each(types)('what is stored of a %s reads back as itself', (type) => {
  fc.assert(
    fc.property(structOf(type, 4), (body) => {
      const problems: string[] = [];
      const stored = canonicalStruct(type, decodeStruct(type, body, problems));
      expect(problems).toEqual([]);
      expect(canonicalStruct(type, decodeStruct(type, stored, problems))).toEqual(stored);
      expect(Object.keys(stored)).toEqual(
        structType(type)
          .fields.map((field) => field.name)
          .filter((name) => name in stored),
      );
    }),
    { numRuns: 15 },
  );
});

test.each(types)('defaults of a %s are the same the second time', (type) => {
  fc.assert(
    fc.property(structOf(type, 5), (body) => {
      const object = decodeStruct(type, body, []);
      applyBuiltinDefaults(type, object);
      const once = structuredClone(canonicalStruct(type, object));
      applyBuiltinDefaults(type, object);
      expect(canonicalStruct(type, object)).toEqual(once);
    }),
    { numRuns: 15 },
  );
});

test('null is absence, and members without content are left out as the struct says', () => {
  const decoded = decodeStruct('core/v1.Pod', { metadata: null, spec: { containers: [], nodeName: '' } }, []);
  expect(canonicalStruct('core/v1.Pod', decoded)).toEqual({
    metadata: {},
    spec: { containers: null },
    status: {},
  });
});

test('a list without items is kept for those who ask before it is stored, where the struct writes it', () => {
  const decoded = decodeStruct('core/v1.Pod', { spec: { containers: [], tolerations: [] } }, []);
  expect(canonicalStruct('core/v1.Pod', decoded, true)).toEqual({
    metadata: {},
    spec: { containers: [] },
    status: {},
  });
  const nested = decodeStruct('apps/v1.Deployment', { spec: { template: { spec: { containers: [] } } } }, []);
  expect(canonicalStruct('apps/v1.Deployment', nested, true)).toMatchObject({
    spec: { template: { spec: { containers: [] } } },
  });
});

test('unknown members are reported in the order of the body, with their paths', () => {
  const problems: string[] = [];
  const body = { z: 1, spec: { containers: [{ name: 'c', foo: 1 }], bar: 2 }, __proto__x: 1 };
  decodeStruct('core/v1.Pod', body, problems);
  expect(problems).toEqual([
    'unknown field "z"',
    'unknown field "spec.containers[0].foo"',
    'unknown field "spec.bar"',
    'unknown field "__proto__x"',
  ]);
});

test('integers beyond what the field holds are refused, also those that only a bigint holds', () => {
  const decode = (revision: unknown) => decodeStruct('apps/v1.ControllerRevision', { revision }, []);
  expect(decode(2n ** 63n - 1n)).toEqual({ revision: 2n ** 63n - 1n });
  expect(() => decode(2n ** 63n)).toThrow(
    'json: cannot unmarshal number 9223372036854775808 into Go struct field ControllerRevision.revision of type int64',
  );
});
