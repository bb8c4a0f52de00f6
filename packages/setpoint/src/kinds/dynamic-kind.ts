import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import type { AnyKind, Kind, Scope } from './kind.ts';
import type { MetadataInput, ServedMetadata } from './metadata-types.ts';
import { pluralOf } from './plural.ts';

/** An object whose members beside metadata this program knows nothing of. */
export interface DynamicResource<ApiVersion extends string, Name extends string> extends KubeObject {
  readonly apiVersion: ApiVersion;
  readonly kind: Name;
  readonly metadata: ServedMetadata;
  readonly [member: string]: unknown;
}

/** The same as a person writes it: metadata needs a name, apiVersion and kind may be left out. */
export interface DynamicResourceInput<ApiVersion extends string, Name extends string> {
  /** Follows from the kind where it is left out. */
  readonly apiVersion?: ApiVersion;
  /** Follows from the kind where it is left out. */
  readonly kind?: Name;
  readonly metadata: MetadataInput;
  readonly [member: string]: unknown;
}

type JoinedVersion<Group extends string, Version extends string> = Group extends '' ? Version : `${Group}/${Version}`;

/** The plural, where it is not said, is formed as generators do; a client asks the server's discovery for the true one. */
export interface DynamicKindOptions<Group extends string, Version extends string, Name extends string> {
  readonly group: Group;
  readonly version: Version;
  readonly kind: Name;
  /** @default the kind in lower case, in the plural as Kubernetes' generators form it */
  readonly plural?: string;
  /** @default 'Namespaced' */
  readonly scope?: Scope;
  /** Whether the kind has a status subresource. @default true */
  readonly status?: boolean;
}

/**
 * A kind that somebody else defines and that may be absent from the cluster, such as a Route of OpenShift.
 * Its objects are untyped beyond metadata unless a type is given:
 *
 * ```ts
 * const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
 * const TypedRoute = dynamicKind<RouteType>({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
 * ```
 */
export function dynamicKind<const Group extends string, const Version extends string, const Name extends string>(
  options: DynamicKindOptions<Group, Version, Name>,
): Kind<
  DynamicResource<JoinedVersion<Group, Version>, Name>,
  DynamicResourceInput<JoinedVersion<Group, Version>, Name>
>;
export function dynamicKind<R extends KubeObject>(
  options: DynamicKindOptions<string, string, R['kind']>,
): Kind<R, Omit<R, 'metadata' | 'status'> & { readonly metadata: MetadataInput }>;
export function dynamicKind(options: DynamicKindOptions<string, string, string>): AnyKind {
  const { group, version, kind } = options;
  const singular = kind.toLowerCase();
  return Object.freeze({
    group,
    version,
    apiVersion: formatApiVersion(group, version),
    kind,
    listKind: `${kind}List`,
    plural: options.plural ?? pluralOf(singular),
    singular,
    shortNames: [],
    categories: [],
    scope: options.scope ?? 'Namespaced',
    projection: 'full' as const,
    subresources: { status: options.status ?? true, scale: false },
    dynamic: true,
  });
}
