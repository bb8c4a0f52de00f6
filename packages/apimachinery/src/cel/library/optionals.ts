import type { FunctionLibrary } from '../interpret/index.ts';
import {
  ArrayList,
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  elements,
  goText,
  insertKey,
  isError,
  ListValue,
  MapValue,
  OptionalValue,
  optionalNone,
  UintValue,
  type Value,
} from '../values/index.ts';

/** Optional values, and the map-building steps of two-variable macros. */

/** Whether it is the nothing of its type. Lists and maps with a schema, and timestamps, never are. */
function isZero(value: Value): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (typeof value !== 'object') return false;
  if (value instanceof UintValue) return value.value === 0n;
  if (value instanceof DoubleValue) return value.value === 0;
  if (value instanceof BytesValue) return value.value.length === 0;
  if (value instanceof DurationValue) return value.nanoseconds === 0n;
  const isPlain = !('equalTo' in value);
  return isPlain && (value instanceof ListValue || value instanceof MapValue) && value.size === 0;
}

const element = (list: Value, at: number): Value => {
  const value = (list as ListValue).size === 0 ? undefined : (list as ListValue).at(at);
  return value === undefined ? optionalNone : new OptionalValue(value);
};

function unwrap(list: Value): Value {
  const values: Value[] = [];
  for (const each of elements(list as ListValue)) {
    if (!(each instanceof OptionalValue)) return new CelError(`value ${goText(each)} is not optional`);
    if (each.value !== undefined) values.push(each.value);
  }
  return new ArrayList(values);
}

export const optionalFunctions: FunctionLibrary = {
  'optional.of': { overloads: { optional_of: { unary: (value) => new OptionalValue(value) } } },
  'optional.ofNonZeroValue': {
    overloads: {
      optional_ofNonZeroValue: { unary: (value) => (isZero(value) ? optionalNone : new OptionalValue(value)) },
    },
  },
  'optional.none': { overloads: { optional_none: { variadic: () => optionalNone } } },
  'optional.unwrap': { overloads: { optional_unwrap: { unary: unwrap } } },
  unwrapOpt: { overloads: { optional_unwrapOpt: { unary: unwrap } } },
  value: {
    overloads: {
      optional_value: {
        unary: (value) => (value as OptionalValue).value ?? emptyValue(value as OptionalValue),
      },
    },
  },
  hasValue: { overloads: { optional_hasValue: { unary: (value) => (value as OptionalValue).value !== undefined } } },
  first: { overloads: { list_first: { unary: (list) => element(list, 0) } } },
  last: { overloads: { list_last: { unary: (list) => element(list, (list as ListValue).size - 1) } } },
};

/** Null is a value too, which `??` takes for none. */
const emptyValue = ({ value }: OptionalValue): Value =>
  value === undefined ? new CelError('optional.none() dereference') : value;

function insertAll(map: Value, more: Value): Value {
  let result = map as MapValue;
  for (const key of (more as MapValue).keys()) {
    const inserted = insertKey(result, key, (more as MapValue).find(key) as Value);
    if (isError(inserted)) return inserted;
    result = inserted as MapValue;
  }
  return result;
}

export const mapInsertFunctions: FunctionLibrary = {
  'cel.@mapInsert': {
    overloads: {
      '@mapInsert_map_key_value': {
        variadic: ([map, key, value]) => insertKey(map as MapValue, key as Value, value as Value),
      },
      '@mapInsert_map_map': { binary: insertAll },
    },
  },
};
