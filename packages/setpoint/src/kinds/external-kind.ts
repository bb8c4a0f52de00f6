import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import type { Kind, Scope } from './kind.ts';

/** The names of a kind that others define, as its CustomResourceDefinition says them. */
export interface ExternalKindOptions<R extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: NonNullable<R['kind']>;
  readonly plural: string;
  /** @default the kind in lower case */
  readonly singular?: string;
  /** Such as `cert` for Certificates. @default none */
  readonly shortNames?: readonly string[];
  /** @default none */
  readonly categories?: readonly string[];
  /** @default 'Namespaced' */
  readonly scope?: Scope;
  /** Whether the kind has a status subresource. @default false */
  readonly status?: boolean;
  /** Whether the kind has a scale subresource. @default false */
  readonly scale?: boolean;
}

/**
 * A kind that somebody else defines, with the types of its objects: `R` as the server answers with them, `I` as a
 * person writes them. `setpoint import` writes such a declaration from a CustomResourceDefinition.
 *
 * Unlike those of `dynamicKind`, its names are known and never asked for. A cluster that lacks the kind is waited for
 * as with any other, see `optional` of a controller; this operator neither installs nor removes its definition.
 */
export function externalKind<R extends KubeObject, I extends object>(options: ExternalKindOptions<R>): Kind<R, I> {
  const { group, version, kind, plural } = options;
  return Object.freeze({
    group,
    version,
    apiVersion: formatApiVersion(group, version) as R['apiVersion'],
    kind: kind as R['kind'],
    listKind: `${kind}List`,
    plural,
    singular: options.singular ?? kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    scope: options.scope ?? 'Namespaced',
    projection: 'full' as const,
    subresources: { status: options.status ?? false, scale: options.scale ?? false },
  });
}
