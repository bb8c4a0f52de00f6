import { SchemaError } from '../schema/index.ts';
import type { Scope } from './kind.ts';
import type { Spoke } from './spoke.ts';
import { type AnyDefinedKind, compareVersions } from './versions.ts';

/** Versions that differ in their schemas only. */
export interface CompatibleVersions<K extends AnyDefinedKind = AnyDefinedKind> {
  /** @default that of the kinds; given, they must have it */
  readonly scope?: Scope;
  /** The version that is stored. Always served. */
  readonly storage: K;
  /** All versions, in any order; the storage version need not be repeated. */
  readonly versions: readonly (AnyDefinedKind | { readonly kind: AnyDefinedKind; readonly served: boolean })[];
  /** Only where functions convert. */
  readonly hub?: never;
  /** Only where functions convert. */
  readonly spokes?: never;
}

/** Versions that functions convert into each other, by way of the hub. */
export interface ConvertedVersions<
  K extends AnyDefinedKind = AnyDefinedKind,
  Hub extends AnyDefinedKind = AnyDefinedKind,
> {
  /** @default that of the kinds; given, they must have it */
  readonly scope?: Scope;
  /** The version that is stored: the hub, or one of the spokes. Always served. */
  readonly storage: K;
  /** The version that all others are converted to and from; it should be able to say what any of them can. */
  readonly hub: Hub;
  /** All other versions. */
  readonly spokes: readonly Spoke<Hub>[];
  /** They follow from `hub` and `spokes`. */
  readonly versions?: never;
}

/** Options of `defineCrd`. */
export type CrdOptions<K extends AnyDefinedKind = AnyDefinedKind, Hub extends AnyDefinedKind = AnyDefinedKind> =
  | CompatibleVersions<K>
  | ConvertedVersions<K, Hub>;

/** One CRD with several versions of a kind. */
export interface Crd {
  /** `foos.tutorial.my.domain`. */
  readonly name: string;
  readonly storage: AnyDefinedKind;
  /** By Kubernetes' priority of versions: v2, v1, v1beta1, v1alpha1. */
  readonly versions: readonly { readonly kind: AnyDefinedKind; readonly served: boolean }[];
  /** `None`: the server changes nothing but the apiVersion. `Webhook`: it asks the operator, by `hub` and `spokes`. */
  readonly conversion: 'None' | 'Webhook';
  /** Undefined where nothing is converted. */
  readonly hub?: AnyDefinedKind;
  readonly spokes: readonly Spoke[];
  readonly warnings: readonly string[];
}

type Version = Crd['versions'][number];

/**
 * Puts several versions of a kind into one CRD.
 *
 * `defineCrd({ storage: V1, versions: [V1, V1beta1] })`: conversion is `None`; an object keeps its members and changes
 * its apiVersion, so a member that only one version has is pruned when it is written through the other.
 *
 * `defineCrd({ storage: V1, hub: V1, spokes: [spoke(V1, V1beta1, { toHub, fromHub })] })`: the API server asks the
 * operator to convert, so the operator has to have it (`operator({ crds })`) and to be there whenever another version
 * than the stored one is read or written.
 *
 * @throws SchemaError where the versions do not fit together
 */
export function defineCrd<K extends AnyDefinedKind, Hub extends AnyDefinedKind>(
  options: CrdOptions<K, Hub>,
): Crd & { readonly storage: K } {
  const { storage } = options;
  const versions = options.hub
    ? convertedVersions(options as ConvertedVersions)
    : compatibleVersions(options as CompatibleVersions);
  for (const version of versions) checkVersion(version, versions, options);
  return Object.freeze({
    name: `${storage.plural}.${storage.group}`,
    storage,
    versions: [...versions].sort((a, b) => compareVersions(a.kind.version, b.kind.version)),
    ...(options.hub
      ? { conversion: 'Webhook' as const, hub: options.hub, spokes: options.spokes as readonly Spoke[] }
      : { conversion: 'None' as const, spokes: [] }),
    warnings: versions.flatMap(({ kind }) => kind.definition.warnings),
  });
}

function compatibleVersions({ storage, versions }: CompatibleVersions): readonly Version[] {
  const named = versions.map((entry) => ('served' in entry ? entry : { kind: entry, served: true }));
  return named.some(({ kind }) => kind === storage) ? named : [{ kind: storage, served: true }, ...named];
}

function convertedVersions({ storage, hub, spokes }: ConvertedVersions): readonly Version[] {
  for (const { kind, hub: own } of spokes) {
    if (own !== hub)
      refuse(storage, `spokes (${kind.version})`, `its hub is ${own.version}, not ${hub.version}`, 'give all one hub');
  }
  const versions = [{ kind: hub, served: true }, ...spokes.map(({ kind, served }) => ({ kind, served }))];
  if (versions.every(({ kind }) => kind !== storage))
    refuse(storage, 'storage', 'it is neither the hub nor one of the spokes', 'store one of the versions');
  return versions;
}

function checkVersion({ kind, served }: Version, versions: readonly Version[], { storage, scope }: CrdOptions): void {
  const at = `versions (${kind.version})`;
  for (const name of ['group', 'kind', 'plural', 'singular', 'scope'] as const)
    if (kind[name] !== storage[name])
      refuse(
        storage,
        at,
        `its ${name} is ${kind[name]}, that of the storage version ${storage[name]}`,
        'give all versions the same',
      );
  if (scope && kind.scope !== scope)
    refuse(storage, at, `its scope is ${kind.scope}, not ${scope}`, 'give the scope to defineKind');
  if (kind === storage && !served)
    refuse(storage, at, 'the storage version is not served', 'serve it, or store another version');
  if (versions.filter((other) => other.kind.version === kind.version).length > 1)
    refuse(storage, at, 'the version is there twice', 'leave one of them out');
}

function refuse({ kind }: AnyDefinedKind, path: string, message: string, advice: string): never {
  throw new SchemaError({ code: 'InvalidDefinition', kind, path, message, advice });
}
