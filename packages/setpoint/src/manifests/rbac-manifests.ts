import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type PolicyRule, type RbacNeeds, rulesFor } from './rbac-rules.ts';

/** Options of `rbacManifests`. */
export interface RbacOptions {
  /** The operator's name: all objects are named after it. */
  readonly name: string;
  /** Where the operator runs; its ServiceAccount is there. */
  readonly namespace: string;
  readonly needs: RbacNeeds;
  /** @default the operator's name */
  readonly serviceAccount?: string;
}

/**
 * What lets an operator do what it needs: a ServiceAccount; a ClusterRole and its binding where it needs something
 * in all namespaces; a Role and its binding in each namespace where it needs something only there.
 */
export function rbacManifests(options: RbacOptions): readonly KubeObject[] {
  const { name, namespace, needs } = options;
  const account = options.serviceAccount ?? name;
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
  const { cluster, namespaces } = rulesFor(needs);
  const role = `${name}-role`;
  const binding = `${name}-rolebinding`;
  const out: KubeObject[] = [serviceAccountManifest(account, namespace)];
  if (cluster.length > 0) {
    out.push(roleManifest('ClusterRole', { name: role }, cluster));
    out.push(bindingManifest('ClusterRole', { name: binding }, role, subjects));
  }
  for (const [where, rules] of Object.entries(namespaces)) {
    out.push(roleManifest('Role', { name: role, namespace: where }, rules));
    out.push(bindingManifest('Role', { name: binding, namespace: where }, role, subjects));
  }
  return out;
}

/** The ServiceAccount that an operator runs as. */
export function serviceAccountManifest(name: string, namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

interface Names {
  readonly name: string;
  readonly namespace?: string;
}

/** A ClusterRole or a Role. */
export interface RoleManifest extends KubeObject {
  readonly rules: readonly PolicyRule[];
}

/** A ClusterRole or a Role with these rules. */
export function roleManifest(
  kind: 'ClusterRole' | 'Role',
  metadata: Names,
  rules: readonly PolicyRule[],
): RoleManifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, rules };
}

function bindingManifest(kind: 'ClusterRole' | 'Role', metadata: Names, role: string, subjects: readonly object[]) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects,
  };
}
