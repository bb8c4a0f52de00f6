import type { KubeObject, ListMeta } from '@setpoint/apimachinery/meta';
import type { Conversion } from '../http/index.ts';
import type { ResourceNames } from '../registry/index.ts';
import { plainServerError, StatusError } from '../status/index.ts';
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

/**
 * Refuses a form that does not fit what is asked for: metadata of a list, a list of one object.
 * Throws a StatusError in the words of the server, which names its own types.
 */
export function checkConversion(
  resource: ResourceNames & { readonly custom: boolean },
  kind: string,
  list: boolean,
): void {
  if (kind === 'PartialObjectMetadata' && list) {
    const type = resource.custom ? 'unstructured.UnstructuredList' : internalType(resource, resource.listKind);
    throw refused(`you requested PartialObjectMetadata, but the requested object is a list (*${type})`);
  }
  if (kind === 'PartialObjectMetadataList' && !list) {
    if (resource.custom) throw plainServerError('content is not a list');
    const type = internalType(resource, resource.kind);
    throw refused(`you requested PartialObjectMetadataList, but the requested object is not a list (*${type})`);
  }
}

function refused(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message);
}

/** The Go type inside the server: events of both groups are those of the core. */
function internalType(resource: ResourceNames, kind: string): string {
  const [first = ''] = resource.group.split('.');
  return `${first === '' || first === 'events' ? 'core' : first}.${kind}`;
}

/** ListMeta in the order of its fields, nothing empty. */
export function listMetadata(metadata: ListMeta): ListMeta {
  return {
    ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
    ...(metadata.continue ? { continue: metadata.continue } : {}),
    ...(metadata.remainingItemCount !== undefined ? { remainingItemCount: metadata.remainingItemCount } : {}),
  };
}
