import { deepEqual } from '@setpoint/apimachinery/patch';
import { type StructuralSchema, sortedJson } from '@setpoint/apimachinery/schema';
import type { DefinitionSpec, DefinitionVersion, PrinterColumn, Subresources } from './definition.ts';

/** Where a part of the definition sits for messages: at the top when all versions have the same, else in its version. */
export interface Parts {
  readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
  readonly subresources?: Subresources;
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface InternalSpec {
  /** What all versions share. */
  readonly shared: Parts;
  /** The versions without what is shared. */
  readonly versions: readonly DefinitionVersion[];
}

const parts = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

/**
 * The form in which the server judges a definition. A part that is the same in all versions is moved to the top,
 * and the paths of its errors begin with spec.validation, spec.subresources and so on.
 */
export function internalForm(spec: DefinitionSpec): InternalSpec {
  const [first, ...rest] = spec.versions ?? [];
  if (first === undefined) return { shared: {}, versions: [] };
  const same = parts.filter((part) => rest.every((version) => deepEqual(version[part], first[part])));
  const shared = Object.fromEntries(
    same.filter((part) => first[part] !== undefined).map((part) => [part, first[part]]),
  );
  const versions = spec.versions.map((version) => {
    const own = Object.entries(version).filter(([key]) => !(same as readonly string[]).includes(key));
    return Object.fromEntries(own) as unknown as DefinitionVersion;
  });
  return { shared, versions };
}

/** The versions as the message that repeats them writes them: Go's internal struct, under its own names. */
export function internalVersions(versions: readonly DefinitionVersion[]): readonly object[] {
  return versions.map((version) => ({
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema
      ? { OpenAPIV3Schema: version.schema.openAPIV3Schema ? internalSchema(version.schema.openAPIV3Schema) : null }
      : null,
    Subresources: version.subresources ? internalSubresources(version.subresources) : null,
    AdditionalPrinterColumns: version.additionalPrinterColumns?.map(internalColumn) ?? null,
    SelectableFields: version.selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null,
  }));
}

function internalSubresources({ status, scale }: Subresources): object {
  return {
    Status: status === undefined ? null : {},
    Scale: scale
      ? {
          SpecReplicasPath: scale.specReplicasPath,
          StatusReplicasPath: scale.statusReplicasPath,
          LabelSelectorPath: scale.labelSelectorPath ?? null,
        }
      : null,
  };
}

function internalColumn(column: PrinterColumn): object {
  return {
    Name: column.name,
    Type: column.type,
    Format: column.format ?? '',
    Description: column.description ?? '',
    Priority: column.priority ?? 0,
    JSONPath: column.jsonPath,
  };
}

/** A schema as Go's internal struct prints. */
export function internalSchema(schema: StructuralSchema): object {
  const all = (list: readonly StructuralSchema[] | undefined) => list?.map(internalSchema) ?? null;
  const map = (schemas: Readonly<Record<string, StructuralSchema>> | undefined) =>
    schemas ? Object.fromEntries(Object.entries(schemas).map(([key, below]) => [key, internalSchema(below)])) : null;
  const orBool = (value: StructuralSchema | boolean | undefined) =>
    value === undefined
      ? null
      : { Allows: value !== false, Schema: typeof value === 'object' ? internalSchema(value) : null };
  const items = schema.items as StructuralSchema | undefined;
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
    Items: items ? { Schema: internalSchema(items), JSONSchemas: null } : null,
    AllOf: all(schema.allOf),
    OneOf: all(schema.oneOf),
    AnyOf: all(schema.anyOf),
    Not: schema.not ? internalSchema(schema.not) : null,
    Properties: map(schema.properties),
    AdditionalProperties: orBool(schema.additionalProperties),
    PatternProperties: map(schema.patternProperties),
    Dependencies: null,
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
    XValidations: schema['x-kubernetes-validations'] ?? null,
  };
}
