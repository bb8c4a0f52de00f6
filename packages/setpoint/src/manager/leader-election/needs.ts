import type { RbacNeed } from '../../manifests/index.ts';

const lease = { group: 'coordination.k8s.io', plural: 'leases', scope: 'Namespaced' } as const;
const event = { group: 'events.k8s.io', plural: 'events', scope: 'Namespaced' } as const;

/**
 * What leader election does to the API server, beside what the controllers do: it makes one Lease and keeps it, watches
 * it while others hold it, and tells Events about it. `rulesFor` makes rules of RBAC of it.
 */
export function leaderElectionNeeds(of: { readonly id: string; readonly namespace: string }): RbacNeed[] {
  const { id, namespace } = of;
  return [
    { kind: lease, verbs: ['create'], namespace },
    { kind: lease, verbs: ['get', 'list', 'update', 'watch'], namespace, names: [id] },
    { kind: event, verbs: ['create', 'patch'], namespace },
  ];
}

/** The Lease's name where none is given. */
export function defaultLeaseId(operator: string): string {
  return `${operator}-leader`;
}
