import { goFloat, goNumber } from '../errors/index.ts';
import type { Result } from './result.ts';
import type { StructuralSchema } from './types.ts';

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** Whether Go's decoder made an int64 of it; everything else is a float64 there. */
export function isGoInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' ? value >= int64.least && value <= int64.most : Number.isSafeInteger(value);
}

/** Whether a float64 counts as an integer: exactly, or but for an error of 1e-9, and within 2^53. */
export function isJsonInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  if (Number.isInteger(value)) return true;
  if (value < 0) return false;
  const floor = Math.trunc(value);
  return floor !== 0 && (value - floor) / (value + floor) < 1e-9;
}

interface NumberRules {
  readonly type: string;
  readonly format: string;
  readonly schema: StructuralSchema;
}

/** The checks of a number, or undefined when the schema has none. */
export function compileNumberCheck(
  schema: StructuralSchema,
  format: string,
): (value: number | bigint, path: string, result: Result) => void {
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true;
  const type = !isIntOrString && (schema.type === 'integer' || schema.type === 'number') ? schema.type : '';
  const rules: NumberRules = { type, format: type === '' ? '' : format, schema };
  return (value, path, result) => {
    // Counted by the check itself and by the schema that runs it.
    result.matches += 2;
    checkRange(value, rules, 'Checked', path, result);
    if (schema.multipleOf !== undefined) checkMultiple(value, schema.multipleOf, rules, path, result);
    if (schema.minimum !== undefined) checkBound(value, schema.minimum, 'minimum', rules, path, result);
    if (schema.maximum !== undefined) checkBound(value, schema.maximum, 'maximum', rules, path, result);
  };
}

/** Whether the value (or a limit of the schema) fits the type and format. */
function checkRange(
  value: number | bigint,
  { type, format }: NumberRules,
  what: string,
  path: string,
  result: Result,
): boolean {
  if (fits(value, type, format)) return true;
  const detail = format === '' ? '(default format)' : `with format ${format}`;
  result.add({ kind: 'composite', name: path, message: `${what} value must be of type ${type} ${detail} in ${path}` });
  return false;
}

function fits(value: number | bigint, type: string, format: string): boolean {
  if (type === 'integer') {
    if (typeof value === 'number' && !Number.isInteger(value)) return false;
    if (format === 'int32') return value >= -(2 ** 31) && value <= 2 ** 31 - 1;
    return value >= int64.least && value <= int64.most;
  }
  return type !== 'number' || format !== 'float' || Number.isFinite(Math.fround(Number(value)));
}

function checkMultiple(value: number | bigint, factor: number, rules: NumberRules, path: string, result: Result): void {
  const isNative = checkRange(factor, rules, 'MultipleOf', path, result);
  const asInteger = isNative && isGoInteger(value);
  const used = asInteger ? Math.trunc(factor) : factor;
  const shown = asInteger ? String(used) : goFloat(used);
  if (used <= 0) {
    const message = `factor MultipleOf declared for ${path} must be positive: ${shown}`;
    result.add({ kind: 'invalid', name: path, value: used, message });
    return;
  }
  const isMultiple = asInteger
    ? BigInt(value) % BigInt(used) === 0n
    : isJsonInteger(used < 1 ? (1 / used) * Number(value) : Number(value) / used);
  if (isMultiple) return;
  const message = `${path} in body should be a multiple of ${shown}`;
  result.add({ kind: 'invalid', name: path, value: asGo(value), message });
}

function checkBound(
  value: number | bigint,
  bound: number,
  side: 'minimum' | 'maximum',
  rules: NumberRules,
  path: string,
  result: Result,
): void {
  const isNative = checkRange(bound, rules, side === 'minimum' ? 'Minimum boundary' : 'Maximum boundary', path, result);
  const asInteger = isNative && isGoInteger(value);
  const limit = asInteger ? Math.trunc(bound) : bound;
  const isExclusive = side === 'minimum' ? rules.schema.exclusiveMinimum : rules.schema.exclusiveMaximum;
  const isBroken =
    side === 'minimum'
      ? value < limit || (isExclusive === true && value <= limit)
      : value > limit || (isExclusive === true && value >= limit);
  if (!isBroken) return;
  const words = side === 'minimum' ? 'greater than' : 'less than';
  const shown = asInteger ? goNumber(limit) : goFloat(limit);
  const message = `${path} in body should be ${words}${isExclusive === true ? '' : ' or equal to'} ${shown}`;
  result.add({ kind: 'invalid', name: path, value: asGo(value), message });
}

/** A bigint beyond int64 is a float64 on the server. */
function asGo(value: number | bigint): number | bigint {
  return isGoInteger(value) ? value : Number(value);
}
