import { FieldError, type FieldPath, formatFieldErrors } from '../errors/index.ts';
import { deepEqual } from '../patch/index.ts';
import { hasDefault } from './defaults.ts';
import { coerceEmbedded, validateEmbedded } from './embedded.ts';
import { isMetaField, itemSchema, sortedJson } from './objects.ts';
import { prune } from './prune.ts';
import type { RuleEngine } from './rule-engine.ts';
import type { StructuralSchema } from './types.ts';
import { compileSchema } from './validate.ts';

/** Puts a default where it would sit in an otherwise empty object, so that metadata can be judged whole. */
type Surround = (value: unknown) => unknown;

interface Place {
  /** The object that the default is part of: the root, or the embedded resource around. */
  readonly resource: StructuralSchema;
  readonly surround: Surround;
  readonly isInsideMeta: boolean;
  readonly rules: Rules | undefined;
}

/** CEL rules judge defaults too, all of them within one budget. */
interface Rules {
  readonly engine: RuleEngine;
  remaining: number;
}

const ruleBudget = 10_000_000;

const typeMeta = { apiVersion: 'validation/v1', kind: 'Validation' };
const asResource: Surround = (value) => ({ ...typeMeta, ...(value as object) });

/** Defaults must themselves obey the schema, and name no fields that it does not have. */
export function checkDefaults(schema: StructuralSchema, path: FieldPath, engine?: RuleEngine): FieldError[] {
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  const rules = engine && { engine, remaining: ruleBudget };
  return check(root, path, { resource: root, surround: asResource, isInsideMeta: false, rules });
}

function check(schema: StructuralSchema, path: FieldPath, around: Place): FieldError[] {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const place = isResource ? { ...around, resource: schema, surround: asResource, isInsideMeta: false } : around;
  const errors: FieldError[] = [];
  if (hasDefault(schema)) {
    const at = path.child('default');
    errors.push(...(place.isInsideMeta ? checkInMeta(schema, at, place) : checkHere(schema, at, place)));
  }
  if ((place.rules?.remaining ?? 0) < 0) return errors;
  const items = itemSchema(schema);
  if (items)
    errors.push(...check(items, path.child('items'), { ...place, surround: (value) => place.surround([value]) }));
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    const isInsideMeta = place.isInsideMeta || (isResource && isMetaField.has(key));
    const surround: Surround = (value) => place.surround({ [key]: value });
    errors.push(...check(below, path.child('properties').key(key), { ...place, isInsideMeta, surround }));
  }
  return errors;
}

function checkHere(schema: StructuralSchema, path: FieldPath, place: Place): FieldError[] {
  const value = schema.default;
  const isResourceRoot = schema['x-kubernetes-embedded-resource'] === true;
  const errors: FieldError[] = [];
  if (!deepEqual(prune(value, schema, { isResourceRoot }).value, value)) {
    errors.push(FieldError.invalid(path, sortedJson(value), 'must not have unknown fields'));
  }
  const coerced = coerceEmbedded(value, schema, String(path));
  if (coerced.error) return [...errors, coerced.error];
  const embedded = validateEmbedded(value, schema, String(path));
  if (embedded.length > 0) return [...errors, ...embedded];
  return [...errors, ...checkValue(schema, path, place)];
}

/** The keywords, and if nothing is wrong with them the rules: for a default that stays, and for one that is new. */
function checkValue(schema: StructuralSchema, path: FieldPath, { resource, rules }: Place): FieldError[] {
  const value = schema.default;
  const errors = compileSchema(withoutIntOrString(schema)).validateKeywords(value, { path: String(path) });
  const validator = errors.length === 0 ? rules?.engine.validator(schema, schema === resource) : undefined;
  if (rules === undefined || validator === undefined) return errors;
  const options = { path: String(path), budget: rules.remaining };
  const kept = validator.validate(value, { ...options, old: value });
  const results = kept.errors.length === 0 ? [kept, validator.validate(value, options)] : [kept];
  rules.remaining = Math.min(...results.map((result) => result.remaining));
  return results.flatMap((result) => [...result.errors]);
}

function checkInMeta(schema: StructuralSchema, path: FieldPath, place: Place): FieldError[] {
  const object = place.surround(schema.default);
  const must = (why: string) => [
    FieldError.invalid(path, sortedJson(schema.default), `must result in valid metadata: ${why}`),
  ];
  const coerced = coerceEmbedded(object, place.resource);
  if (coerced.error) return must(String(coerced.error));
  const errors = validateEmbedded(object, place.resource);
  if (errors.length > 0) return must(formatFieldErrors(errors));
  return checkValue(schema, path, place);
}

/** For defaults the server forgets that a schema is int-or-string: without a type of its own, it has none. */
function withoutIntOrString(schema: StructuralSchema): StructuralSchema {
  const { 'x-kubernetes-int-or-string': _, properties, additionalProperties, ...rest } = schema;
  const items = itemSchema(schema);
  const entries = properties && Object.entries(properties).map(([key, below]) => [key, withoutIntOrString(below)]);
  return {
    ...rest,
    ...(items ? { items: withoutIntOrString(items) } : {}),
    ...(entries ? { properties: Object.fromEntries(entries) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'object' ? withoutIntOrString(additionalProperties) : additionalProperties,
        }),
  };
}
