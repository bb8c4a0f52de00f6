import type { AnyKind, Kind, Resource } from './kind.ts';
import type { MetadataInput, PartialObjectMetadata } from './metadata-types.ts';

/** The kind with the projection `metadata`: whoever declares it has not declared the kind itself. */
export type MetadataOf<K extends AnyKind> = Kind<
  PartialObjectMetadata<Resource<K>['apiVersion'], Resource<K>['kind']>,
  { readonly metadata: MetadataInput }
> & { readonly projection: 'metadata' };

const projections = new WeakMap<AnyKind, AnyKind>();

/**
 * The kind seen through its metadata alone: the server sends no spec and no status, which for Pods is an eighth of
 * the bytes. A kind of its own: its store is another than the full kind's, and its objects have no `spec`.
 * The same kind answers with the same projection each time.
 */
export function metadata<K extends AnyKind>(kind: K): MetadataOf<K> {
  if (kind.projection === 'metadata') return kind as AnyKind as MetadataOf<K>;
  const known = projections.get(kind);
  if (known) return known as MetadataOf<K>;
  const { definition: _, ...names } = kind as AnyKind;
  const projection: AnyKind = Object.freeze({ ...names, projection: 'metadata' as const });
  projections.set(kind, projection);
  return projection as MetadataOf<K>;
}
