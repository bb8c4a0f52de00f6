import { sortedJson } from './objects.ts';
import type { StructuralSchema, ValidationRule } from './types.ts';

/**
 * A schema under the names and in the order of the server's internal Go struct: how messages that repeat a whole
 * schema write it.
 */
export function internalSchema(schema: StructuralSchema): object {
  const all = (list: readonly StructuralSchema[] | undefined) => list?.map(internalSchema) ?? null;
  const map = (schemas: Readonly<Record<string, StructuralSchema>> | undefined) =>
    schemas ? Object.fromEntries(Object.entries(schemas).map(([key, below]) => [key, internalSchema(below)])) : null;
  const orBool = (value: StructuralSchema | boolean | undefined) =>
    value === undefined
      ? null
      : { Allows: value !== false, Schema: typeof value === 'object' ? internalSchema(value) : null };
  return {
    ID: schema.id ?? '',
    Schema: schema.$schema ?? '',
    Ref: schema.$ref ?? null,
    Description: schema.description ?? '',
    Type: schema.type ?? '',
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? '',
    Title: schema.title ?? '',
    Default: sortedJson(schema.default ?? null),
    Maximum: schema.maximum ?? null,
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: schema.minimum ?? null,
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null,
    MinLength: schema.minLength ?? null,
    Pattern: schema.pattern ?? '',
    MaxItems: schema.maxItems ?? null,
    MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: schema.multipleOf ?? null,
    Enum: sortedJson(schema.enum ?? null),
    MaxProperties: schema.maxProperties ?? null,
    MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null,
    Items: schema.items === undefined ? null : internalItems(schema.items),
    AllOf: all(schema.allOf),
    OneOf: all(schema.oneOf),
    AnyOf: all(schema.anyOf),
    Not: schema.not ? internalSchema(schema.not) : null,
    Properties: map(schema.properties),
    AdditionalProperties: orBool(schema.additionalProperties),
    PatternProperties: map(schema.patternProperties),
    Dependencies: schema.dependencies ? internalDependencies(schema.dependencies) : null,
    AdditionalItems: orBool(schema.additionalItems),
    Definitions: map(schema.definitions),
    ExternalDocs: schema.externalDocs
      ? { Description: schema.externalDocs.description ?? '', URL: schema.externalDocs.url ?? '' }
      : null,
    Example: sortedJson(schema.example ?? null),
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null,
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null,
    XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null,
    XValidations: schema['x-kubernetes-validations']?.map(internalRule) ?? null,
  };
}

/** `items`, one schema or a list of them, likewise. */
export function internalItems(items: StructuralSchema | readonly StructuralSchema[]): object {
  return Array.isArray(items)
    ? { Schema: null, JSONSchemas: items.map(internalSchema) }
    : { Schema: internalSchema(items as StructuralSchema), JSONSchemas: null };
}

function internalDependencies(dependencies: NonNullable<StructuralSchema['dependencies']>): object {
  const entries = Object.entries(dependencies).map(([key, value]) => [
    key,
    Array.isArray(value)
      ? { Schema: null, Property: value }
      : { Schema: internalSchema(value as StructuralSchema), Property: null },
  ]);
  return Object.fromEntries(entries);
}

/** One CEL rule, likewise. */
export function internalRule(rule: ValidationRule): object {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
