import { RequestError } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { Client } from './client.ts';
import type { KindReference } from './options.ts';

/**
 * A client of several clusters: what is asked of a kind made by `onCluster` goes to that cluster, all else to the own
 * one. Closing it closes the own one alone.
 */
export function clientOfClusters(own: Client, others: ReadonlyMap<string, Client>): Client {
  const of = (kind: KindReference): Client => {
    const { cluster } = kind as Partial<AnyKind>;
    const found = cluster === undefined ? own : others.get(cluster);
    if (!found)
      throw new RequestError(`there is no cluster ${cluster}: give the manager a connection to it (clusters)`);
    return found;
  };
  return {
    get: (kind, key, options) => of(kind).get(kind, key, options),
    list: (kind, options) => of(kind).list(kind, options),
    pages: (kind, options) => of(kind).pages(kind, options),
    watch: (kind, options) => of(kind).watch(kind, options),
    create: (kind, object, options) => of(kind).create(kind, object, options),
    update: (kind, object, options) => of(kind).update(kind, object, options),
    patch: (kind, key, patch, options) => of(kind).patch(kind, key, patch, options),
    delete: (kind, key, options) => of(kind).delete(kind, key, options),
    deleteCollection: (kind, options) => of(kind).deleteCollection(kind, options),
    logs: own.logs.bind(own),
    exec: own.exec.bind(own),
    portForward: own.portForward.bind(own),
    raw: own.raw.bind(own),
    discovery: own.discovery,
    defaultNamespace: own.defaultNamespace,
    fieldManager: own.fieldManager,
    close: () => own.close(),
    [Symbol.asyncDispose]: () => own.close(),
  };
}
