import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StatusError } from '../../status/index.ts';
import { decodeBody } from '../decode.ts';

type Value = string | number | bigint | boolean | readonly number[] | Uint8Array;

/** One field: texts and messages with their length, numbers as varints. */
function field(number: number, value: Value): number[] {
  if (typeof value === 'string') return field(number, Buffer.from(value));
  if (typeof value === 'object') return [...varint(number * 8 + 2), ...varint(value.length), ...value];
  return [...varint(number * 8), ...varint(BigInt(value))];
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

function envelope(apiVersion: string, kind: string, raw: readonly number[]): Uint8Array {
  const names = [...(apiVersion ? field(1, apiVersion) : []), ...(kind ? field(2, kind) : [])];
  return Uint8Array.from([...Buffer.from('k8s\0'), ...field(1, names), ...field(2, raw)]);
}

const expected = { kind: 'ConfigMap', apiVersion: 'v1' };

function decode(body: Uint8Array, wanted = expected): unknown {
  const decoded = decodeBody(body, 'protobuf', wanted);
  return decoded instanceof Promise ? decoded : decoded.object;
}

const object = (apiVersion: string, kind: string, ...fields: readonly number[][]) =>
  decode(envelope(apiVersion, kind, fields.flat()));

function refusal(body: Uint8Array): string {
  try {
    return JSON.stringify(decode(body));
  } catch (error) {
    return error instanceof StatusError ? `${error.code} ${error.message}` : String(error);
  }
}

describe('an object in protobuf is the object that JSON would have been', () => {
  test('with the kind of its envelope, or that of the request', () => {
    const name = field(1, field(1, 'a'));
    expect(object('v1', 'ConfigMap', name)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    expect(object('', '', name)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    expect(object('v1', 'Nope', name)).toEqual({ apiVersion: 'v1', kind: 'Nope' });
  });

  test('maps, bytes and texts', () => {
    const data = [...field(2, [...field(1, 'k'), ...field(2, 'v')]), ...field(2, field(1, '__proto__'))];
    const binary = field(3, [...field(1, 'b'), ...field(2, Uint8Array.of(0, 255))]);
    const found = object('v1', 'ConfigMap', data, binary) as { data: object; binaryData: object };
    expect(Object.entries(found.data)).toEqual([
      ['k', 'v'],
      ['__proto__', ''],
    ]);
    expect(found.binaryData).toEqual({ b: 'AP8=' });
  });

  test('zeros are left out where Go does not tell them from nothing, and kept behind pointers', () => {
    const spec = [...field(1, 0), ...field(6, 0), ...field(5, 0)];
    expect(object('apps/v1', 'Deployment', field(2, spec), field(3, []))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { replicas: 0, revisionHistoryLimit: 0 },
    });
  });

  test('numbers of 64 bits are exact', () => {
    const generation = (value: bigint) => field(1, field(7, value));
    const of = (value: bigint) => (object('v1', 'ConfigMap', generation(value)) as never as Deep).metadata.generation;
    type Deep = { metadata: { generation: unknown } };
    expect([of(-1n), of(2n ** 53n + 1n), of(2n ** 63n - 1n)]).toEqual([-1, 2n ** 53n + 1n, 2n ** 63n - 1n]);
  });

  test('times are seconds or microseconds in UTC, and no time is none', () => {
    const time = (value: readonly number[]) => field(1, field(8, value));
    const zero = field(1, -62_135_596_800n);
    expect(object('v1', 'ConfigMap', time([...field(1, 1e9), ...field(2, 5e8)]))).toMatchObject({
      metadata: { creationTimestamp: '2001-09-09T01:46:40Z' },
    });
    expect(object('v1', 'ConfigMap', time([]))).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(object('v1', 'ConfigMap', time(zero))).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' });
    const renewed = field(4, [...field(1, 1e9), ...field(2, 123_456_789)]);
    expect(object('coordination.k8s.io/v1', 'Lease', field(2, renewed))).toMatchObject({
      spec: { renewTime: '2001-09-09T01:46:40.123456Z' },
    });
  });

  test('quantities, and what is a number or a text', () => {
    const port = (target: readonly number[]) => field(2, field(1, [...field(3, 80), ...field(4, target)]));
    const target = (...parts: readonly number[][]) => object('v1', 'Service', port(parts.flat()));
    expect(target(field(1, 1), field(3, 'http'))).toMatchObject({
      spec: { ports: [{ port: 80, targetPort: 'http' }] },
    });
    expect(target(field(1, 1), field(3, ''))).toMatchObject({ spec: { ports: [{ port: 80, targetPort: '' }] } });
    expect(target(field(1, 0), field(2, 0))).toMatchObject({ spec: { ports: [{ port: 80 }] } });
    expect(target(field(1, 0), field(2, 8080))).toMatchObject({ spec: { ports: [{ port: 80, targetPort: 8080 }] } });
    const hard = field(1, [...field(1, 'cpu'), ...field(2, field(1, '100m'))]);
    expect(object('v1', 'ResourceQuota', field(2, hard))).toMatchObject({ spec: { hard: { cpu: '100m' } } });
  });

  test('JSON inside of it', () => {
    expect(object('apps/v1', 'ControllerRevision', field(2, field(1, '{"a":[1]}')), field(3, 4))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      data: { a: [1] },
      revision: 4,
    });
  });

  test('schemas, or what stands in their place', () => {
    const type = (name: string) => field(5, name);
    const half = [...varint(11 * 8 + 1), 0, 0, 0, 0, 0, 0, 0xe0, 0x3f];
    const schema = [
      ...field(24, field(1, type('string'))),
      ...field(25, half),
      ...field(30, field(1, 1)),
      ...field(33, field(2, type('integer'))),
      ...field(32, [...field(1, 'a'), ...field(2, field(2, 'b'))]),
      ...field(8, field(1, '{"x":1}')),
    ];
    const found = object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      field(2, field(7, field(4, field(1, schema)))),
    );
    expect(found).toMatchObject({
      spec: {
        versions: [
          {
            schema: {
              openAPIV3Schema: {
                items: { type: 'string' },
                allOf: [{ minimum: 0.5 }],
                additionalProperties: true,
                additionalItems: { type: 'integer' },
                dependencies: { a: ['b'] },
                default: { x: 1 },
              },
            },
          },
        ],
      },
    });
  });

  test('structs that Go embeds', () => {
    const volume = field(2, field(1, [...field(1, 'v'), ...field(2, field(2, []))]));
    expect(object('v1', 'Pod', volume)).toMatchObject({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } });
  });

  test('a message that comes in two parts, and fields that nobody knows', () => {
    const parts = [
      field(1, field(1, 'a')),
      field(99, 'new'),
      field(1, field(3, 'ns')),
      [8 * 98 + 5, 1, 2, 3, 4].flat(),
    ];
    const varintTags = parts.map((part, index) => (index === 3 ? [...varint(98 * 8 + 5), 1, 2, 3, 4] : part));
    expect(object('v1', 'ConfigMap', ...varintTags)).toMatchObject({ metadata: { name: 'a', namespace: 'ns' } });
  });

  test('the options of a deletion, whatever group they say to be of', () => {
    const options = [...field(1, 0), ...field(2, field(1, 'u')), ...field(4, 'Orphan'), ...field(5, 'All')];
    expect(object('apps/v1', 'DeleteOptions', options)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
      propagationPolicy: 'Orphan',
      dryRun: ['All'],
    });
  });
});

describe('what is no message is refused in the words of the server', () => {
  const unrecognized = '400 the object provided is unrecognized (must be of type ConfigMap): ';
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

  test.for([
    ['', 'empty data (<empty>)'],
    ['hello', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (68656c6c6f)'],
    ['k8s\0', 'empty body (6b387300)'],
    ['k8s\0\xff', 'unexpected EOF (6b387300ff)'],
  ])('as an envelope: %j', ([text, why]) => {
    expect(refusal(bytes(text as string))).toBe(unrecognized + why);
  });

  test.for([
    ['\xff\xff', 'unexpected EOF'],
    ['\x08\x01', 'proto: wrong wireType = 0 for field ObjectMeta'],
    ['\x0a\x03\x0a\x05a', 'unexpected EOF'],
    ['\x0b\x01', 'proto: wrong wireType = 3 for field ObjectMeta'],
    ['\x0c\x01', 'proto: ConfigMap: wiretype end group for non-group'],
    ['\x00\x01', 'proto: ConfigMap: illegal tag 0 (wire type 0)'],
  ])('as an object: %j', ([text, why]) => {
    expect(refusal(envelope('v1', 'ConfigMap', [...bytes(text as string)]))).toBe(
      `400 ConfigMap in version "v1" cannot be handled as a ConfigMap: ${why}`,
    );
  });

  test('as deep as no object is', () => {
    let schema: number[] = [];
    for (let depth = 0; depth < 2_000; depth++) schema = field(28, schema);
    const body = envelope(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      field(2, field(7, field(4, field(1, schema)))),
    );
    expect(refusal(body)).toMatch(/^400 .*nested/);
  });

  test('whatever the bytes are, the answer is an object or a refusal', () => {
    const whole = envelope('v1', 'Pod', [...field(1, field(1, 'a')), ...field(2, field(2, field(1, 'c')))]);
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((raw) => envelope('v1', 'Pod', [...raw])),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }).map((edits) => {
        const copy = Uint8Array.from(whole);
        for (const [at, byte] of edits) copy[at] = byte;
        return copy;
      }),
    );
    fc.assert(fc.property(anyBytes, (body) => /^(\{|400 )/.test(refusal(body))));
  });
});
