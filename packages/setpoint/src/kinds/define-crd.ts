import { SchemaError } from '../schema/index.ts';
import type { KindDefinition } from './definition.ts';
import type { AnyKind } from './kind.ts';

/** A kind that this program defines, whatever its types. */
export type AnyDefinedKind = AnyKind & { readonly definition: KindDefinition };

/** Options of `defineCrd`. */
export interface CrdOptions<K extends AnyDefinedKind = AnyDefinedKind> {
  /** The version that is stored. Always served. */
  readonly storage: K;
  /** All versions, in any order; the storage version need not be repeated. */
  readonly versions: readonly (AnyDefinedKind | { readonly kind: AnyDefinedKind; readonly served: boolean })[];
  /** Conversion by functions needs a webhook, which this release cannot serve: both are refused. */
  readonly hub?: never;
  readonly spokes?: never;
}

/** One CRD with several versions of a kind. */
export interface Crd {
  /** `foos.tutorial.my.domain`. */
  readonly name: string;
  readonly storage: AnyDefinedKind;
  /** By Kubernetes' priority of versions: v2, v1, v1beta1, v1alpha1. */
  readonly versions: readonly { readonly kind: AnyDefinedKind; readonly served: boolean }[];
  /** Versions differ in their schemas only; the server changes nothing but the apiVersion. */
  readonly conversion: 'None';
  readonly warnings: readonly string[];
}

/**
 * Puts several versions of a kind into one CRD: `defineCrd({ storage: V1, versions: [V1, V1beta1] })`.
 *
 * Conversion is `None`: an object keeps its members and changes its apiVersion, so a member that only one version has
 * is pruned when it is written through the other. Throws a SchemaError where the versions do not fit together.
 */
export function defineCrd<K extends AnyDefinedKind>(options: CrdOptions<K>): Crd & { readonly storage: K } {
  const { storage } = options;
  const refuse = (path: string, message: string, advice: string): never => {
    throw new SchemaError({ code: 'InvalidDefinition', kind: storage.kind, path, message, advice });
  };
  if ('hub' in options || 'spokes' in options)
    refuse(
      'spokes',
      'conversion by functions needs a conversion webhook, which this release of setpoint cannot serve',
      'leave hub and spokes out and keep the versions compatible, so that no conversion is needed',
    );
  const named = options.versions.map((entry) => ('served' in entry ? entry : { kind: entry, served: true }));
  const versions = named.some(({ kind }) => kind === storage) ? named : [{ kind: storage, served: true }, ...named];
  for (const { kind, served } of versions) {
    const at = `versions (${kind.version})`;
    for (const name of ['group', 'kind', 'plural', 'singular', 'scope'] as const)
      if (kind[name] !== storage[name])
        refuse(
          at,
          `its ${name} is ${kind[name]}, that of the storage version ${storage[name]}`,
          'give all versions the same',
        );
    if (kind === storage && !served)
      refuse(at, 'the storage version is not served', 'serve it, or store another version');
    if (versions.filter((other) => other.kind.version === kind.version).length > 1)
      refuse(at, 'the version is there twice', 'leave one of them out');
  }
  return Object.freeze({
    name: `${storage.plural}.${storage.group}`,
    storage,
    versions: [...versions].sort((a, b) => compareVersions(a.kind.version, b.kind.version)),
    conversion: 'None' as const,
    warnings: versions.flatMap(({ kind }) => kind.definition.warnings),
  });
}

/** As Kubernetes orders versions: stable before beta before alpha, the higher number first, other names last. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rank(a), rank(b)];
  for (const [index, value] of x.entries()) {
    const difference = (y[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (!match) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
