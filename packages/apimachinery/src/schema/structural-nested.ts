import { FieldError, type FieldPath } from '../errors/index.ts';
import { hasDefault } from './defaults.ts';
import { itemSchema } from './objects.ts';
import type { StructuralSchema } from './types.ts';

type CheckValueRules = (
  schema: StructuralSchema,
  skipAnyOf: boolean,
  skipFirstAllOf: boolean,
  path: FieldPath,
) => FieldError[];

/** Keywords that may not appear below a junctor, in the order in which they are reported, with what they must be. */
const forbidden: readonly (readonly [keyof StructuralSchema, string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

/** A schema below anyOf, allOf, oneOf or not may only judge values. */
export function checkNested(
  schema: StructuralSchema,
  skipAnyOf: boolean,
  path: FieldPath,
  checkValueRules: CheckValueRules,
): FieldError[] {
  const errors = checkValueRules(schema, skipAnyOf, false, path);
  const items = itemSchema(schema);
  if (items) errors.push(...checkNested(items, false, path.child('items'), checkValueRules));
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    errors.push(...checkNested(below, false, path.child('properties').key(key), checkValueRules));
  }
  for (const [keyword, must] of forbidden) {
    if (keyword === 'default' ? hasDefault(schema) : isSet(schema[keyword])) {
      errors.push(FieldError.forbidden(path.child(keyword), `must be ${must} to be structural`));
    }
  }
  if (schema.properties && Object.hasOwn(schema.properties, 'metadata')) {
    const at = path.child('properties').key('metadata');
    errors.push(FieldError.forbidden(at, 'must not be specified in a nested context'));
  }
  return errors;
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return !(Array.isArray(value) && value.length === 0);
}

/** Whatever a junctor judges must be named by the schema outside of junctors as well. */
export function checkCompleteness(
  rules: StructuralSchema,
  schema: StructuralSchema | undefined,
  path: FieldPath,
  rulesPath: FieldPath,
): FieldError[] {
  if (schema === undefined) return [FieldError.required(path, `because it is defined in ${rulesPath}`)];
  const errors: FieldError[] = [];
  const nested = (below: StructuralSchema, at: FieldPath) => errors.push(...checkBelow(below, schema, path, at));
  if (rules.not) nested(rules.not, rulesPath.child('not'));
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [i, below] of (rules[junctor] ?? []).entries()) nested(below, rulesPath.child(junctor).index(i));
  }
  return errors;
}

function checkBelow(
  rules: StructuralSchema,
  schema: StructuralSchema | undefined,
  path: FieldPath,
  rulesPath: FieldPath,
): FieldError[] {
  if (schema === undefined) return [FieldError.required(path, `because it is defined in ${rulesPath}`)];
  const errors = checkCompleteness(rules, schema, path, rulesPath);
  const items = itemSchema(rules);
  if (items) errors.push(...checkBelow(items, itemSchema(schema), path.child('items'), rulesPath.child('items')));
  for (const [key, below] of Object.entries(rules.properties ?? {})) {
    const at = path.child('properties').key(key);
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    errors.push(...checkBelow(below, property, at, rulesPath.child('properties').key(key)));
  }
  return errors;
}
