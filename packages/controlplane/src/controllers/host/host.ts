import type { ServedResource } from '../../registry/index.ts';
import { Change, type Collection } from '../../store/index.ts';
import { type Backend, collectionOf } from '../../verbs/index.ts';
import { ControllerClient, controllerIdentity, type Identity } from './client.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { EventRecorder } from './events.ts';
import { WorkQueue } from './queue.ts';

/** Something that a controller could not do; it will try again. */
export interface ControllerFailure {
  /** As `--controllers` names it. */
  readonly controller: string;
  /** `namespace/name` or another key of its queue; absent if it is of no consequence for one. */
  readonly key?: string;
  readonly error: unknown;
}

export interface ControllerHostOptions {
  readonly backend: Backend;
  /** Those that are switched on. */
  readonly controllers: readonly Controller[];
  /** Keys that wait or are worked on have become more or fewer. */
  pendingChanged(by: number): void;
  failed(failure: ControllerFailure): void;
}

/** The controllers of one control plane, from `start` to `close`; a reset closes it and makes another. */
export class ControllerHost {
  readonly #options: ControllerHostOptions;
  readonly #backend: Backend;
  readonly #stops: (() => void)[] = [];
  readonly #queues = new Set<WorkQueue>();
  #events = 0;
  #closed = false;

  constructor(options: ControllerHostOptions) {
    this.#options = options;
    // Its own: after a reset what is still under way must not reach the new store.
    this.#backend = { ...options.backend };
  }

  start(): void {
    for (const controller of this.#options.controllers) controller.start(this.#contextOf(controller));
  }

  /** Milliseconds until a key that waits for a time is to be looked at; undefined: none does. */
  get nextDue(): number | undefined {
    const due = [...this.#queues].flatMap((queue) => queue.nextDue ?? []);
    return due.length === 0 ? undefined : Math.max(0, Math.min(...due) - this.#backend.clock.monotonic());
  }

  /** Ends queues and subscriptions. Harmless twice. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops.splice(0)) stop();
  }

  #contextOf(controller: Controller): ControllerContext {
    const backend = this.#backend;
    const { clock, random, registry } = backend;
    const failed = (error: unknown, key?: string) => {
      if (this.#closed) return;
      this.#options.failed({ controller: controller.name, error, ...(key === undefined ? {} : { key }) });
    };
    const resource = (group: string, version: string, plural: string): ServedResource => {
      const found = registry.lookup(group, version, plural);
      if (!found) throw new TypeError(`${controller.name} needs ${plural} of ${group || 'core'}/${version}`);
      return found;
    };
    const events = () => resource('', 'v1', 'events');
    const actAs = (identity: Identity, component: string, host?: string) => {
      const client = new ControllerClient(backend, identity, () => this.#closed);
      const source = { component, ...(host === undefined ? {} : { host }) };
      const nanosecond = () => {
        this.#events = (this.#events + 1) % 1_000_000;
        return this.#events;
      };
      const tell = { client, events, clock, source, nanosecond, failed: (error: unknown) => failed(error) };
      return { client, events: new EventRecorder(tell) };
    };
    return {
      clock,
      random,
      registry,
      ...actAs(controllerIdentity(controller.serviceAccount), controller.component ?? controller.name),
      actAs,
      resource,
      collection: (of) => collectionOf(backend, of),
      queue: (reconcile, options = {}) => {
        const { pendingChanged } = this.#options;
        const queue = new WorkQueue({ ...options, clock, reconcile, pendingChanged, failed });
        this.#queues.add(queue);
        this.#stops.push(() => queue.close());
        return queue;
      },
      watch: (of, listener) => this.#watch(collectionOf(backend, of), listener),
      onClose: (callback) => void this.#stops.push(callback),
      failed: (error) => failed(error),
    };
  }

  #watch(collection: Collection, listener: (change: Change) => void): () => void {
    for (const entry of collection.present().entries('')) listener(new Change('create', entry, undefined));
    const stop = collection.subscribe(undefined, listener);
    this.#stops.push(stop);
    return stop;
  }
}
