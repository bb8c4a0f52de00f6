import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { isObject, items, type Place, refuse, sameShape, without } from './context.ts';

/** All of several schemas: one object with the members of all, or one scalar with the rules of all. */
export function mergeAll(
  parts: readonly unknown[],
  place: Place,
  convert: (schema: unknown, place: Place) => StructuralSchema,
): StructuralSchema {
  // A part may be the bare rules of another part's object, such as { required: [a] }.
  const typed = parts.filter(
    (part) => !(isObject(part) && Object.keys(part).every((keyword) => keyword === 'required')),
  );
  const extra = parts
    .filter((part) => !typed.includes(part))
    .flatMap((part) => (part as StructuralSchema).required ?? []);
  const converted = typed.map((part) => convert(part, place));
  const [first, ...rest] = converted;
  const merged = rest.reduce((all, part) => merge(all, part, place), first ?? {});
  return extra.length === 0 ? merged : { ...merged, required: [...new Set([...(merged.required ?? []), ...extra])] };
}

function merge(a: StructuralSchema, b: StructuralSchema, place: Place): StructuralSchema {
  const type = sharedType(a.type, b.type);
  if (type === 'none') {
    return refuse(
      place,
      'Intersection',
      `nothing is both ${a.type} and ${b.type}`,
      'intersect objects with objects, or rules of one type',
    );
  }
  if (type === 'object') return mergeObjects(a, b, place);
  const { items: ours, ...first } = a;
  const { items: theirs, ...second } = b;
  const merged = mergeScalars(first, second, type);
  if (ours === undefined && theirs === undefined) return merged;
  return {
    ...merged,
    items: mergeItems(ours as StructuralSchema | undefined, theirs as StructuralSchema | undefined, place),
  };
}

function mergeItems(a: StructuralSchema | undefined, b: StructuralSchema | undefined, place: Place): StructuralSchema {
  return a && b && !sameShape(a, b) ? merge(a, b, items(place)) : { ...b, ...a };
}

function sharedType(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  return [a, b].every((type) => type === 'integer' || type === 'number') ? 'integer' : 'none';
}

function mergeObjects(a: StructuralSchema, b: StructuralSchema, place: Place): StructuralSchema {
  const properties: Record<string, StructuralSchema> = { ...a.properties };
  for (const [name, theirs] of Object.entries(b.properties ?? {})) {
    const ours = properties[name];
    const at = { ...place, path: `${place.path}.${name}` };
    properties[name] = ours && !sameShape(ours, theirs) ? merge(ours, theirs, at) : { ...theirs, ...ours };
  }
  const required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])];
  const maps = [a.additionalProperties, b.additionalProperties].filter((map) => map !== undefined);
  if (maps.length > 0 && Object.keys(properties).length > 0)
    return refuse(
      place,
      'Intersection',
      'a map is intersected with an object of fixed members',
      'put the map into a member of its own',
    );
  const rules = [...(a['x-kubernetes-validations'] ?? []), ...(b['x-kubernetes-validations'] ?? [])];
  const clash = (['anyOf', 'oneOf', 'not'] as const).filter((keyword) => a[keyword] && b[keyword]);
  const moved = Object.fromEntries(clash.map((keyword) => [keyword, b[keyword]]));
  return {
    ...a,
    ...without(b, ...clash),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
    ...(clash.length > 0 ? { allOf: [...(a.allOf ?? []), moved] } : {}),
  };
}

/** What both say differently is said in `allOf`, without types. */
function mergeScalars(a: StructuralSchema, b: StructuralSchema, type: string | undefined): StructuralSchema {
  const own: Record<string, unknown> = { ...a };
  const further: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(without(b, 'type', 'allOf'))) {
    if (!(keyword in own)) own[keyword] = value;
    else if (!['description', 'title', 'default', 'nullable'].includes(keyword) && !sameShape(own[keyword], value))
      further[keyword] = value;
  }
  const all = [...(a.allOf ?? []), ...(b.allOf ?? []), ...(Object.keys(further).length > 0 ? [further] : [])];
  return { ...own, ...(type ? { type } : {}), ...(all.length > 0 ? { allOf: all } : {}) } as StructuralSchema;
}
