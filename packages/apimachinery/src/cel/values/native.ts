import type { JsonValue } from '../../meta/index.ts';
import { JsonList, JsonMap } from './json.ts';
import { goTypeName } from './text.ts';
import { DoubleValue, ListValue, MapValue, type Value } from './value.ts';

/** A value an expression put among JSON that JSON has no form for, such as a time. It equals nothing of JSON. */
export class ForeignItem {
  readonly value: Value;
  readonly goType: string;

  constructor(value: Value) {
    this.value = value;
    this.goType = goTypeName(value);
  }
}

interface HoldsJson {
  readonly json: JsonValue;
}

interface HoldsItems {
  readonly items: readonly (JsonValue | ForeignItem)[];
}

/** The JSON behind a value; what has none is wrapped. */
export function jsonOf(value: Value): JsonValue | ForeignItem {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof DoubleValue) return value.value;
  if (value instanceof MapValue && 'json' in value) return (value as HoldsJson).json;
  if (value instanceof ListValue) {
    if ('json' in value) return (value as HoldsJson).json;
    if ('items' in value) {
      const { items } = value as HoldsItems;
      if (!items.some((item) => item instanceof ForeignItem)) return items as readonly JsonValue[];
    }
  }
  return 'json' in value ? (value as HoldsJson).json : new ForeignItem(value);
}

/**
 * The value without its schema. Upstream drops the schema where an optional is read through (`optional.of(x).?field`),
 * so that from there on the data is plain JSON.
 */
export function withoutSchema(value: Value): Value {
  if (!(value instanceof ListValue || value instanceof MapValue)) return value;
  const json = jsonOf(value);
  if (json instanceof ForeignItem || typeof json !== 'object' || json === null) return value;
  return Array.isArray(json) ? new JsonList(json) : new JsonMap(json as Readonly<Record<string, JsonValue>>);
}
