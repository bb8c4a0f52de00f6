import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { inspectArktype, isArktype } from './arktype-features.ts';
import type { Conversion, JsonSchema, Place } from './context.ts';
import { convert } from './convert.ts';
import { type Findings, noFindings } from './findings.ts';
import { withPatterns } from './pattern-check.ts';
import { SchemaError, type SchemaProblem } from './schema-error.ts';
import type { SchemaSource } from './source.ts';
import { inspectZod, isZod } from './zod-features.ts';

/** Options of `structuralSchema`. */
export interface StructuralOptions {
  /** The kind, for messages. */
  readonly kind: string;
  /** Where the schema stands in the object: `spec` or `status`. */
  readonly path: string;
  /** Whether the schema may have defaults; a status may not. @default true */
  readonly defaults?: boolean;
}

/** What `structuralSchema` answers with. */
export interface StructuralResult {
  readonly schema: StructuralSchema;
  /** What is legal and yet likely to be refused or wrong, as sentences that name the field. */
  readonly warnings: readonly string[];
}

/**
 * The structural schema (OpenAPI v3 as a CRD takes it) that means what the given schema means. The same schema gives
 * the same result, member by member and in the same order.
 *
 * Throws a SchemaError that names every field of which no structural schema can say the same.
 * Follows the structural schemas of https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
 */
export function structuralSchema(source: SchemaSource, options: StructuralOptions): StructuralResult {
  const { kind, path } = options;
  const findings = inspect(source, path);
  if (findings.problems.length > 0) throw new SchemaError({ kind, problems: findings.problems });
  const problems: SchemaProblem[] = [];
  const conversion: Conversion = {
    document: jsonSchemaOf(source, options),
    problems,
    warnings: [],
    findings,
    allowDefaults: options.defaults !== false,
  };
  const place: Place = { conversion, path, expanding: ['#'], cut: false };
  const schema = withPatterns(convert(conversion.document, place), place);
  if (problems.length > 0) throw new SchemaError({ kind, problems });
  return { schema, warnings: conversion.warnings };
}

/** Libraries leave out of a JSON Schema what it cannot say, often without a word. */
function inspect(source: SchemaSource, path: string): Findings {
  if (isZod(source)) return inspectZod(source, path);
  if (isArktype(source)) return inspectArktype(source, path);
  return noFindings();
}

function jsonSchemaOf(source: SchemaSource, { kind, path }: StructuralOptions): JsonSchema {
  const standard = source?.['~standard'];
  if (typeof standard?.jsonSchema?.input !== 'function') {
    throw new SchemaError({
      code: 'Library',
      kind,
      path,
      message: `the schema${standard ? ` of ${standard.vendor}` : ''} does not speak Standard JSON Schema`,
      advice:
        'use zod 4 or arktype, wrap valibot in toStandardJsonSchema() of @valibot/to-json-schema, and typebox or plain JSON Schema in fromJsonSchema<Type>()',
    });
  }
  let failure: unknown;
  for (const target of ['draft-2020-12', 'draft-07', 'openapi-3.0'] as const) {
    try {
      const schema = standard.jsonSchema.input({ target });
      // A library that hides a transform in the input shows it in the output.
      if (standard.vendor === 'valibot') standard.jsonSchema.output({ target });
      return schema;
    } catch (error) {
      failure ??= error;
    }
  }
  const said = failure instanceof Error ? failure.message : String(failure);
  throw new SchemaError({
    code: 'Library',
    kind,
    path,
    message: `${standard.vendor} cannot express it as JSON Schema: ${said}`,
    advice: 'leave out what only exists in parsing (transforms, pipes, checks by functions) and what is no JSON',
    cause: failure,
  });
}
