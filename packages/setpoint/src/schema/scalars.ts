import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { type JsonSchema, type Place, refuse } from './context.ts';
import { serverFormat } from './patterns.ts';

/** The type that all literals share, if they share one. */
export function enumType(values: readonly unknown[]): string | undefined {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeOf(value)));
  if (types.size === 2 && types.has('integer') && types.has('number')) return 'number';
  return types.size === 1 ? [...types][0] : undefined;
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'bigint') return 'integer';
  return Array.isArray(value) ? 'array' : typeof value;
}

function pick(schema: JsonSchema, keywords: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    keywords.filter((keyword) => schema[keyword] !== undefined).map((keyword) => [keyword, schema[keyword]]),
  );
}

/** Checks that zod writes as a format, beside the pattern that says the same. */
const checkNames: ReadonlySet<string> = new Set([
  'regex',
  'includes',
  'starts_with',
  'ends_with',
  'lowercase',
  'uppercase',
]);

export function convertString(schema: JsonSchema, place: Place): StructuralSchema {
  const out: Record<string, unknown> = { type: 'string', ...pick(schema, ['minLength', 'maxLength']) };
  const { format, pattern } = schema;
  const known = typeof format === 'string' ? serverFormat(format) : undefined;
  if (format === 'duration' && typeof pattern === 'string' && pattern.includes('P')) {
    return refuse(
      place,
      'Format',
      "ISO 8601 durations are not what the API server's format 'duration' means",
      'write z.string().meta(goDuration()) for durations such as 1h30m, or a pattern of your own without look-ahead',
    );
  }
  if (known) out.format = known;
  if (typeof pattern === 'string' && !redundant(schema, known, place)) {
    out.pattern = pattern;
  } else if (typeof format === 'string' && !known && !checkNames.has(format)) {
    return refuse(
      place,
      'Format',
      `the API server knows no format '${format}' and would not check it`,
      'give the string a pattern, or leave the format out',
    );
  }
  return out as StructuralSchema;
}

/** A pattern that a library wrote for a format that the server checks by itself; a narrower one is kept. */
function redundant(schema: JsonSchema, known: string | undefined, place: Place): boolean {
  if (!known) return false;
  if (schema.format === 'cidrv4' || schema.format === 'cidrv6') return false;
  return schema.format === 'base64' || place.conversion.findings.patterns.has(schema.pattern as string);
}

const int32 = { minimum: -2147483648, maximum: 2147483647 };

export function convertNumber(schema: JsonSchema, type: 'number' | 'integer', place: Place): StructuralSchema {
  const out: Record<string, unknown> = {
    type,
    ...pick(schema, ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']),
  };
  const { minimum, maximum } = out;
  const format = typeof schema.format === 'string' ? schema.format : undefined;
  const allowed = type === 'integer' ? ['int32', 'int64'] : ['float', 'double'];
  if (format && !allowed.includes(format)) {
    return refuse(
      place,
      'Format',
      `the API server knows no format '${format}' of a ${type}`,
      type === 'number' && format.startsWith('int')
        ? 'make it an integer with z.int()'
        : `use ${allowed.join(' or ')}, or none`,
    );
  }
  if (format) out.format = format;
  else if (type === 'integer' && minimum === int32.minimum && maximum === int32.maximum) out.format = 'int32';
  // Bounds of JavaScript's or a format's own range say nothing of the field.
  const drop = (bound: 'minimum' | 'maximum', limits: readonly number[]) => {
    if (!limits.includes(out[bound] as number)) return;
    delete out[bound];
    if (type === 'integer' && !out.format) out.format = 'int64';
    if (type === 'number' && !out.format) out.format = Math.abs(limits[0] as number) < 1e39 ? 'float' : 'double';
  };
  const float = 3.4028234663852886e38;
  if (type === 'integer') {
    drop('minimum', [Number.MIN_SAFE_INTEGER]);
    drop('maximum', [Number.MAX_SAFE_INTEGER]);
  } else {
    for (const limit of [float, Number.MAX_VALUE]) {
      drop('minimum', [-limit]);
      drop('maximum', [limit]);
    }
  }
  if (type === 'number' && Array.isArray(schema.enum) && enumType(schema.enum) === 'integer') out.type = 'integer';
  if (out.minimum === undefined) delete out.exclusiveMinimum;
  if (out.maximum === undefined) delete out.exclusiveMaximum;
  return out as StructuralSchema;
}
