import type { AnyKind } from '../kinds/index.ts';
import { byCodeUnits } from './order.ts';

/** What may be done to objects, as RBAC names it. */
export type RbacVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** One thing a program does: verbs on a kind, or on a subresource of it. */
export interface RbacNeed {
  readonly kind: Pick<AnyKind, 'group' | 'plural' | 'scope'>;
  readonly verbs: readonly RbacVerb[];
  /** Such as `status`; the verbs are then on the subresource alone. */
  readonly subresource?: string | undefined;
  /** The one namespace it does it in; left out, all of them. */
  readonly namespace?: string | undefined;
  /** Only objects of these names. Left out, all. (The server cannot restrict create, list and watch by name alone.) */
  readonly names?: readonly string[] | undefined;
}

/** All that a program does. */
export type RbacNeeds = readonly RbacNeed[];

/** A rule of rbac.authorization.k8s.io/v1 about resources. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Only objects of these names; missing: all. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules for a ClusterRole, and for a Role in each of some namespaces. */
export interface PolicyRules {
  readonly cluster: readonly PolicyRule[];
  readonly namespaces: Readonly<Record<string, readonly PolicyRule[]>>;
}

/**
 * The fewest rules that allow what is needed and nothing else. As controller-gen writes them: one rule for each
 * resource, its verbs united, both in alphabetical order. A need in one namespace that a cluster-wide one covers
 * makes no rule.
 */
export function rulesFor(needs: RbacNeeds): PolicyRules {
  const cluster = merge(needs.filter((need) => !inNamespace(need)));
  const names = [...new Set(needs.filter(inNamespace).map((need) => need.namespace as string))].sort(byCodeUnits);
  const namespaces: Record<string, readonly PolicyRule[]> = {};
  for (const namespace of names) {
    const own = needs.filter((need) => inNamespace(need) && need.namespace === namespace);
    const rules = merge(own.map((need) => uncovered(need, needs)));
    if (rules.length > 0) namespaces[namespace] = rules;
  }
  return { cluster, namespaces };
}

/**
 * The needs of an operator that is confined to these namespaces (none: to no one): what it did in all namespaces it
 * does in each of them, by Roles. Cluster-scoped kinds and needs that name a namespace stay as they are.
 *
 * @param namespacesOf of kinds for which others are meant
 */
export function confinedTo(
  namespaces: readonly string[],
  needs: RbacNeeds,
  namespacesOf: (kind: RbacNeed['kind']) => readonly string[] | undefined = () => undefined,
): RbacNeeds {
  return needs.flatMap((need) => {
    if (need.namespace || need.kind.scope === 'Cluster') return [need];
    const where = namespacesOf(need.kind) ?? namespaces;
    return where.length === 0 ? [need] : where.map((namespace) => ({ ...need, namespace }));
  });
}

/** A cluster-scoped kind is in no namespace, whatever was said. */
function inNamespace(need: RbacNeed): boolean {
  return Boolean(need.namespace) && need.kind.scope === 'Namespaced';
}

function resourceOf({ kind, subresource }: RbacNeed): string {
  return subresource ? `${kind.plural}/${subresource}` : kind.plural;
}

/** The need without the verbs that some cluster-wide need has. */
function uncovered(need: RbacNeed, needs: RbacNeeds): RbacNeed {
  const covers = (other: RbacNeed) =>
    !inNamespace(other) &&
    other.kind.group === need.kind.group &&
    resourceOf(other) === resourceOf(need) &&
    (other.names === undefined || (need.names?.every((name) => other.names?.includes(name)) ?? false));
  const allowed = new Set(needs.filter(covers).flatMap((other) => other.verbs));
  return { ...need, verbs: need.verbs.filter((verb) => !allowed.has(verb)) };
}

function merge(needs: RbacNeeds): readonly PolicyRule[] {
  const verbs = new Map<string, { readonly need: RbacNeed; readonly verbs: Set<string> }>();
  for (const need of needs) {
    if (need.verbs.length === 0) continue;
    const key = [need.kind.group, resourceOf(need), ...[...(need.names ?? [])].sort(byCodeUnits)].join('\n');
    const entry = verbs.get(key) ?? { need, verbs: new Set<string>() };
    for (const verb of need.verbs) entry.verbs.add(verb);
    verbs.set(key, entry);
  }
  return [...verbs.entries()]
    .sort(([a], [b]) => byCodeUnits(a, b))
    .map(([, { need, verbs: united }]) => ({
      apiGroups: [need.kind.group],
      ...(need.names ? { resourceNames: [...need.names].sort(byCodeUnits) } : {}),
      resources: [resourceOf(need)],
      verbs: [...united].sort(byCodeUnits),
    }));
}
