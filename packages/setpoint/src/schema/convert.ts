import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { convertArray, convertObject } from './containers.ts';
import { isObject, type JsonSchema, type Place, refuse, without } from './context.ts';
import { neverParsed } from './findings.ts';
import { mergeAll } from './intersection.ts';
import { normalise } from './normalise.ts';
import { patternOfLiterals } from './patterns.ts';
import { convertNumber, convertString, enumType } from './scalars.ts';
import { convertUnion } from './union.ts';

const extensions = [
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
];

/** What a schema has whatever its type. */
const general = ['description', 'title', 'default', 'nullable', 'enum', ...extensions];

const inexpressible: Readonly<Record<string, string>> = {
  if: 'write the rule in CEL: .meta(rules({ rule: … }))',
  else: 'write the rule in CEL: .meta(rules({ rule: … }))',
  contains: 'write the rule in CEL: .meta(rules({ rule: "self.exists(item, …)" }))',
  minContains: 'write the rule in CEL: .meta(rules({ rule: "self.filter(item, …).size() >= …" }))',
  maxContains: 'write the rule in CEL: .meta(rules({ rule: "self.filter(item, …).size() <= …" }))',
  dependencies: 'write the rule in CEL: .meta(rules({ rule: "!has(self.a) || has(self.b)" }))',
  dependentRequired: 'write the rule in CEL: .meta(rules({ rule: "!has(self.a) || has(self.b)" }))',
  dependentSchemas: 'write the rule in CEL: .meta(rules({ rule: "!has(self.a) || …" }))',
  $dynamicRef: 'use an ordinary member',
};

/** Any JSON Schema at a place → the structural schema that means the same; what has none is noted as a problem. */
export function convert(input: unknown, from: Place): StructuralSchema {
  if (input === true) return empty(from);
  if (!isObject(input))
    return refuse(from, 'Keyword', 'the schema allows no value at all', 'leave the member out of the schema');
  if ('~codec' in input || '~refine' in input) {
    return refuse(
      from,
      'ParsingOnly',
      `a codec or refinement only exists in parsing: ${neverParsed}`,
      'describe the value as it is stored, and convert or check it in the controller',
    );
  }
  const normalised = normalise(input, from);
  if (!normalised) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const { schema, place } = normalised;
  checkKeywords(schema, place);
  const converted = byShape(schema, place);
  return finish(converted, schema, place);
}

function checkKeywords(schema: JsonSchema, place: Place): void {
  for (const keyword of Object.keys(schema)) {
    const advice = inexpressible[keyword];
    if (advice) refuse(place, 'Keyword', `a CRD has no '${keyword}'`, advice);
    if (keyword.startsWith('x-kubernetes-') && !extensions.includes(keyword))
      refuse(place, 'Keyword', `there is no '${keyword}'`, `the extensions are ${extensions.join(', ')}`);
  }
}

/** Chooses what the schema is: the first of union, intersection, type that applies. */
function byShape(schema: JsonSchema, place: Place): StructuralSchema {
  if (schema['x-kubernetes-int-or-string'] === true) return convertUnion(schema, place);
  if (Array.isArray(schema.allOf) && schema.allOf.length > 0) {
    const base = without(schema, 'allOf');
    const parts = Object.keys(without(base, ...general)).length > 0 ? [base, ...schema.allOf] : schema.allOf;
    return mergeAll(
      parts.map((part) =>
        isObject(part) && schema.type && !part.type && !part.$ref ? { type: schema.type, ...part } : part,
      ),
      place,
      convert,
    );
  }
  if (Array.isArray(schema.anyOf) || Array.isArray(schema.oneOf)) return convertUnion(schema, place);
  return byType(schema, place);
}

function byType(schema: JsonSchema, place: Place): StructuralSchema {
  const type = schema.type ?? impliedType(schema);
  switch (type) {
    case 'object':
      return convertObject(schema, place, convert);
    case 'array':
      return convertArray(schema, place, convert);
    case 'string':
      return convertString(schema, place);
    case 'number':
    case 'integer':
      return convertNumber(schema, type as 'number' | 'integer', place);
    case 'boolean':
      return { type: 'boolean' };
    case 'null':
      return refuse(place, 'Null', 'the value can only be null', 'leave the member out, or make it nullable');
    case undefined:
      return untyped(schema, place);
    default:
      return refuse(place, 'MissingType', `there is no type '${String(type)}'`, 'use a type of JSON Schema');
  }
}

function impliedType(schema: JsonSchema): string | undefined {
  if (Array.isArray(schema.enum)) return enumType(schema.enum);
  if ('properties' in schema || 'additionalProperties' in schema || 'patternProperties' in schema) return 'object';
  if (schema['x-kubernetes-embedded-resource'] === true || 'propertyNames' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  return undefined;
}

function untyped(schema: JsonSchema, place: Place): StructuralSchema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return {};
  if (Array.isArray(schema.enum)) {
    return refuse(
      place,
      'ScalarUnion',
      'the literals are of several types',
      'use literals of one type, or a CEL rule on a preserved value',
    );
  }
  if (isObject(schema.not) && Object.keys(schema.not).length === 0)
    return refuse(place, 'Keyword', 'the schema allows no value at all', 'leave the member out of the schema');
  if (Object.keys(without(schema, ...general)).length > 0) {
    return refuse(place, 'MissingType', 'the schema has rules and no type', 'give it a type, such as z.string()');
  }
  return empty(place);
}

export function empty(place: Place): StructuralSchema {
  return refuse(
    place,
    'EmptySchema',
    'the schema says nothing of the value, so the API server would prune all of it',
    'describe its members, or keep everything in it with .meta(preserveUnknown())',
  );
}

/** Adds what a schema has whatever its type. */
function finish(converted: StructuralSchema, schema: JsonSchema, place: Place): StructuralSchema {
  const out: Record<string, unknown> = { ...converted };
  for (const keyword of ['description', 'title'] as const)
    if (typeof schema[keyword] === 'string' && schema[keyword] !== '') out[keyword] = schema[keyword];
  if (schema.nullable === true) out.nullable = true;
  if (Array.isArray(schema.enum) && out.enum === undefined) addEnum(out, schema.enum, place);
  for (const extension of extensions) if (schema[extension] !== undefined) out[extension] = schema[extension];
  if (out['x-kubernetes-preserve-unknown-fields'] === false) delete out['x-kubernetes-preserve-unknown-fields'];
  checkFlags(out, place);
  if (out.nullable === true && Array.isArray(out.enum)) nullableEnum(out, out.enum, place);
  const { defaults } = place.conversion.findings;
  if ('default' in schema) addDefault(out, schema.default, place);
  else if (defaults.has(place.path)) addDefault(out, defaults.get(place.path), place);
  checkRules(out, place);
  if (isObject(schema.not) && Object.keys(schema.not).length > 0) out.not = negation(schema.not, place);
  return out as StructuralSchema;
}

function checkFlags(out: Record<string, unknown>, place: Place): void {
  const flags = [
    'x-kubernetes-int-or-string',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
  ].filter((flag) => out[flag] === true);
  if (flags.length > 1 && flags[0] === 'x-kubernetes-int-or-string')
    refuse(place, 'Keyword', `${flags.join(' and ')} contradict each other`, 'keep one of them');
}

function addEnum(out: Record<string, unknown>, values: readonly unknown[], place: Place): void {
  const unique = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  if (out.type === 'boolean' && unique.length === 2) return;
  if (out.type === 'object' || out.type === 'array')
    refuse(place, 'Keyword', 'an enum of objects or lists is none', 'use a CEL rule');
  const type = enumType(unique);
  if (out.type && type !== out.type && !(type === 'integer' && out.type === 'number')) {
    refuse(
      place,
      'ScalarUnion',
      `not all of the literals are of the type ${out.type}`,
      'use literals of one type, and no other type beside them',
    );
    return;
  }
  out.enum = unique;
}

/** An API server refuses null by any enum, even one that names it; a pattern is for strings only and lets null pass. */
function nullableEnum(out: Record<string, unknown>, values: readonly unknown[], place: Place): void {
  const texts = values.filter((value) => typeof value === 'string');
  if (out.type === 'string' && out.pattern === undefined && texts.length === values.length) {
    delete out.enum;
    out.pattern = patternOfLiterals(texts);
  } else
    refuse(
      place,
      'Null',
      'an API server lets no value of an enum be null',
      'make the member optional instead of nullable',
    );
}

function addDefault(out: Record<string, unknown>, value: unknown, place: Place): void {
  if (place.conversion.allowDefaults) out.default = value;
  else
    refuse(
      place,
      'DefaultNotAllowed',
      'a status has no defaults, since only its controller writes it',
      'make the member optional and let the controller set it',
    );
}

function checkRules(out: Record<string, unknown>, place: Place): void {
  const rules = out['x-kubernetes-validations'];
  if (rules === undefined) return;
  const good = Array.isArray(rules) && rules.every((rule) => isObject(rule) && typeof rule.rule === 'string');
  if (!good) {
    refuse(
      place,
      'Keyword',
      'x-kubernetes-validations is no list of rules',
      "write .meta(rules({ rule: 'self > 0' }))",
    );
    return;
  }
  const loops = (rules as readonly { rule: string }[]).some(({ rule }) =>
    /\.(all|exists|exists_one|map|filter)\(/.test(rule),
  );
  if (loops && out.type === 'array' && out.maxItems === undefined)
    place.conversion.warnings.push(
      `${place.path}: a rule loops over a list without maxItems; the API server may find it too costly`,
    );
  if (loops && out.additionalProperties !== undefined && out.maxProperties === undefined)
    place.conversion.warnings.push(
      `${place.path}: a rule loops over a map without maxProperties; the API server may find it too costly`,
    );
}

/** Inside `not` a structural schema has rules for values only. */
function negation(not: JsonSchema, place: Place): StructuralSchema {
  const allowed = [
    'enum',
    'pattern',
    'required',
    'minLength',
    'maxLength',
    'minimum',
    'maximum',
    'type',
    'const',
    'format',
  ];
  const inner = normalise(not, place)?.schema ?? {};
  const strange = Object.keys(inner).filter((keyword) => !allowed.includes(keyword));
  const rules = without(inner, 'type');
  if (strange.length > 0 || Object.keys(rules).length === 0)
    return refuse(place, 'Keyword', "a CRD's 'not' cannot speak of types or members", 'use a CEL rule');
  return rules as StructuralSchema;
}
