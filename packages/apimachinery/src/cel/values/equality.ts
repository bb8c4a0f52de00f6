import { isNumeric, sameNumber } from './compare.ts';
import {
  BytesValue,
  CelError,
  DurationValue,
  ListValue,
  MapValue,
  noSuchOverload,
  type ObjectValue,
  OptionalValue,
  TimestampValue,
  TypeValue,
  type Value,
} from './value.ts';

/** Values that know better than this file what they equal: Kubernetes' types, and data with a schema. */
interface Comparing {
  equalTo(other: Value): boolean | CelError;
}

const hasOwnEquality = (value: ObjectValue): value is ObjectValue & Comparing => 'equalTo' in value;

/** `a == b`: null equals null only; everything else as the left side's type compares. */
export function equal(a: Value, b: Value): boolean | CelError {
  if (a === null || b === null) return a === b;
  return equalTo(a, b);
}

/** The left side's own equality, which differs from `==` in what null does. An error where it has none with the right. */
export function equalTo(a: Value, b: Value): boolean | CelError {
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return a === b;
  if (isNumeric(a)) return a === b || (isNumeric(b) && sameNumber(a, b));
  if (hasOwnEquality(a)) return a.equalTo(b);
  if (a instanceof ListValue) return b instanceof ListValue && sameElements(a, b);
  if (a instanceof MapValue) return b instanceof MapValue && sameEntries(a, b);
  if (a instanceof TimestampValue) {
    return b instanceof TimestampValue && a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
  }
  if (a instanceof DurationValue) return b instanceof DurationValue && a.nanoseconds === b.nanoseconds;
  if (a instanceof BytesValue) return b instanceof BytesValue && sameBytes(a.value, b.value);
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof OptionalValue) return b instanceof OptionalValue && sameOptional(a, b);
  return a instanceof CelError ? a : noSuchOverload(b);
}

/** As cel-go: elements that cannot be compared do not make lists differ. */
function sameElements(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) {
    if (equal(a.at(i), b.at(i)) === false) return false;
  }
  return true;
}

function sameEntries(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.find(key);
    if (other === undefined || equal(a.find(key) as Value, other) === false) return false;
  }
  return true;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

function sameOptional(a: OptionalValue, b: OptionalValue): boolean | CelError {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equalTo(a.value, b.value);
}

/** Whether a list holds the element. */
export function listContains(list: ListValue, element: Value): boolean | CelError {
  const isOfSchema = hasOwnEquality(list);
  let failure: CelError | undefined;
  for (let i = 0; i < list.size; i++) {
    const same = isOfSchema ? equalTo(list.at(i), element) : equalTo(element, list.at(i));
    if (same === true) return true;
    if (isOfSchema && same instanceof CelError) failure ??= same;
  }
  return failure ?? false;
}
