import type { ServedResource } from '../registry/index.ts';
import { forbidden, notFound } from '../status/index.ts';
import type { Backend } from './scope.ts';

const namespaces = { group: '', resource: 'namespaces' };

/** Namespaces that every cluster has and that cannot be deleted. */
export const immortalNamespaces: readonly string[] = ['default', 'kube-system', 'kube-public'];

export function isNamespace(resource: ServedResource): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}

/** New content needs a namespace that is there and stays. @throws StatusError 404 or 403 */
export function checkNamespaceForCreate(
  backend: Backend,
  resource: ServedResource,
  namespace: string,
  name: string,
): void {
  if (!resource.namespaced) return;
  const served = backend.registry.lookup('', 'v1', 'namespaces');
  if (!served) return;
  const entry = backend.store.collection(served.storageKey).get(namespace);
  if (!entry) throw notFound(namespaces, namespace);
  const { status } = entry.object as { status?: { phase?: string } };
  if (status?.phase !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden({ group: resource.group, resource: resource.resource }, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

export function checkNamespaceForDelete(resource: ServedResource, name: string): void {
  if (isNamespace(resource) && immortalNamespaces.includes(name)) {
    throw forbidden(namespaces, name, 'this namespace may not be deleted');
  }
}
