import { BytesValue, ListValue, MapValue, OpaqueValue, OptionalValue, type Value } from './value.ts';

/** Code points of a string: a surrogate pair is one. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

/** What `size(x)` gives; undefined where a value has no size. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string') return codePoints(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  return value instanceof BytesValue ? value.value.length : undefined;
}

/** The size that costs are reckoned with: 1 for whatever has none. */
export function costSize(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof BytesValue) return value.value.length;
  if (value instanceof OpaqueValue) return value.size() ?? 1;
  return 1;
}

/** As cel-go's own functions reckon: an optional is as large as what is in it. */
export const costSizeThrough = (value: Value): number =>
  value instanceof OptionalValue && value.value !== undefined ? costSizeThrough(value.value) : costSize(value);
