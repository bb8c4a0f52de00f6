export { add, divide, modulo, multiply, negate, subtract } from './arithmetic.ts';
export { ArrayList, GrowingList, GrowingMap, HashMap, insertKey, StructValue } from './collections.ts';
export { compare, compareStrings, isComparable } from './compare.ts';
export { type ConversionTarget, convert, durationIn, typeOf } from './convert.ts';
export { equal, equalTo, listContains } from './equality.ts';
export { escapeProperty, unescapeProperty } from './escaping.ts';
export { exactInt, toInt } from './integers.ts';
export { valueOfJson } from './json.ts';
export { withoutSchema } from './native.ts';
export { PreservedValue, valueOfSchema, withTypeAndObjectMeta } from './schema.ts';
export { codePoints, costSize, costSizeThrough, sizeOf } from './size.ts';
export { elements, goText, goTypeName, plainDecimal, rfc3339 } from './text.ts';
export { dayOfYear, fieldsIn, parseTimestamp } from './time.ts';
export {
  BytesValue,
  CelError,
  DoubleValue,
  DurationValue,
  type Int,
  isError,
  isInt,
  ListValue,
  MapValue,
  noSuchOverload,
  ObjectValue,
  OpaqueValue,
  OptionalValue,
  optionalNone,
  TimestampValue,
  TypeValue,
  typeName,
  UintValue,
  type Value,
} from './value.ts';
