import { FieldError, type FieldPath } from '../errors/index.ts';
import { checkListAndMapTypes } from './list-rules.ts';
import { isMetaField, itemSchema } from './objects.ts';
import type { RuleScope } from './rule-engine.ts';
import { checkRuleTexts } from './rule-texts.ts';
import type { StructuralSchema } from './types.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

interface Place {
  readonly isRoot: boolean;
  /** Below apiVersion, kind or metadata of the root or of an embedded resource. */
  readonly isInsideMeta: boolean;
  /** Why defaults are not allowed here. */
  readonly noDefaults?: string;
  /** The list or map above whose parts cannot be compared with what they were. */
  readonly uncorrelatable?: FieldPath;
  /** Where CEL rules are to be compiled. */
  readonly rules?: RuleScope;
}

/** The rules of every keyword of a schema, structural or not. With `rules` CEL rules are compiled too. */
export function checkOpenApiRules(schema: StructuralSchema, path: FieldPath, rules?: RuleScope): FieldError[] {
  const ofRules: FieldError[] = [];
  const place: Place = { isRoot: true, isInsideMeta: false, ...(rules ? { rules } : {}) };
  return [...checkNode(schema, path, place, ofRules), ...ofRules];
}

function checkNode(schema: StructuralSchema, path: FieldPath, place: Place, ofRules: FieldError[]): FieldError[] {
  const errors = checkKeywords(schema, path, place);
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(FieldError.forbidden(path.child('uniqueItems'), detail));
  }
  const add = (found: readonly FieldError[]) => {
    for (const error of found) errors.push(error);
  };
  add(checkAdditional(schema, path, place, ofRules));
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    add(checkNode(below, path.child('properties').key(key), placeOfProperty(schema, key, below, path, place), ofRules));
  }
  const inside = withoutScope({ ...place, isRoot: false });
  const check = (below: StructuralSchema, at: FieldPath) => add(checkNode(below, at, inside, ofRules));
  if (schema.not) check(schema.not, path.child('not'));
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, below] of (schema[junctor] ?? []).entries()) check(below, path.child(junctor).index(i));
  }
  for (const [key, below] of Object.entries(schema.definitions ?? {})) check(below, path.child('definitions').key(key));
  const items = itemSchema(schema);
  if (items) add(checkNode(items, path.child('items'), placeOfItems(schema, items, path, place), ofRules));
  else if (Array.isArray(schema.items)) {
    for (const [i, below] of schema.items.entries()) check(below, path.child('items').index(i));
  }
  for (const [key, below] of Object.entries(schema.dependencies ?? {})) {
    if (!Array.isArray(below)) check(below as StructuralSchema, path.child('dependencies').key(key));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = path.child('x-kubernetes-preserve-unknown-fields');
    errors.push(FieldError.invalid(at, false, 'must be true or undefined'));
  }
  add(checkListAndMapTypes(schema, path));
  add(checkRuleTexts(schema, path));
  const hasRules = (schema['x-kubernetes-validations'] ?? []).length > 0;
  if (hasRules && place.rules && errors.length === 0) ofRules.push(...place.rules.check(path, place.uncorrelatable));
  return errors;
}

function withoutScope(place: Place): Place {
  const { rules: _, ...rest } = place;
  return rest;
}

function placeOfProperty(
  schema: StructuralSchema,
  key: string,
  property: StructuralSchema,
  path: FieldPath,
  place: Place,
): Place {
  const isMeta = (place.isRoot || schema['x-kubernetes-embedded-resource'] === true) && isMetaField.has(key);
  const below: Place = {
    ...place,
    isRoot: false,
    isInsideMeta: place.isInsideMeta || isMeta,
    ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${key}` } : {}),
    ...(place.rules ? { rules: place.rules.property(key, property) } : {}),
  };
  const { 'x-kubernetes-map-type': mapType = 'granular' } = schema;
  return mapType === 'granular' || mapType === 'atomic' ? below : uncorrelated(below, path);
}

/** Only items of maps have old values: those of sets are their own identity. */
function placeOfItems(schema: StructuralSchema, items: StructuralSchema, path: FieldPath, place: Place): Place {
  const below: Place = { ...place, isRoot: false, ...(place.rules ? { rules: place.rules.items(items) } : {}) };
  return schema['x-kubernetes-list-type'] === 'map' ? below : uncorrelated(below, path);
}

function uncorrelated(place: Place, path: FieldPath): Place {
  return place.uncorrelatable === undefined ? { ...place, uncorrelatable: path } : place;
}

function checkAdditional(schema: StructuralSchema, path: FieldPath, place: Place, ofRules: FieldError[]): FieldError[] {
  const { additionalProperties, properties } = schema;
  if (additionalProperties === undefined) return [];
  const at = path.child('additionalProperties');
  const errors: FieldError[] = [];
  if (Object.keys(properties ?? {}).length > 0 && additionalProperties !== true) {
    errors.push(FieldError.forbidden(at, 'additionalProperties and properties are mutual exclusive'));
  }
  if (typeof additionalProperties !== 'object') return errors;
  const noDefaults = 'inside additionalProperties applying to object metadata';
  const below: Place = {
    ...place,
    isRoot: false,
    ...(place.isInsideMeta ? { noDefaults } : {}),
    ...(place.rules ? { rules: place.rules.additional(additionalProperties) } : {}),
  };
  return [...errors, ...checkNode(additionalProperties, at, below, ofRules)];
}

function checkKeywords(schema: StructuralSchema, path: FieldPath, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '' } = schema;
  const isGiven = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (type !== '' && !types.includes(type)) errors.push(FieldError.notSupported(path.child('type'), type, types));
  if (schema.default !== undefined && place.noDefaults !== undefined) {
    errors.push(FieldError.forbidden(path.child('default'), `must not be set ${place.noDefaults}`));
  }
  const unsupported: readonly (readonly [string, boolean])[] = [
    ['id', (schema.id ?? '') !== ''],
    ['additionalItems', schema.additionalItems !== undefined],
    ['patternProperties', isGiven(schema.patternProperties)],
    ['definitions', isGiven(schema.definitions)],
    ['dependencies', schema.dependencies !== undefined],
    ['$ref', schema.$ref !== undefined],
  ];
  for (const [name, isUsed] of unsupported) {
    if (isUsed) errors.push(FieldError.forbidden(path.child(name), `${name} is not supported`));
  }
  if (type === 'null') {
    const detail = 'type cannot be set to null, use nullable as an alternative';
    errors.push(FieldError.forbidden(path.child('type'), detail));
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(FieldError.forbidden(path.child('items'), 'items must be a schema object and not an array'));
  }
  if (place.isInsideMeta && schema['x-kubernetes-embedded-resource'] === true) {
    const at = path.child('x-kubernetes-embedded-resource');
    errors.push(FieldError.forbidden(at, 'must not be used inside of resource meta'));
  }
  return errors;
}
