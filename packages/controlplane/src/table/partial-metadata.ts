import type { KubeObject, ListMeta } from '@setpoint/apimachinery/meta';
import type { Conversion } from '../http/index.ts';
import { orderedMetadata } from './metadata.ts';

type MetaVersion = Conversion['apiVersion'];

/** An object reduced to its metadata: what metadata-only clients and the rows of tables get. */
export function partialObjectMetadata(object: KubeObject, apiVersion: MetaVersion = 'meta.k8s.io/v1'): KubeObject {
  const metadata = orderedMetadata((object.metadata ?? {}) as Readonly<Record<string, unknown>>);
  return { kind: 'PartialObjectMetadata', apiVersion, metadata };
}

export function partialObjectMetadataList(
  objects: readonly KubeObject[],
  metadata: ListMeta,
  apiVersion: MetaVersion = 'meta.k8s.io/v1',
): object {
  const items = objects.map((object) => partialObjectMetadata(object, apiVersion));
  return { kind: 'PartialObjectMetadataList', apiVersion, metadata: listMetadata(metadata), items };
}

/** ListMeta in the order of its fields, nothing empty. */
export function listMetadata(metadata: ListMeta): ListMeta {
  return {
    ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
    ...(metadata.continue ? { continue: metadata.continue } : {}),
    ...(metadata.remainingItemCount !== undefined ? { remainingItemCount: metadata.remainingItemCount } : {}),
  };
}
