import type { ObjectMeta } from '@setpoint/apimachinery/meta';
import type { AnyKind, Resource } from './kind.ts';
import type { AnyDefinedKind } from './versions.ts';

/**
 * What a conversion answers with: the members of the other version. Metadata is kept as it was, since no conversion may
 * change it; only labels and annotations that are given take the place of those that were there.
 */
export type Converted<K extends AnyKind> = MaybeUndefined<Omit<Resource<K>, 'apiVersion' | 'kind' | 'metadata'>> & {
  /** Labels and annotations that take the place of those that were there. @default they stay */
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>;
};

/** What is undefined is left out: `({ spec, status }) => ({ spec, status })` answers a status only where there is one. */
type MaybeUndefined<T> = { [M in keyof T]: Pick<T, M> extends Required<Pick<T, M>> ? T[M] : T[M] | undefined };

/** Options of `spoke()`. */
export interface SpokeOptions<Hub extends AnyKind, K extends AnyKind> {
  /**
   * Must keep whatever the hub can say; what it cannot say belongs into an annotation, or is lost when the object is
   * stored. An error it throws is the answer to whoever asked for the object.
   */
  readonly toHub: (object: Resource<K>) => Converted<Hub>;
  /** As `toHub`, the other way. */
  readonly fromHub: (object: Resource<Hub>) => Converted<K>;
  /** @default true */
  readonly served?: boolean;
}

/** A version that is converted to and from the hub; made by `spoke()` from {@link SpokeOptions}. */
export interface Spoke<Hub extends AnyDefinedKind = AnyDefinedKind, K extends AnyDefinedKind = AnyDefinedKind> {
  readonly type: 'spoke';
  readonly hub: Hub;
  readonly kind: K;
  readonly served: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the maker of a spoke knows its types, the data does not.
  readonly toHub: (object: any) => object;
  // biome-ignore lint/suspicious/noExplicitAny: the maker of a spoke knows its types, the data does not.
  readonly fromHub: (object: any) => object;
}

/**
 * Another version of the hub's kind, and how the two are converted into each other: pure functions, which see the whole
 * object and answer with its members: `spoke(V1, V1beta1, { toHub: ({ spec }) => ({ spec: … }), fromHub: … })`.
 */
export function spoke<const Hub extends AnyDefinedKind, const K extends AnyDefinedKind>(
  hub: Hub,
  kind: K,
  { toHub, fromHub, served = true }: SpokeOptions<Hub, K>,
): Spoke<Hub, K> {
  return Object.freeze({ type: 'spoke' as const, hub, kind, served, toHub, fromHub });
}
