import type { Random } from '@setpoint/apimachinery/clock';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';

/** Makes the value of one field, by its path (`spec.name`), where its schema says too little or too much. */
export type FieldValues = Readonly<Record<string, (random: Random) => unknown>>;

/**
 * A value that fits the schema: types, enums, limits and required members. A pattern is more than it can follow.
 *
 * @throws Error naming a field that has a pattern or a format, and no entry in `values`
 */
export function randomValue(schema: StructuralSchema, random: Random, values: FieldValues, path = ''): unknown {
  const given = values[path];
  if (given) return given(random);
  const { enum: allowed } = schema;
  if (allowed && allowed.length > 0) return allowed[random.integer(allowed.length)];
  if (schema['x-kubernetes-int-or-string'])
    return random.integer(2) === 0 ? random.integer(100) : `${random.integer(100)}%`;
  switch (schema.type) {
    case 'object':
      return randomObject(schema, random, values, path);
    case 'array': {
      const length = between(schema.minItems ?? 0, Math.min(schema.maxItems ?? 3, (schema.minItems ?? 0) + 3), random);
      return Array.from({ length }, () => randomValue(schema.items as StructuralSchema, random, values, `${path}[]`));
    }
    case 'string':
      return randomString(schema, random, path);
    case 'integer':
      return between(schema.minimum ?? -1000, schema.maximum ?? 1000, random);
    case 'number':
      return (schema.minimum ?? 0) + random.integer(1000) / 1000;
    case 'boolean':
      return random.integer(2) === 1;
    default:
      return {};
  }
}

function randomObject(schema: StructuralSchema, random: Random, values: FieldValues, path: string): object {
  const required = new Set(schema.required);
  const entries = Object.entries(schema.properties ?? {})
    .filter(([name]) => required.has(name) || random.integer(3) > 0)
    .map(
      ([name, inner]) => [name, randomValue(inner, random, values, path === '' ? name : `${path}.${name}`)] as const,
    );
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== 'object') return Object.fromEntries(entries);
  const more = Array.from(
    { length: random.integer(3) },
    (_, i) => [`key${i}`, randomValue(additionalProperties, random, values, `${path}.*`)] as const,
  );
  return Object.fromEntries([...entries, ...more]);
}

const letters = 'abcdefghijklmnopqrstuvwxyzäß-. 0123456789';

function randomString(
  { pattern, format, minLength = 0, maxLength = 12 }: StructuralSchema,
  random: Random,
  path: string,
) {
  if (pattern !== undefined || format !== undefined) {
    throw new Error(
      `${path} has the ${pattern === undefined ? `format ${format}` : `pattern ${pattern}`}: give \`values\` a function that makes such a text`,
    );
  }
  const length = between(minLength, Math.min(maxLength, minLength + 12), random);
  return Array.from({ length }, () => letters[random.integer(letters.length)]).join('');
}

function between(least: number, most: number, random: Random): number {
  const low = Math.ceil(least);
  return low + random.integer(Math.max(1, Math.floor(most) - low + 1));
}
