import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { fieldManagerOf } from './apply/index.ts';
import type { CrdHost } from './crd/index.ts';
import type { WebhookClient } from './http/index.ts';
import type { MutableObject, ServedResource } from './registry/index.ts';
import { deepFreeze } from './store/index.ts';
import { type Backend, deleteAtOnce, writerOf } from './verbs/index.ts';

/** Whom the server's own writes are by, as those of the real one. */
export const serverUser = { name: 'system:apiserver', groups: ['system:authenticated', 'system:masters'] };

export const definitionsKey = 'apiextensions.k8s.io/customresourcedefinitions';

/** What the life-cycle of custom resource definitions may do with the store. */
export function createCrdHost(
  backend: Backend,
  definitionChanged: (name: string) => void,
  webhooks: () => WebhookClient,
): CrdHost {
  const definitions = () => backend.store.collection(definitionsKey);
  return {
    registry: backend.registry,
    clock: backend.clock,
    random: backend.random,
    revision: () => backend.store.revision,
    webhooks,
    getDefinition: (name) => definitions().get(name)?.object,
    listDefinitions: () => Array.from(definitions().present().entries(''), (entry) => entry.object),
    replaceDefinition(next) {
      const name = next.metadata.name ?? '';
      const live = definitions().get(name)?.object;
      const entry = definitions().commit(name, undefined, deepFreeze(live ? withOwners(backend, live, next) : next));
      definitionChanged(name);
      return (entry ?? { object: next }).object;
    },
    removeDefinition(name) {
      definitions().commit(name, undefined, undefined);
      definitionChanged(name);
    },
    listInstances: (storageKey) =>
      Array.from(backend.store.collection(storageKey).present().entries(''), (entry) => entry.object),
    deleteInstance: (storageKey, object) => deleteInstance(backend, storageKey, object),
    onInstanceRemoved: (storageKey, listener) =>
      backend.store.collection(storageKey).subscribe(undefined, (change) => {
        if (change.type === 'delete') listener();
      }),
  };
}

/** The status of a definition is the server's own, as it says in the owners of the fields. */
function withOwners(backend: Backend, live: MutableObject, next: MutableObject): KubeObject {
  const resource = backend.registry.lookup('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (!resource) return next;
  const { managedFields: _, ...metadata } = next.metadata;
  const context = { backend, resource, namespace: '', user: serverUser, dryRun: false, warn: () => {} };
  // Schemas may be megabytes, and who owns them does not change with the status.
  const isSpecKept = live.spec !== undefined && live.spec === next.spec;
  const [before, after] = isSpecKept ? [withoutSpec(live), withoutSpec(next)] : [live, next];
  const managedFields = fieldManagerOf(resource, 'status').update(before, after, writerOf(context));
  return { ...next, metadata: managedFields ? { ...metadata, managedFields } : metadata };
}

function withoutSpec({ spec: _, ...rest }: MutableObject): KubeObject {
  return rest;
}

function deleteInstance(backend: Backend, storageKey: string, object: KubeObject): void {
  const { namespace = '', name = '' } = object.metadata;
  const resource = backend.registry.list().find((one) => one.storageKey === storageKey);
  if (!resource) {
    backend.store.collection(storageKey).commit(namespace === '' ? name : `${namespace}/${name}`, undefined, undefined);
    return;
  }
  const kept = resource.conversion ? asStored(resource, object) : resource;
  const context = { backend, resource: kept, namespace, user: serverUser, dryRun: false, warn: () => {} };
  deleteAtOnce(context, name, { dryRun: false, propagationPolicy: 'Background' });
}

/** Deletion changes nothing but metadata: no webhook has to be asked for that. */
function asStored(resource: ServedResource, { apiVersion }: KubeObject): ServedResource {
  const { conversion: _, ...rest } = resource;
  const same = (object: KubeObject) => object;
  return { ...rest, version: parseApiVersion(apiVersion).version, fromStorage: same, toStorage: same };
}
