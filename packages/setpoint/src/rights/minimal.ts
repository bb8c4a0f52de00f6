import { compareBytes } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type PolicyRule, roleManifest } from '../manifests/index.ts';
import {
  type Access,
  isPathAccess,
  type PathAccess,
  type PathRule,
  type ResourceAccess,
  type Rights,
} from './access.ts';
import { allows } from './grants.ts';

/** Options of `minimalRights`. */
export interface MinimalOptions {
  /**
   * What is allowed by these rights is allowed in the same way: in all namespaces, or for objects of some names only.
   *
   * @default nothing
   */
  readonly declared?: Rights | undefined;
  /**
   * A Role in each namespace that was seen, and nothing more. Otherwise what is listed or watched in all namespaces, or
   * was seen in two of them, is taken to be meant everywhere.
   */
  readonly exact?: boolean | undefined;
  /** Restrict to the names of objects where each request had one. */
  readonly resourceNames?: boolean | undefined;
}

/** The fewest rights that allow all of this, with rules as a person writes them. */
export function minimalRights(accesses: readonly Access[], options: MinimalOptions = {}): Rights {
  const resources = accesses.filter((access): access is ResourceAccess => !isPathAccess(access));
  const everywhere = reach(resources, options);
  const cluster = resources.filter(everywhere);
  const confined = Map.groupBy(
    resources.filter((access) => !everywhere(access)),
    ({ namespace }) => namespace ?? '',
  );
  const rights = rulesOf(cluster, options);
  const namespaces: Record<string, readonly PolicyRule[]> = {};
  for (const namespace of [...confined.keys()].sort(compareBytes)) {
    const own = (confined.get(namespace) ?? []).filter(
      (access) => !allows({ cluster: rights, namespaces: {} }, access),
    );
    if (own.length > 0) namespaces[namespace] = rulesOf(own, options);
  }
  return { cluster: [...rights, ...pathRules(accesses.filter(isPathAccess))], namespaces };
}

/** The ClusterRole and the Roles that give these rights. */
export function roleManifests(name: string, { cluster, namespaces }: Rights): readonly KubeObject[] {
  const roles = cluster.length > 0 ? [roleManifest('ClusterRole', { name }, cluster as readonly PolicyRule[])] : [];
  const each = Object.entries(namespaces).map(([namespace, rules]) => roleManifest('Role', { name, namespace }, rules));
  return [...roles, ...each];
}

/** Whether an access is meant in all namespaces. */
function reach(accesses: readonly ResourceAccess[], { declared, exact }: MinimalOptions) {
  const base = ({ group, resource }: ResourceAccess) => `${group}/${resource.split('/')[0]}`;
  const seen = new Map<string, Set<string>>();
  for (const access of accesses) {
    const places = seen.get(base(access)) ?? new Set();
    places.add(access.namespace ?? '');
    seen.set(base(access), places);
  }
  return (access: ResourceAccess): boolean => {
    if (access.namespace === undefined) return true;
    if (declared && allows(declared, access)) return allows({ cluster: declared.cluster, namespaces: {} }, access);
    const places = seen.get(base(access)) as Set<string>;
    return exact !== true && (places.has('') || places.size > 1);
  };
}

interface Granted {
  readonly group: string;
  readonly resource: string;
  readonly names: readonly string[];
  readonly verbs: Set<string>;
}

/** Resources of one group that are used in the same way share a rule. */
function rulesOf(accesses: readonly ResourceAccess[], options: MinimalOptions): readonly PolicyRule[] {
  const byVerb = Map.groupBy(accesses, ({ group, resource, verb }) => `${group}\n${resource}\n${verb}`);
  const granted = new Map<string, Granted>();
  for (const same of byVerb.values()) {
    const [{ group, resource, verb }] = same as [ResourceAccess];
    const names = namesOf(same, options);
    const key = [group, resource, ...names].join('\n');
    const entry = granted.get(key) ?? { group, resource, names, verbs: new Set<string>() };
    entry.verbs.add(verb);
    granted.set(key, entry);
  }
  const rules = [...granted].sort(([a], [b]) => compareBytes(a, b)).map(([, entry]) => entry);
  const shared = Map.groupBy(rules, ({ group, names, verbs }) => [group, ...names, '', ...sorted(verbs)].join('\n'));
  return [...shared.values()].map((some) => {
    const [{ group, names, verbs }] = some as [Granted];
    return {
      apiGroups: [group],
      ...(names.length > 0 ? { resourceNames: names } : {}),
      resources: some.map(({ resource }) => resource),
      verbs: sorted(verbs),
    };
  });
}

/** Empty where one of them named no object, or nobody asked to restrict them: neither by option nor by declaration. */
function namesOf(accesses: readonly ResourceAccess[], { resourceNames, declared }: MinimalOptions): readonly string[] {
  if (accesses.some(({ name }) => name === undefined)) return [];
  const isRestricted = (access: ResourceAccess) =>
    declared !== undefined && allows(declared, access) && !allows(declared, { ...access, name: undefined });
  if (!resourceNames && !accesses.every(isRestricted)) return [];
  return sorted(new Set(accesses.map(({ name }) => name as string)));
}

function pathRules(accesses: readonly PathAccess[]): readonly PathRule[] {
  const verbs = Map.groupBy(accesses, ({ path }) => path);
  const shared = Map.groupBy(
    [...verbs].sort(([a], [b]) => compareBytes(a, b)),
    ([, some]) => sorted(new Set(some.map(({ verb }) => verb))).join('\n'),
  );
  return [...shared].map(([joined, some]) => ({
    nonResourceURLs: some.map(([path]) => path),
    verbs: joined.split('\n'),
  }));
}

function sorted(values: ReadonlySet<string>): readonly string[] {
  return [...values].sort(compareBytes);
}
