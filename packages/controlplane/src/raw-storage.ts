import { isJsonObject, parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from './registry/index.ts';
import { type Backend, collectionOf, commitObject, keyOf, storable } from './verbs/index.ts';

/** One stored object as it lies in etcd. */
export interface RawEntry {
  /** JSON in the storage version, without resourceVersion. */
  readonly value: Uint8Array;
  /** The revision of its last change: the resourceVersion that clients see. */
  readonly revision: number;
}

/** A key or a value that cannot be one of an API server's. */
export class RawStorageError extends Error {
  override readonly name = 'RawStorageError';
}

/**
 * Objects by the keys under which an API server keeps them in etcd, without prefix: `pods/default/a`,
 * `example.com/foos/default/a`, and also `apps/deployments/default/a`. Values are JSON, for built-in kinds too.
 */
export interface RawStorage {
  /** The store's revision. */
  readonly revision: number;
  /** Undefined: there is nothing at `key`, or no resource keeps its objects there. */
  get(key: string): RawEntry | undefined;
  /**
   * Puts an object there past admission and validation; watches see it.
   *
   * @returns the new revision
   * @throws RawStorageError for a key of no resource, or a value that is no such object
   */
  put(key: string, value: Uint8Array): number;
}

/** Where built-in resources are not kept under their plural. */
const folders: Readonly<Record<string, string>> = {
  'services/specs': '/services',
  'services/endpoints': '/endpoints',
  minions: '/nodes',
  controllers: '/replicationcontrollers',
  ingress: 'networking.k8s.io/ingresses',
};

export function createRawStorage(backend: Backend): RawStorage {
  return {
    get revision() {
      return backend.store.revision;
    },
    get(key) {
      const place = placeOf(backend, key);
      const entry = place && collectionOf(backend, place.resource).get(place.key);
      return entry && { value: encode(entry.object), revision: entry.revision };
    },
    put(key, value) {
      const place = placeOf(backend, key);
      if (!place) throw new RawStorageError(`no resource keeps an object at ${key}`);
      const previous = collectionOf(backend, place.resource).get(place.key);
      const object = objectOf(backend, place, value);
      commitObject({ backend, resource: place.resource }, place.key, undefined, object, previous ? 'update' : 'create');
      return backend.store.revision;
    },
  };
}

interface Place {
  readonly resource: ServedResource;
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

function placeOf(backend: Backend, path: string): Place | undefined {
  const segments = path.split('/');
  for (const length of [1, 2]) {
    const resource = resourceAt(backend, segments.slice(0, length));
    const rest = segments.slice(length);
    if (!resource || rest.length !== (resource.namespaced ? 2 : 1) || rest.includes('')) continue;
    const name = rest.at(-1) as string;
    const namespace = resource.namespaced ? (rest[0] as string) : '';
    return { resource, namespace, name, key: keyOf(resource, namespace, name) };
  }
  return undefined;
}

function resourceAt(backend: Backend, folder: readonly string[]): ServedResource | undefined {
  const resources = backend.registry.list();
  const [first = '', second] = folder;
  const known = folders[folder.join('/')];
  if (known !== undefined) return resources.find(({ storageKey }) => storageKey === known);
  if (second === undefined) return resources.find((one) => !one.custom && one.storageKey.endsWith(`/${first}`));
  const storageKey = `${first === 'core' ? '' : first}/${second}`;
  return resources.find((one) => one.storageKey === storageKey);
}

function encode(object: KubeObject): Uint8Array {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return Buffer.from(stringifyJson({ ...object, metadata }));
}

/** What a custom resource makes of a strange object shows when it is read; built-in kinds are made whole here. */
function objectOf(backend: Backend, { resource, namespace, name }: Place, value: Uint8Array): KubeObject {
  let body: unknown;
  try {
    body = parseJson(value);
  } catch (error) {
    throw new RawStorageError(`the value is no JSON: ${(error as Error).message}`);
  }
  const metadata = isJsonObject(body) ? body.metadata : undefined;
  if (!isJsonObject(body) || !isJsonObject(metadata)) throw new RawStorageError('the value is no Kubernetes object');
  if (metadata.name !== name || (metadata.namespace ?? '') !== namespace)
    throw new RawStorageError(`the value is an object of another name or namespace than its key, ${name}`);
  const object = body as unknown as MutableObject;
  if (resource.custom) return object;
  const group = resource.storageKey.slice(0, resource.storageKey.indexOf('/'));
  const apiVersion = String(object.apiVersion);
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const served = backend.registry.lookup(group, version, resource.resource);
  if (!served || apiVersion !== (group === '' ? version : `${group}/${version}`) || object.kind !== served.kind)
    throw new RawStorageError(`the value is no ${resource.kind} of a version that is served`);
  const { object: decoded } = served.strategy.decode(object);
  served.strategy.applyDefaults(decoded);
  return storable(served, decoded);
}
