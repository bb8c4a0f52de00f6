import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import type { Client, ObjectOf } from 'setpoint/client';
import { ignoreNotFound } from 'setpoint/errors';
import type { AnyKind } from 'setpoint/kinds';
import { dynamicKind, metadata } from 'setpoint/kinds';

/** A CRD as a cluster has it. */
export type Definition = ObjectOf<typeof CustomResourceDefinition>;

/** What of a definition says which versions its objects have; those of a project and of a cluster have it. */
export interface Versions {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly conversion?: object | undefined;
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema?: { readonly openAPIV3Schema?: unknown } | undefined;
    }[];
  };
}

export function findDefinition(client: Client, name: string): Promise<Definition | undefined> {
  return ignoreNotFound(client.get(CustomResourceDefinition, { name }));
}

/** The one that objects are written in. */
export function storageVersion({ spec }: Versions): string {
  return spec.versions.find(({ storage }) => storage)?.name ?? '';
}

/** A version in which objects can be read; that of storage, if it is served. */
export function readableVersion({ spec }: Versions): string | undefined {
  const served = spec.versions.filter((version) => version.served);
  return (served.find(({ storage }) => storage) ?? served[0])?.name;
}

export function schemaOf({ spec }: Versions, version: string): StructuralSchema | undefined {
  const found = spec.versions.find(({ name }) => name === version);
  return found?.schema?.openAPIV3Schema as StructuralSchema | undefined;
}

/** Whether objects are the same in all versions but for their apiVersion. */
export function convertsByName({ spec }: Versions): boolean {
  const { strategy = 'None' } = (spec.conversion ?? {}) as { readonly strategy?: string };
  return strategy === 'None';
}

export function kindOf({ spec }: Versions, version: string): AnyKind {
  const { kind, plural } = spec.names;
  const scope = spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced';
  return dynamicKind({ group: spec.group, version, kind, plural, scope });
}

/** The same, of which only the metadata are read. */
export function metadataOf(definition: Versions, version: string): AnyKind {
  return metadata(kindOf(definition, version)) as AnyKind;
}
