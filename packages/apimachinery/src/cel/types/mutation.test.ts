import { expect, test } from 'vitest';
import { formatType, mutationEnvironment } from '../checker/index.ts';
import { compile } from '../compile.ts';
import { StructValue } from '../values/index.ts';
import { mutationTypes } from './index.ts';

const environment = mutationEnvironment({ provider: mutationTypes });

function compiled(text: string) {
  const result = compile(text, environment);
  if (!result.ok) throw new Error(String(result.issues ?? 'constant'));
  return result;
}

test('objects are made of any fields, under the names of their paths', () => {
  const { type, program } = compiled('Object{spec: Object.spec{replicas: 1 + 1}, ?none: optional.none()}');
  expect(formatType(type)).toBe('Object');
  const result = program.evaluate(() => undefined);
  const object = 'value' in result ? result.value : undefined;
  expect(object).toBeInstanceOf(StructValue);
  const { typeName, size, find } = object as StructValue;
  expect([typeName, size]).toEqual(['Object', 1]);
  const spec = find.call(object, 'spec') as StructValue;
  expect([spec.typeName, spec.find('replicas')]).toEqual(['Object.spec', 2]);
});

test('a patch has four fields, of which the value is anything', () => {
  const { type } = compiled('[JSONPatch{op: "add", path: "/" + jsonpatch.escapeKey("a/b"), value: {"c": 1}}]');
  expect(formatType(type)).toBe('list(JSONPatch)');
  expect(() => compiled('JSONPatch{op: 1}')).toThrow(
    "expected type of field 'op' is 'string' but provided type is 'int'",
  );
  expect(() => compiled('JSONPatch{on: "add"}')).toThrow("undefined field 'on'");
});
