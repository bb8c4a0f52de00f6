import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { WebhookClient } from '../http/index.ts';
import type { Registry } from '../registry/index.ts';

/**
 * What the life-cycle of custom resource definitions needs from the store and the verbs. All calls are
 * synchronous: they end in the same turn as the commit that caused them, so that nobody sees a definition
 * half-way that could be whole.
 */
export interface CrdHost {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** That of the last commit to the store. */
  revision(): number;
  /** What posts to conversion webhooks; made when the first is called. */
  webhooks(): WebhookClient;
  /** The stored definition, frozen, or undefined. */
  getDefinition(name: string): KubeObject | undefined;
  /** All stored definitions, sorted by name. */
  listDefinitions(): readonly KubeObject[];
  /**
   * Commits `next` in place of the stored definition of its name, with a new revision that watchers see.
   * No hooks run, `metadata.generation` stays. Returns what is stored now.
   */
  replaceDefinition(next: KubeObject): KubeObject;
  /** Removes the stored definition; watchers see DELETED. */
  removeDefinition(name: string): void;
  /** All stored objects of a resource, whatever their version; `storageKey` is that of the ServedResource. */
  listInstances(storageKey: string): readonly KubeObject[];
  /**
   * Deletes one object as the DELETE verb with propagation Background would: it is marked when it has finalizers,
   * removed otherwise.
   */
  deleteInstance(storageKey: string, object: KubeObject): void;
  /** Calls back after each removal of an object under that key. Returns the way to stop. */
  onInstanceRemoved(storageKey: string, listener: () => void): () => void;
}
