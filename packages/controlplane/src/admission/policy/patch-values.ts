import { DoubleValue, isInt, ListValue, MapValue, StructValue, type Value } from '@setpoint/apimachinery/cel';
import { goQuote } from '@setpoint/apimachinery/errors';
import type { JsonValue } from '@setpoint/apimachinery/meta';

/** @throws Error for values that JSON has none for */
export function jsonOfValue(value: Value): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || isInt(value)) return value;
  if (value instanceof DoubleValue) return value.value;
  if (value instanceof ListValue) return elementsOf(value).map(jsonOfValue);
  if (value instanceof MapValue) {
    return Object.fromEntries(
      Array.from(value.keys(), (key) => {
        if (typeof key !== 'string') throw new Error('the keys of a map must be strings');
        return [key, jsonOfValue(value.find(key) as Value)];
      }),
    );
  }
  throw new Error(`a ${value.typeName} cannot be written as JSON`);
}

function elementsOf(list: ListValue): Value[] {
  return Array.from({ length: list.size }, (_, index) => list.at(index));
}

/** The operations of a list of `JSONPatch`. */
export function patchOperations(value: Value): JsonValue[] {
  if (!(value instanceof ListValue))
    throw new Error('type mismatch: JSONPatchType.expression should evaluate to array');
  return elementsOf(value).map((operation) => {
    if (!(operation instanceof StructValue)) {
      throw new Error('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
    }
    const text = (name: string) => {
      const given = operation.find(name);
      return typeof given === 'string' ? given : '';
    };
    const from = text('from');
    const given = operation.find('value');
    if (given instanceof StructValue) {
      const mismatches = typeMismatches(given, [given.typeName]);
      if (mismatches.length > 0) throw new Error(`type mismatch: ${mismatches.join('\n')}`);
    }
    return {
      op: text('op'),
      path: text('path'),
      ...(from === '' ? {} : { from }),
      ...(given === undefined ? {} : { value: jsonOfValue(given) }),
    };
  });
}

/** Each object must be named by the path of fields to it: that of `spec` is an `Object.spec`. */
export function typeMismatches(value: Value, path: readonly string[]): string[] {
  if (value instanceof StructValue) {
    const expected = path.join('.');
    const own =
      value.typeName === expected
        ? []
        : [
            `unexpected type name ${goQuote(value.typeName)}, expected ${goQuote(expected)}, which matches field name path from root Object type`,
          ];
    const inside = Array.from(value.keys(), (key) => typeMismatches(value.find(key) as Value, [...path, String(key)]));
    return [...own, ...inside.flat()];
  }
  if (value instanceof ListValue) return elementsOf(value).flatMap((element) => typeMismatches(element, path));
  if (value instanceof MapValue) {
    return Array.from(value.keys()).flatMap((key) => typeMismatches(value.find(key) as Value, path));
  }
  return [];
}
