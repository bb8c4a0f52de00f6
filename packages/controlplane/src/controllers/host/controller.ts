import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Registry, ServedResource } from '../../registry/index.ts';
import type { Change, Collection } from '../../store/index.ts';
import type { ControllerClient, Identity } from './client.ts';
import type { EventRecorder } from './events.ts';
import type { WorkQueue } from './queue.ts';

/**
 * A controller of kube-controller-manager, inside: a level-triggered loop. Changes only say which keys to look at; what
 * is to be done follows from the store as it is when the key is looked at.
 *
 * @example
 * export const replicaSetController: Controller = {
 *   name: 'replicaset-controller',
 *   serviceAccount: 'replicaset-controller',
 *   start(context) {
 *     const sets = context.resource('apps', 'v1', 'replicasets');
 *     const queue = context.queue((key) => reconcile(context, key));
 *     context.watch(sets, (change) => queue.add(change.key));
 *   },
 * };
 */
export interface Controller {
  /** The name of kube-controller-manager, which switches it. */
  readonly name: string;
  /** Its name in namespace kube-system; what it writes is written by that user. */
  readonly serviceAccount: string;
  /** `source.component` of its Events. @default name */
  readonly component?: string;
  /** Subscribes to what it needs to know, once. What is there already arrives as creations. */
  start(context: ControllerContext): void;
}

/** What a controller may use; everything ends when the control plane is closed or reset. */
export interface ControllerContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly registry: Registry;
  readonly client: ControllerClient;
  readonly events: EventRecorder;
  /** To write, and to tell Events, as another program of a cluster: a scheduler, a kubelet on its host. */
  actAs(
    identity: Identity,
    component: string,
    host?: string,
  ): { readonly client: ControllerClient; readonly events: EventRecorder };
  /** A built-in resource. @throws TypeError if it is not served */
  resource(group: string, version: string, plural: string): ServedResource;
  /** What is stored of a resource, in its stored form: for reads that must be quick. */
  collection(resource: ServedResource): Collection;
  /** A queue whose ready and running keys keep the control plane from being settled. */
  queue(reconcile: (key: string) => void | Promise<void>, options?: { readonly workers?: number }): WorkQueue;
  /**
   * Calls back for what is there, then in the turn of each commit: look, add keys, and return. The change holds the
   * stored form, `namespace/name` as key. Returns the way to stop early.
   */
  watch(resource: ServedResource, listener: (change: Change) => void): () => void;
  /** Runs when everything ends. */
  onClose(callback: () => void): void;
  /** Reports what went wrong and is of no consequence for a key. */
  failed(error: unknown): void;
}
