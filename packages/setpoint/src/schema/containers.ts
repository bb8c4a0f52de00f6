import type { StructuralSchema, ValidationRule } from '@setpoint/apimachinery/schema';
import { isObject, items, type JsonSchema, member, type Place, refuse } from './context.ts';
import { plainSlashes, whyNotRe2 } from './patterns.ts';

type Convert = (schema: unknown, place: Place) => StructuralSchema;

const preserve = 'x-kubernetes-preserve-unknown-fields';

export function convertObject(schema: JsonSchema, place: Place, convert: Convert): StructuralSchema {
  const out: Record<string, unknown> = { type: 'object' };
  for (const keyword of ['minProperties', 'maxProperties'])
    if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  const properties: Record<string, StructuralSchema> = {};
  for (const [name, value] of Object.entries(isObject(schema.properties) ? schema.properties : {}))
    define(properties, name, convert(value, member(place, name)));
  if (Array.isArray(schema.required) && schema.required.length > 0) out.required = [...new Set(schema.required)];
  addMapValues(out, properties, schema, place, convert);
  if (Object.keys(properties).length > 0) out.properties = properties;
  if (schema['x-kubernetes-embedded-resource'] === true) return out as StructuralSchema;
  const says = out.properties ?? out.additionalProperties ?? schema.properties ?? schema[preserve] ?? out[preserve];
  if (says === undefined) {
    return refuse(
      place,
      'EmptySchema',
      'the object has no members, so the API server would prune all of it',
      'describe its members, or keep everything in it with .meta(preserveUnknown())',
    );
  }
  return out as StructuralSchema;
}

/** An own member, whatever its name; `__proto__` too. */
function define(target: Record<string, StructuralSchema>, name: string, value: StructuralSchema): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Members whose names are not fixed: maps, loose objects, records with rules for their keys. */
function addMapValues(
  out: Record<string, unknown>,
  properties: Record<string, StructuralSchema>,
  schema: JsonSchema,
  place: Place,
  convert: Convert,
): void {
  const { values, keys } = mapOf(schema, place);
  if (values === undefined || values === false || schema[preserve] === true) return;
  const everything = values === true || (isObject(values) && Object.keys(values).length === 0);
  const fixed = keys && namesOf(keys);
  if (fixed) {
    for (const name of fixed) define(properties, name, convert(values, member(place, name)));
    return;
  }
  if (Object.keys(properties).length > 0) {
    if (everything) out[preserve] = true;
    else
      refuse(
        place,
        'CatchallTyping',
        'an object has either fixed members or members of one type, not both',
        'put the map into a member of its own, or give up its type with .meta(preserveUnknown())',
      );
    return;
  }
  if (everything) {
    refuse(
      place,
      'EmptySchema',
      'the map says nothing of its values, so the API server would prune them',
      'give the values a type, or keep everything with .meta(preserveUnknown())',
    );
    return;
  }
  out.additionalProperties = convert(values, member(place, '*'));
  if (keys) addKeyRules(out, keys, place);
}

/** The schemas of a map's values and keys, whichever way a library writes them. */
function mapOf(schema: JsonSchema, place: Place): { values: unknown; keys: JsonSchema | undefined } {
  const keys = isObject(schema.propertyNames) ? schema.propertyNames : undefined;
  const patterns = Object.entries(isObject(schema.patternProperties) ? schema.patternProperties : {});
  const [first] = patterns;
  if (!first) return { values: schema.additionalProperties, keys };
  if (patterns.length > 1) {
    refuse(place, 'PropertyNames', 'members are typed by several patterns of their names', 'use one map for each type');
    return { values: undefined, keys: undefined };
  }
  const [pattern, values] = first;
  const any = ['^.*$', '.*', '^(.*)$', '', '^'].includes(pattern);
  return { values, keys: any ? keys : { ...keys, pattern } };
}

function namesOf(keys: JsonSchema): readonly string[] | undefined {
  const values = Array.isArray(keys.enum) ? keys.enum : 'const' in keys ? [keys.const] : undefined;
  return values?.every((value) => typeof value === 'string') ? values : undefined;
}

/** Rules for the names of a map's members, which OpenAPI has not and CEL has. */
function addKeyRules(out: Record<string, unknown>, keys: JsonSchema, place: Place): void {
  const rules: ValidationRule[] = [];
  const rule = (text: string, message: string) => rules.push({ rule: `self.all(key, ${text})`, message });
  for (const [keyword, value] of Object.entries(keys)) {
    if (keyword === 'type' || keyword === 'description' || keyword.startsWith('$')) continue;
    if (keyword === 'pattern' && typeof value === 'string' && !whyNotRe2(value))
      rule(`key.matches(${JSON.stringify(plainSlashes(value))})`, `every key must match ${plainSlashes(value)}`);
    else if (keyword === 'minLength')
      rule(`key.size() >= ${value}`, `every key must have at least ${value} characters`);
    else if (keyword === 'maxLength') rule(`key.size() <= ${value}`, `no key may have more than ${value} characters`);
    else
      refuse(
        place,
        'PropertyNames',
        `the keys of a map cannot have the rule '${keyword}'`,
        "use a CEL rule: .meta(rules({ rule: 'self.all(key, …)' }))",
      );
  }
  if (rules.length === 0) return;
  out['x-kubernetes-validations'] = rules;
}

const scalar: ReadonlySet<string | undefined> = new Set(['string', 'integer', 'number', 'boolean']);

export function convertArray(schema: JsonSchema, place: Place, convert: Convert): StructuralSchema {
  if (Array.isArray(schema.prefixItems) || Array.isArray(schema.items)) {
    return refuse(
      place,
      'Tuple',
      'a CRD has no tuples',
      'write an object with a named member for each position, or a list of one type',
    );
  }
  const out: Record<string, unknown> = { type: 'array' };
  for (const keyword of ['minItems', 'maxItems']) if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  const item = convert(schema.items ?? true, items(place));
  out.items = item;
  if (schema.uniqueItems === true && !schema['x-kubernetes-list-type']) out['x-kubernetes-list-type'] = 'set';
  const listType = schema['x-kubernetes-list-type'] ?? out['x-kubernetes-list-type'];
  if (listType === 'set' && !scalar.has(item.type) && !isAtomic(item))
    refuse(
      place,
      'ListType',
      'only scalars can be told apart in a set',
      'use listMap(…) for objects, with the keys that tell them apart',
    );
  if ((listType === 'set' || listType === 'map') && item.nullable === true)
    refuse(place, 'ListType', `no item of a list ${listType} can be null`, 'make the items not nullable');
  if (listType === 'map') checkMapKeys(schema, item, place);
  return out as StructuralSchema;
}

function isAtomic(item: StructuralSchema): boolean {
  return item['x-kubernetes-map-type'] === 'atomic' || item['x-kubernetes-list-type'] === 'atomic';
}

function checkMapKeys(schema: JsonSchema, item: StructuralSchema, place: Place): void {
  const keys = schema['x-kubernetes-list-map-keys'];
  const bad = (message: string, advice: string) => refuse(place, 'ListType', message, advice);
  if (!Array.isArray(keys) || keys.length === 0) bad('a list map has no keys', "write .meta(listMap('name'))");
  else if (item.type !== 'object') bad('a list map has to be of objects', 'use listSet() for scalars');
  else
    for (const key of keys as readonly string[]) {
      const field = item.properties?.[key];
      if (!field) bad(`its items have no member '${key}' to be its key`, 'name a member of the items');
      else if (!scalar.has(field.type)) bad(`the key '${key}' is no scalar`, 'use a string, number or boolean as key');
      else if (!item.required?.includes(key) && field.default === undefined)
        bad(`the key '${key}' may be missing`, 'make it required or give it a default');
    }
}
