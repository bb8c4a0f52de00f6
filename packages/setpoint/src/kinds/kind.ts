import type { KubeObject } from '@setpoint/apimachinery/meta';

/** Carries the types of a kind; exists in the type system only. */
export declare const types: unique symbol;

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
  readonly scope: 'Namespaced' | 'Cluster';
  /** `metadata(Pod)` is Pod with the projection `metadata`: a kind of its own to caches and types. */
  readonly projection: 'full' | 'metadata';
  readonly subresources: { readonly status: boolean; readonly scale: boolean };
  /** Present where this operator defines the kind: what the CRD is made of. */
  readonly definition?: KindDefinition;
  readonly [types]?: { readonly resource: R; readonly input: I };
}

/** Any kind, for code that does not care about the shape. */
export type AnyKind = Kind<any, any>;

/** An object of the kind as the server answers with it: defaults filled in, metadata complete. */
export type Resource<K> = K extends Kind<infer R, any> ? R : never;

/** An object of the kind as a person writes it: defaults may be missing, metadata has a name. */
export type ResourceInput<K> = K extends Kind<any, infer I> ? I : never;

/** Filled in by defineKind; see define-kind.ts. */
export interface KindDefinition {
  readonly schema: object;
}

/** `Foo.tutorial.my.domain`: how messages and maps name a kind. */
export function kindName(kind: AnyKind): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}
