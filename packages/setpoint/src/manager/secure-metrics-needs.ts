import type { RbacNeed } from '../manifests/index.ts';

/** What asking costs in rights: the operator's role needs these where metrics are secured. */
export function secureMetricsNeeds(): RbacNeed[] {
  const review = (group: string, plural: string): RbacNeed => ({
    kind: { group, plural, scope: 'Cluster' },
    verbs: ['create'],
  });
  return [review('authentication.k8s.io', 'tokenreviews'), review('authorization.k8s.io', 'subjectaccessreviews')];
}
