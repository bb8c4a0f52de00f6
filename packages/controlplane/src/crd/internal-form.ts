import { deepEqual } from '@setpoint/apimachinery/patch';
import { internalSchema, type StructuralSchema } from '@setpoint/apimachinery/schema';
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
