import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { PolicyRule } from '../manifests/index.ts';
import { type Access, isPathAccess, isPathRule, type PathRule, type Rights } from './access.ts';

interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface RbacObject extends KubeObject {
  readonly rules?: readonly (PolicyRule | PathRule)[];
  readonly roleRef?: RoleRef;
  readonly subjects?: readonly Subject[];
}

/** What the bindings among these objects give to the ServiceAccount of that name, by the roles among them. */
export function rightsOf(objects: readonly KubeObject[], account: string): Rights {
  const all = objects as readonly RbacObject[];
  const cluster: (PolicyRule | PathRule)[] = [];
  const namespaces: Record<string, PolicyRule[]> = {};
  for (const { kind, metadata, roleRef, subjects = [] } of all) {
    if (!roleRef || !subjects.some((subject) => subject.kind === 'ServiceAccount' && subject.name === account))
      continue;
    const role = all.find(
      (object) =>
        object.kind === roleRef.kind &&
        object.metadata.name === roleRef.name &&
        (roleRef.kind === 'ClusterRole' || object.metadata.namespace === metadata.namespace),
    );
    const rules = role?.rules ?? [];
    if (kind === 'ClusterRoleBinding') cluster.push(...rules);
    else {
      const namespace = metadata.namespace ?? 'default';
      const own = rules.filter((rule): rule is PolicyRule => !isPathRule(rule));
      namespaces[namespace] = [...(namespaces[namespace] ?? []), ...own];
    }
  }
  return { cluster, namespaces };
}

/** Whether these rights allow an access, as the API server's RBAC decides it. */
export function allows({ cluster, namespaces }: Rights, access: Access): boolean {
  if (cluster.some((rule) => ruleAllows(rule, access))) return true;
  if (isPathAccess(access) || access.namespace === undefined) return false;
  return (namespaces[access.namespace] ?? []).some((rule) => ruleAllows(rule, access));
}

export function ruleAllows(rule: PolicyRule | PathRule, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false;
  if (isPathAccess(access)) return isPathRule(rule) && rule.nonResourceURLs.some((url) => matches(url, access.path));
  if (isPathRule(rule)) return false;
  const { group, resource, name } = access;
  const { apiGroups, resources, resourceNames = [] } = rule;
  const ofAnyKind = resource.includes('/') && resources.includes(`*/${resource.split('/')[1]}`);
  return (
    has(apiGroups, group) &&
    (has(resources, resource) || ofAnyKind) &&
    (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)))
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*');
}

/** A `*` at the end stands for anything. */
function matches(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}
