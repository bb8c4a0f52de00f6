import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { KindDefinition } from './definition.ts';
import type { ServedMetadata } from './metadata-types.ts';

/** Carries the types of a kind; exists in the type system only. */
export declare const types: unique symbol;

/** Whether a kind's objects live in namespaces. */
export type Scope = 'Namespaced' | 'Cluster';

/**
 * What Setpoint knows of a kind of objects: its names, and in the type system its shape.
 * Made by defineKind for kinds of the operator, generated for built-in kinds, by dynamicKind for others.
 */
export interface Kind<R extends KubeObject = KubeObject, I extends object = object> {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: R['apiVersion'];
  readonly kind: R['kind'];
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: Scope;
  /** `metadata(Pod)` is Pod with the projection `metadata`: a kind of its own to caches and types. */
  readonly projection: 'full' | 'metadata';
  readonly subresources: { readonly status: boolean; readonly scale: boolean };
  /** Present where this operator defines the kind: what the CRD is made of. */
  readonly definition?: KindDefinition;
  /** The further cluster that the kind is of, for one made by `onCluster`. */
  readonly cluster?: string;
  /** True for a kind made by `dynamicKind`: the server may not have it, and its names are what was said or guessed. */
  readonly dynamic?: boolean;
  readonly [types]?: { readonly resource: R; readonly input: I };
}

/** Any kind, for code that does not care about the shape. */
// biome-ignore lint/suspicious/noExplicitAny: unknown would refuse kinds whose types are narrower
export type AnyKind = Kind<any, any>;

/** An object of the kind as the server answers with it: defaults filled in, metadata complete. */
export type Resource<K> = K extends Kind<infer R, object> ? Served<R> : never;

type Served<R extends KubeObject> = R['metadata'] extends ServedMetadata
  ? R
  : R & { readonly metadata: ServedMetadata };

/** An object of the kind as a person writes it: defaults may be missing, metadata has a name. */
export type ResourceInput<K> = K extends Kind<KubeObject, infer I> ? I : never;

/** The spec of a kind's objects as the server answers with it. */
export type SpecOf<K> = 'spec' extends keyof Resource<K> ? NonNullable<Resource<K>['spec']> : never;

/** The status of a kind's objects. */
export type StatusOf<K> = 'status' extends keyof Resource<K> ? NonNullable<Resource<K>['status']> : never;

/** `Foo.tutorial.my.domain`: how messages and maps name a kind. */
export function kindName(kind: AnyKind): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** `Foo.tutorial.my.domain/v1`, with ` (metadata)` for that projection and ` on edge` for another cluster: equal exactly for kinds that share a store. */
export function kindKey(kind: AnyKind): string {
  const projection = kind.projection === 'metadata' ? ' (metadata)' : '';
  return `${kindName(kind)}/${kind.version}${projection}${kind.cluster === undefined ? '' : ` on ${kind.cluster}`}`;
}
