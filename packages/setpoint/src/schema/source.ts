import type { StandardJSONSchemaV1 } from '@standard-schema/spec';

/**
 * A schema of any library that speaks Standard JSON Schema: zod 4 and arktype as they are, valibot through
 * `toStandardJsonSchema` of @valibot/to-json-schema, anything else (typebox, plain JSON Schema) through `fromJsonSchema`.
 *
 * Valibot's JSON Schema does not tell `looseObject` from `object`: mark it, `v.metadata(preserveUnknown())`, or what
 * it does not name is pruned.
 */
// biome-ignore lint/suspicious/noExplicitAny: unknown would refuse schemas whose types are narrower
export type SchemaSource<Input = any, Output = any> = StandardJSONSchemaV1<Input, Output>;

/** What a person may write for a schema: members with defaults may be missing. */
export type SchemaInput<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly input: infer I }
    ? I
    : unknown
  : unknown;

/** What the API server answers with for a schema: defaults filled in. */
export type SchemaOutput<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer O }
    ? O
    : unknown
  : unknown;

/**
 * Takes a JSON Schema (draft 2020-12, draft-07 or OpenAPI 3.0) as a schema; its type cannot be inferred from it
 * and is given: `fromJsonSchema<Static<typeof Spec>>(Spec)` for typebox.
 */
export function fromJsonSchema<Output, Input = Output>(schema: object): SchemaSource<Input, Output> {
  const jsonSchema = () => schema as Record<string, unknown>;
  return { '~standard': { version: 1, vendor: 'json-schema', jsonSchema: { input: jsonSchema, output: jsonSchema } } };
}
