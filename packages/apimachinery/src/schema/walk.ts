import type { StructuralSchema } from './types.ts';

/** The schemas directly below, wherever a keyword may hold one. */
export function subSchemas(schema: StructuralSchema): readonly StructuralSchema[] {
  const below: StructuralSchema[] = [];
  const add = (value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) below.push(value as StructuralSchema);
  };
  if (Array.isArray(schema.items)) schema.items.forEach(add);
  else add(schema.items);
  for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) list?.forEach(add);
  add(schema.not);
  for (const map of [schema.properties, schema.patternProperties, schema.definitions, schema.dependencies]) {
    if (map !== undefined) Object.values(map).forEach(add);
  }
  add(schema.additionalProperties);
  add(schema.additionalItems);
  return below;
}

/** Whether the schema or one anywhere in it answers the question with true. */
export function schemaHas(schema: StructuralSchema, question: (node: StructuralSchema) => boolean): boolean {
  return question(schema) || subSchemas(schema).some((below) => schemaHas(below, question));
}

/** Whether a schema carries CEL rules (`x-kubernetes-validations`). */
export function usesCel(schema: StructuralSchema): boolean {
  return schemaHas(schema, (node) => (node['x-kubernetes-validations'] ?? []).length > 0);
}
