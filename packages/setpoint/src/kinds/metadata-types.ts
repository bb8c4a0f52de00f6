import type { KubeObject, ObjectMeta } from '@setpoint/apimachinery/meta';

/** Metadata as the server answers with it: what it always fills in is there. */
export interface ServedMetadata extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/** Metadata of an object that lives in a namespace. */
export interface NamespacedMetadata extends ServedMetadata {
  readonly namespace: string;
}

/** Metadata as a person writes it: a name, or a prefix for the server to complete. */
export type MetadataInput = ObjectMeta & ({ readonly name: string } | { readonly generateName: string });

/**
 * What a watch on `metadata(Pod)` sees of a Pod: no spec and no status. apiVersion and kind are the Pod's own.
 * To see the rest, watch the kind itself.
 */
export interface PartialObjectMetadata<ApiVersion extends string, KindName extends string> extends KubeObject {
  readonly apiVersion: ApiVersion;
  readonly kind: KindName;
  readonly metadata: ServedMetadata;
}
