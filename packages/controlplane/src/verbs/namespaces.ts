import type { ServedResource } from '../registry/index.ts';

/** Namespaces that every cluster has and that cannot be deleted. */
export const immortalNamespaces: readonly string[] = ['default', 'kube-system', 'kube-public'];

export function isNamespace(resource: ServedResource): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}
