import type { RbacNeed } from '../../manifests/index.ts';

const lease = { group: 'coordination.k8s.io', plural: 'leases', scope: 'Namespaced' } as const;

/**
 * What replicas that share controllers by shards do to the API server, beside what the controllers do: they keep Leases,
 * one for each replica, under names that nobody knows beforehand, and one for each shard. `rulesFor` makes rules of RBAC
 * of it.
 */
export function shardingNeeds(of: { readonly namespace: string }): RbacNeed[] {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;
  return [{ kind: lease, verbs, namespace: of.namespace }];
}
