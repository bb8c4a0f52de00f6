import { isObject, type JsonSchema, type Place, refuse, without } from './context.ts';
import { recursionMarker } from './markers.ts';

/** Keywords that are notes of a library or a generator and mean nothing to an API server. */
const noise = [
  '$schema',
  '$id',
  'id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  '$dynamicAnchor',
  '$vocabulary',
  'readOnly',
  'writeOnly',
  'deprecated',
  'examples',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'discriminator',
  'xml',
  recursionMarker,
];

/** One dialect out of many: no references, no null, no const, no type lists, bounds as OpenAPI 3.0 writes them. */
export interface Normalised {
  readonly schema: JsonSchema;
  readonly place: Place;
}

export function normalise(input: JsonSchema, from: Place): Normalised | undefined {
  const resolved = resolve(input, from);
  if (!resolved) return undefined;
  const schema = exclusiveBounds(withoutNull(constants(without(resolved.schema, ...noise)), resolved.place));
  return { schema, place: resolved.place };
}

/** Puts what a `$ref` points to in its place; keywords beside the reference win over those of its target. */
function resolve(input: JsonSchema, from: Place): Normalised | undefined {
  let schema = input;
  let place = from;
  const consent = () => {
    if (schema[recursionMarker] === 'cut') place = { ...place, cut: true };
  };
  consent();
  while (typeof schema.$ref === 'string') {
    const reference = schema.$ref;
    const target = find(place.conversion.document, reference);
    if (!isObject(target)) {
      refuse(place, 'Keyword', `$ref '${reference}' points to nothing`, 'define what it points to in the same schema');
      return undefined;
    }
    if (target[recursionMarker] === 'cut') place = { ...place, cut: true };
    if (place.expanding.includes(reference)) {
      if (!place.cut) {
        refuse(
          place,
          'Recursive',
          'the schema contains itself, and a CRD has to be finite',
          'spell out as many levels as you need, or add .meta(cutRecursion()) to the recursive member and nothing below it is checked',
        );
      }
      return undefined;
    }
    place = { ...place, expanding: [...place.expanding, reference] };
    schema = { ...target, ...without(schema, '$ref') };
    consent();
  }
  return { schema, place };
}

/** Follows `#`, `#/$defs/Name` and other JSON pointers, and a bare `$id`. */
function find(document: JsonSchema, reference: string): unknown {
  if (reference === '#') return document;
  if (reference.startsWith('#/')) {
    const steps = reference
      .slice(2)
      .split('/')
      .map((s) => decodeURIComponent(s).replaceAll('~1', '/').replaceAll('~0', '~'));
    let found: unknown = document;
    for (const step of steps) found = isObject(found) || Array.isArray(found) ? (found as JsonSchema)[step] : undefined;
    return found;
  }
  const definitions = { ...(document.definitions as object), ...(document.$defs as object) } as JsonSchema;
  return definitions[reference] ?? Object.values(definitions).find((d) => isObject(d) && d.$id === reference);
}

function constants(schema: JsonSchema): JsonSchema {
  if (!('const' in schema)) return schema;
  return { ...without(schema, 'const'), enum: [schema.const] };
}

function isNull(branch: unknown): boolean {
  if (!isObject(branch)) return false;
  if (branch.type === 'null' || ('const' in branch && branch.const === null)) return true;
  return Array.isArray(branch.enum) && branch.enum.length > 0 && branch.enum.every((value) => value === null);
}

/** Turns every way of saying "or null" into `nullable`. */
function withoutNull(input: JsonSchema, place: Place): JsonSchema {
  let schema = input;
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    const allowed = !Array.isArray(schema.enum) || schema.enum.includes(null);
    if (types.length < schema.type.length && allowed) schema = { ...schema, nullable: true };
    schema =
      types.length === 1
        ? { ...schema, type: types[0] }
        : { ...without(schema, 'type'), anyOf: types.map((type) => ({ type })) };
  }
  for (const junctor of ['anyOf', 'oneOf'] as const) {
    const branches = schema[junctor];
    if (!Array.isArray(branches)) continue;
    const rest = branches.filter((branch) => !isNull(branch));
    if (rest.length < branches.length) schema = { ...schema, nullable: true };
    if (rest.length === 1 && isObject(rest[0])) {
      const outer = without(schema, junctor);
      const inner = normalise(rest[0], place);
      if (!inner) return outer;
      schema = { ...inner.schema, ...outer };
      break;
    }
    schema = { ...schema, [junctor]: rest };
  }
  if (Array.isArray(schema.enum) && schema.enum.includes(null)) {
    const values = schema.enum.filter((value) => value !== null);
    schema =
      values.length > 0 ? { ...schema, nullable: true, enum: values } : { ...without(schema, 'enum'), type: 'null' };
  }
  return schema;
}

/** `exclusiveMinimum: 3` of later drafts becomes `minimum: 3, exclusiveMinimum: true`. */
function exclusiveBounds(input: JsonSchema): JsonSchema {
  let schema = input;
  for (const [bound, exclusive, sign] of [
    ['minimum', 'exclusiveMinimum', 1],
    ['maximum', 'exclusiveMaximum', -1],
  ] as const) {
    const limit = schema[exclusive];
    if (limit === false) schema = without(schema, exclusive);
    if (typeof limit !== 'number') continue;
    const other = schema[bound];
    schema =
      typeof other === 'number' && (other - limit) * sign > 0
        ? without(schema, exclusive)
        : { ...schema, [bound]: limit, [exclusive]: true };
  }
  return schema;
}
