import { formatApiVersion } from '@setpoint/apimachinery/meta';
import type { Registry, ServedResource } from '../../registry/index.ts';

/** Events belong to nobody. */
const ignored = '/events';

/** What is served, by what owner references say and by where it is kept. */
export class ServedKinds {
  readonly #registry: Registry;
  #byKind: Map<string, ServedResource> | undefined;
  #byStorage: Map<string, ServedResource> | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** To be called whenever the registry has changed. */
  forget(): void {
    this.#byKind = undefined;
    this.#byStorage = undefined;
  }

  /** Undefined: nothing of that kind is served. */
  ofKind(apiVersion: string, kind: string): ServedResource | undefined {
    this.#byKind ??= new Map(
      this.#registry
        .list()
        .filter((one) => one.notImplemented === undefined)
        .map((one) => [`${formatApiVersion(one.group, one.version)} ${one.kind}`, one]),
    );
    return this.#byKind.get(`${apiVersion} ${kind}`);
  }

  /** The resource through which objects kept there are changed and deleted. */
  ofStorage(storageKey: string): ServedResource | undefined {
    return this.collected().get(storageKey);
  }

  /** By storage key, the resources whose objects can be collected. */
  collected(): ReadonlyMap<string, ServedResource> {
    if (!this.#byStorage) {
      this.#byStorage = new Map();
      for (const one of this.#registry.list()) {
        if (one.notImplemented !== undefined || one.storageKey === ignored) continue;
        if (!['delete', 'list', 'watch'].every((verb) => one.verbs.includes(verb))) continue;
        if (!this.#byStorage.has(one.storageKey)) this.#byStorage.set(one.storageKey, one);
      }
    }
    return this.#byStorage;
  }
}
