import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { isObject, items, member, type Place, refuse } from './context.ts';
import { plainSlashes, whyNotRe2 } from './patterns.ts';

/** The schema with its patterns as RE2 writes them; one that is not RE2 is noted with the field it stands at. */
export function withPatterns(schema: StructuralSchema, place: Place): StructuralSchema {
  const out: Record<string, unknown> = { ...schema };
  const inner = (value: StructuralSchema) => withPatterns(value, place);
  for (const junctor of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[junctor];
    if (branches) out[junctor] = branches.map(inner);
  }
  if (schema.not) out.not = inner(schema.not);
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    out.properties = Object.fromEntries(
      entries.map(([name, value]) => [name, withPatterns(value, member(place, name))]),
    );
  }
  if (isObject(schema.items)) out.items = withPatterns(schema.items, items(place));
  if (isObject(schema.additionalProperties))
    out.additionalProperties = withPatterns(schema.additionalProperties, member(place, '*'));
  if (schema.pattern === undefined) return out as StructuralSchema;
  const why = whyNotRe2(schema.pattern);
  if (why) {
    return refuse(
      place,
      'Pattern',
      `the pattern ${schema.pattern} is not RE2: it has ${why}`,
      'write a pattern without it (https://github.com/google/re2/wiki/Syntax), or a CEL rule',
    );
  }
  return { ...out, pattern: plainSlashes(schema.pattern) } as StructuralSchema;
}
