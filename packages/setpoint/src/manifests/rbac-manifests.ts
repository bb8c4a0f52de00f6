import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { PolicyRule } from './rbac-rules.ts';

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
