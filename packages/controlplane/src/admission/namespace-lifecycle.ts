import { forbidden, notFound } from '../status/index.ts';
import { type AdmissionAttributes, immortalNamespaces } from '../verbs/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { refused } from './refusal.ts';

const namespaces = { group: '', resource: 'namespaces' };

/** New content needs a namespace that is there and stays; some namespaces cannot be deleted. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles({ group, resource, namespaced, operation }) {
    if (group === '' && resource === 'namespaces') return operation === 'DELETE';
    return namespaced && operation === 'CREATE' && !resource.endsWith('accessreviews');
  },
  admit(attributes) {
    if (attributes.operation === 'DELETE') checkDelete(attributes);
    else checkCreate(attributes);
    return undefined;
  },
};

function checkDelete({ name }: AdmissionAttributes): void {
  if (immortalNamespaces.includes(name)) throw forbidden(namespaces, name, 'this namespace may not be deleted');
}

function checkCreate(attributes: AdmissionAttributes): void {
  const { backend, namespace } = attributes;
  const served = backend.registry.lookup('', 'v1', 'namespaces');
  if (!served) return;
  const entry = backend.store.collection(served.storageKey).get(namespace);
  if (!entry) throw notFound(namespaces, namespace);
  const { status } = entry.object as { status?: { phase?: string } };
  if (status?.phase !== 'Terminating') return;
  throw refused(attributes, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}
