import type { Check } from './compile.ts';
import type { Correlated } from './correlate.ts';
import { type Fields, itemSchema } from './objects.ts';
import { Result } from './result.ts';
import type { StructuralSchema } from './types.ts';

/** Makes a check of a schema below; handed in, so that files need not import each other. */
type Compile = (schema: StructuralSchema) => Check;

type ContainerCheck<T> = (value: T, path: string, result: Result, correlated: Correlated | undefined) => void;

export function compileItemsCheck(schema: StructuralSchema, compile: Compile): ContainerCheck<readonly unknown[]> {
  const { minItems, maxItems } = schema;
  const items = itemSchema(schema);
  const check = items && compile(items);
  return (value, path, result, correlated) => {
    result.matches += 2;
    if (check) {
      for (let i = 0; i < value.length; i++) {
        checkPart(check, value[i], `${path}[${i}]`, result, correlated?.item(i));
      }
    }
    const size = value.length;
    if (minItems !== undefined && size < minItems) {
      const message = `${path} in body should have at least ${minItems} items`;
      result.add({ kind: 'invalid', name: path, value: size, message });
    }
    if (maxItems !== undefined && size > maxItems) {
      const message = `${path} in body should have at most ${maxItems} items`;
      result.add({ kind: 'tooMany', name: path, value: size, limit: maxItems, message });
    }
  };
}

export function compileFieldsCheck(schema: StructuralSchema, compile: Compile): ContainerCheck<Fields> {
  const { additionalProperties, required = [] } = schema;
  const checks = new Map<string, Check>();
  for (const [key, below] of Object.entries(schema.properties ?? {})) checks.set(key, compile(below));
  const additional = typeof additionalProperties === 'object' ? compile(additionalProperties) : undefined;
  const checkSize = compileSizeCheck(schema);
  return (value, path, result, correlated) => {
    result.matches++;
    checkSize?.(value, path, result);
    if (additionalProperties === false) forbidOthers(value, checks, path, result);
    else if (additional) {
      for (const key of Object.keys(value)) {
        if (!checks.has(key)) checkPart(additional, value[key], `${path}.${key}`, result, correlated?.field(key));
      }
    }
    for (const [key, check] of checks) {
      if (!Object.hasOwn(value, key)) continue;
      const at = path === '' ? key : `${path}.${key}`;
      // The two members of the type say under which version both objects were read: they never count as unchanged.
      const isTypeMeta = path === '' && (key === 'apiVersion' || key === 'kind');
      checkPart(check, value[key], at, result, isTypeMeta ? undefined : correlated?.field(key));
    }
    for (const key of required) {
      if (Object.hasOwn(value, key)) continue;
      result.add({ kind: 'required', name: `${path}.${key}`, message: `${path}.${key} in body is required` });
    }
  };
}

/** What is wrong with a part that did not change since the stored object stays allowed (ratcheting). */
function checkPart(
  check: Check,
  value: unknown,
  path: string,
  result: Result,
  correlated: Correlated | undefined,
): void {
  if (correlated === undefined) {
    check(value, path, result, undefined);
    return;
  }
  const inner = new Result();
  check(value, path, inner, correlated);
  if (inner.isValid || !correlated.isUnchanged()) result.merge(inner);
  else result.matches += inner.matches;
}

function compileSizeCheck(
  schema: StructuralSchema,
): ((value: Fields, path: string, result: Result) => void) | undefined {
  const { minProperties, maxProperties } = schema;
  if (minProperties === undefined && maxProperties === undefined) return undefined;
  return (value, path, result) => {
    const size = Object.keys(value).length;
    if (minProperties !== undefined && size < minProperties) {
      const message = `${path} in body should have at least ${minProperties} properties`;
      result.add({ kind: 'invalid', name: path, value: size, message });
    }
    if (maxProperties !== undefined && size > maxProperties) {
      const message = `${path} in body should have at most ${maxProperties} properties`;
      result.add({ kind: 'tooMany', name: path, value: size, limit: maxProperties, message });
    }
  };
}

function forbidOthers(value: Fields, known: ReadonlyMap<string, Check>, path: string, result: Result): void {
  for (const key of Object.keys(value)) {
    if (known.has(key)) continue;
    const message = `${path}.${key} in body is a forbidden property`;
    result.add({ kind: 'invalid', name: path, value: key, message });
  }
}
