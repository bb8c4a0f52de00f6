import { expect, test } from 'vitest';
import { openApiV2Accepted, openApiV2Definition, openApiV2Document } from './v2.ts';

/** The fields of a message of strings and messages. */
function fieldsOf(bytes: Uint8Array): { number: number; bytes: Uint8Array; text: string }[] {
  const found = [];
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++] as number;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const number = varint() >> 3;
    const length = varint();
    const own = bytes.subarray(at, at + length);
    at += length;
    found.push({ number, bytes: own, text: Buffer.from(own).toString() });
  }
  return found;
}

const field = (bytes: Uint8Array | undefined, number: number) =>
  fieldsOf(bytes ?? new Uint8Array()).find((found) => found.number === number);

test('a document says its version and holds each definition by name', () => {
  const definitions = new Map([
    ['b', openApiV2Definition('b', { type: 'object' })],
    ['a', openApiV2Definition('a', { type: 'string', description: 'x'.repeat(300) })],
  ]);
  const document = openApiV2Document(definitions);
  expect(field(document, 1)?.text).toBe('2.0');
  const named = fieldsOf(field(document, 9)?.bytes ?? new Uint8Array());
  expect(named.map(({ bytes }) => field(bytes, 1)?.text)).toEqual(['a', 'b']);
  expect(field(field(named[0]?.bytes, 2)?.bytes, 4)?.text).toBe('x'.repeat(300));
});

test('a reference stands beside its description, without the allOf of v3', () => {
  const component = { description: 'the pod', allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Pod' }] };
  const schema = field(openApiV2Definition('x', component), 2)?.bytes;
  expect(field(schema, 1)?.text).toBe('#/definitions/io.k8s.api.core.v1.Pod');
  expect(field(schema, 4)?.text).toBe('the pod');
});

test('numbers that may be strings are published as strings, and extensions as YAML', () => {
  const component = {
    oneOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-group-version-kind': [{ kind: 'A' }],
  };
  const schema = field(openApiV2Definition('x', component), 2)?.bytes;
  expect(field(field(schema, 22)?.bytes, 1)?.text).toBe('string');
  expect(field(field(field(schema, 31)?.bytes, 2)?.bytes, 2)?.text).toBe('[{"kind":"A"}]');
});

test('kubectl and older clients both write the media type their way', () => {
  expect('application/com.github.proto-openapi.spec.v2@v1.0+protobuf').toMatch(openApiV2Accepted);
  expect('application/com.github.proto-openapi.spec.v2.v1.0+protobuf').toMatch(openApiV2Accepted);
  expect('application/json').not.toMatch(openApiV2Accepted);
});
