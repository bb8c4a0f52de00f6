import type { ServedResource } from './resource.ts';

/** What is served now. Built-in kinds are added once; the CRD part adds and removes while running. */
export class Registry {
  readonly #resources = new Map<string, ServedResource>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();

  lookup(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#resources.get(key(group, version, resource));
  }

  list(): readonly ServedResource[] {
    return [...this.#resources.values()];
  }

  /** Adds or replaces; open watches of a replaced resource end, as they do when a CRD changes. */
  set(resource: ServedResource): void {
    const at = key(resource.group, resource.version, resource.resource);
    const replaced = this.#resources.get(at);
    this.#resources.set(at, resource);
    this.#tell({ resource, replaced });
  }

  /** What the resource says of itself is no longer the same; open watches go on. */
  touch(group: string, version: string, resource: string): void {
    const touched = this.lookup(group, version, resource);
    if (touched) this.#tell({ resource: touched, replaced: undefined });
  }

  remove(group: string, version: string, resource: string): void {
    const at = key(group, version, resource);
    const replaced = this.#resources.get(at);
    if (!replaced) return;
    this.#resources.delete(at);
    this.#tell({ resource: undefined, replaced });
  }

  /** Calls back on each change; discovery, OpenAPI and open watches depend on it. Returns the way to stop. */
  onChange(listener: (change: RegistryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export interface RegistryChange {
  /** What is served from now on; undefined after a removal. */
  readonly resource: ServedResource | undefined;
  readonly replaced: ServedResource | undefined;
}

function key(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`;
}
