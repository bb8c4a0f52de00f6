import { goQuote } from '../errors/index.ts';
import { stringifyJson } from '../json/index.ts';
import type { JsonValue } from '../meta/index.ts';
import { deepEqual } from '../patch/index.ts';
import { compileFieldsCheck, compileItemsCheck } from './containers.ts';
import type { Correlated } from './correlate.ts';
import { effectiveFormat, stringFormat } from './formats.ts';
import { compileJunctors } from './junctors.ts';
import { compileNumberCheck, isGoInteger, isJsonInteger } from './numbers.ts';
import type { Fields } from './objects.ts';
import { compilePattern } from './pattern.ts';
import type { Problem, Result } from './result.ts';
import type { StructuralSchema } from './types.ts';

/** A schema made into a function. Fills in `result`; `correlated` is given for updates. */
export type Check = (value: unknown, path: string, result: Result, correlated: Correlated | undefined) => void;

type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

/**
 * Makes one function of a schema. It finds what the server's validation library finds, in its order: type,
 * junctors, string, format, number, list, enum, object; a failed type stops none of the others.
 */
export function compileCheck(schema: StructuralSchema): Check {
  const types = typesOf(schema);
  const format = effectiveFormat(schema);
  const checkType = compileTypeCheck(types, schema.nullable === true, format);
  const checkJunctors = compileJunctors(schema, compileCheck);
  const checkString = compileStringCheck(schema, format);
  const checkNumber = compileNumberCheck(schema, format);
  const checkEnum = compileEnumCheck(schema);
  const checkItems = compileItemsCheck(schema, compileCheck);
  const checkFields = compileFieldsCheck(schema, compileCheck);
  const appliesType = types.length > 0 || format !== '';
  // Counted for every value: junctors twice, the enum, the whole, and the type where it is checked.
  const made = appliesType ? 5 : 4;
  return (value, path, result, correlated) => {
    const type = jsonTypeOf(value);
    if (type === 'null') {
      checkType(value, type, path, result);
      checkEnum?.(value, type, path, result);
      return;
    }
    result.matches += made;
    if (appliesType) checkType(value, type, path, result);
    checkJunctors?.(value, path, result, correlated);
    if (type === 'string') checkString(value as string, path, result);
    else if (type === 'integer' || type === 'number') checkNumber(value as number | bigint, path, result);
    else if (type === 'array') checkItems(value as readonly unknown[], path, result, correlated);
    checkEnum?.(value, type, path, result);
    if (type === 'object') checkFields(value as Fields, path, result, correlated);
  };
}

function typesOf(schema: StructuralSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

function jsonTypeOf(value: unknown): JsonType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return isGoInteger(value) ? 'integer' : 'number';
    case 'boolean':
      return 'boolean';
    default:
      return value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : 'object';
  }
}

type TypedCheck = (value: unknown, type: JsonType, path: string, result: Result) => void;

const goFormats: Partial<Record<JsonType, string>> = { integer: 'int64', number: 'float64' };

function compileTypeCheck(types: readonly string[], isNullable: boolean, format: string): TypedCheck {
  const isNumeric = types.includes('number') || types.includes('integer');
  const names = types.join(',');
  const fail = (expected: string, found: string, path: string, result: Result) => {
    const message = `${path} in body must be of type ${expected}: ${goQuote(found)}`;
    result.add({ kind: 'type', name: path, value: found, message });
  };
  return (value, type, path, result) => {
    if (type === 'null') {
      if (types.length > 0 && !isNullable) fail(names, 'null', path, result);
      else result.matches++;
      return;
    }
    const fits =
      types.includes(type) ||
      (type === 'number' && types.includes('integer') && isJsonInteger(Number(value))) ||
      (type === 'integer' && types.includes('number'));
    const isTextual = type === 'string' || type === 'array';
    if (fits) result.matches++;
    else if (format !== '' && !isTextual) fail(format, goFormats[type] ?? '', path, result);
    else if (format !== '' && !isNumeric) result.matches++;
    else fail(names, type, path, result);
  };
}

function compileStringCheck(
  schema: StructuralSchema,
  format: string,
): (value: string, path: string, result: Result) => void {
  const checkFormat = stringFormat(format);
  const { maxLength, minLength, pattern } = schema;
  const compiled = pattern === undefined || pattern === '' ? undefined : compilePattern(pattern);
  const invalid = (value: string, path: string, words: string): Problem => ({
    kind: 'invalid',
    name: path,
    value,
    message: `${path} in body ${words}`,
  });
  const first = (value: string, path: string): Problem | undefined => {
    if (maxLength !== undefined && value.length > maxLength && runes(value) > maxLength) {
      const message = `${path} in body should be at most ${maxLength} chars long`;
      return { kind: 'tooLong', name: path, limit: maxLength, message };
    }
    if (minLength !== undefined && runes(value) < minLength) {
      return invalid(value, path, `should be at least ${minLength} chars long`);
    }
    if (compiled === undefined) return undefined;
    if ('error' in compiled) {
      return invalid(value, path, `should match '${pattern}, but pattern is invalid: ${compiled.error}'`);
    }
    return compiled.test(value) ? undefined : invalid(value, path, `should match '${pattern}'`);
  };
  return (value, path, result) => {
    result.matches += checkFormat ? 2 : 1;
    const problem = first(value, path);
    if (problem) result.add(problem);
    if (!checkFormat || checkFormat(value)) return;
    const message = `${path} in body must be of type ${format}: ${goQuote(value)}`;
    result.add({ kind: 'type', name: path, value, message });
  };
}

/** Lengths are counted in Unicode characters, not in UTF-16 units. */
function runes(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) !== 0xd800 || (text.charCodeAt(i + 1) & 0xfc00) !== 0xdc00) continue;
    pairs++;
    i++;
  }
  return text.length - pairs;
}

function compileEnumCheck(schema: StructuralSchema): TypedCheck | undefined {
  const values = schema.enum;
  if (values === undefined || values.length === 0) return undefined;
  const supported = values.map((value) =>
    typeof value === 'string' ? value : stringifyJson(value, { sortKeys: true }),
  );
  const words = values.map((value) => (typeof value === 'string' ? value : stringifyJson(value))).join(' ');
  return (value, type, path, result) => {
    if (type !== 'null' && values.some((allowed) => isEnumValue(value, type, allowed))) return;
    const message = `${path} in body should be one of [${words}]`;
    result.add({ kind: 'enum', name: path, value, supported, message });
  };
}

/** The server converts the value to the type of the allowed one first: 1.5 becomes 1, and 97 becomes "a". */
function isEnumValue(value: unknown, type: JsonType, allowed: JsonValue): boolean {
  if (allowed === null) return false;
  if (type === 'number' && isGoNumber(allowed) && isGoInteger(allowed)) {
    return BigInt(Math.trunc(Number(value))) === BigInt(allowed);
  }
  if (type === 'integer' && typeof allowed === 'string') {
    const point = Number(value);
    return point >= 0 && point <= 0x10ffff && String.fromCodePoint(point) === allowed;
  }
  return deepEqual(value, allowed);
}

function isGoNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
