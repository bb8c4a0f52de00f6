import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { CacheEvent, StoreHandle, Subscription } from '../cache/index.ts';
import { type KeyedQueue, lowPriority } from '../queue/index.ts';
import {
  type Attribution,
  appliedId,
  describeObject,
  keyOf,
  type Log,
  type PassEnvironment,
} from '../reconcile/index.ts';
import { defaultPredicate, type Enqueuer, keysOf } from './enqueue.ts';
import { writableKinds } from './needs.ts';
import { ObjectLog } from './object-log.ts';
import type { ControllerStores } from './stores.ts';
import type { Controller, Enqueued, Watch } from './types.ts';
import type { Worker } from './worker.ts';

export interface FollowingOptions {
  readonly controller: Controller;
  readonly stores: ControllerStores;
  readonly enqueuer: Enqueuer;
  readonly queue: KeyedQueue<unknown>;
  readonly worker: Worker;
  readonly environment: PassEnvironment;
  readonly attribution: Attribution;
  /** The operator's. */
  readonly log: Log;
}

type Followed = { readonly store: StoreHandle; readonly subscription: Subscription };

/** What stores tell on its way to keys of the queue. */
export class Following {
  readonly #options: FollowingOptions;
  readonly #followed: Followed[] = [];

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  /** Begins; every object that is there comes first. */
  begin(): readonly Followed[] {
    const { controller, stores, enqueuer, environment } = this.#options;
    const predicates = controller.predicates ?? [defaultPredicate(controller, environment.ownStatus)];
    this.#follow(stores.own, (event) => {
      this.#own(event);
      enqueuer.own(event, predicates);
    });
    for (const kind of writableKinds(controller)) {
      this.#follow(stores.of(kind), (event) => {
        if (event.type === 'deleted') environment.applied.forget(appliedId(kind, keyOf(event.object)));
      });
    }
    for (const entry of controller.owns) {
      this.#follow(stores.of(entry.kind), (event) => enqueuer.owned(event, entry, controller));
    }
    for (const watch of controller.watches) {
      const map = this.#mapper(watch);
      this.#follow(stores.watched.get(watch) ?? [], (event) => enqueuer.watched(event, watch, map));
    }
    return this.#followed;
  }

  end(): void {
    for (const { subscription } of this.#followed) subscription.unsubscribe();
  }

  /** Hands these keys to the queue once more, behind what happens now: objects, or of keyed controllers what watches say. */
  offer(which: (id: string) => boolean): void {
    const { controller, stores, enqueuer, queue } = this.#options;
    if (controller.kind) {
      const keys = stores.own.flatMap((store) => store.list().map(keyOf));
      for (const key of keys) if (which(controller.id(key))) queue.add(key, { priority: lowPriority });
      return;
    }
    // Many objects may mean one key, which is to run once.
    const wasPaused = queue.isPaused;
    queue.pause();
    for (const watch of controller.watches) {
      const map = this.#mapper(watch);
      const some = (object: KubeObject) => keysOf(map(object)).filter((key) => which(controller.id(key)));
      for (const store of stores.watched.get(watch) ?? []) {
        for (const object of store.list()) enqueuer.watched({ type: 'added', object, initial: true }, watch, some);
      }
    }
    if (!wasPaused) queue.resume();
  }

  #follow(stores: readonly StoreHandle[], handle: (event: CacheEvent) => void): void {
    for (const store of stores) this.#followed.push({ store, subscription: store.subscribe(handle as never) });
  }

  #own(event: CacheEvent): void {
    const { environment, queue, worker } = this.#options;
    if (event.type === 'deleted') {
      // What is remembered of an object goes with it.
      environment.ownStatus.forget(event.object.metadata.uid ?? '');
      environment.reportedInvalid.delete(event.object.metadata.uid ?? '');
      environment.reportedWaiting.delete(event.object.metadata.uid ?? '');
      queue.forget(keyOf(event.object));
    }
    // Whoever edits an object that was slowed down need not wait.
    if (changeEndsLoop(event)) worker.endLoop(keyOf(event.object));
  }

  #mapper(watch: Watch): (object: KubeObject) => Enqueued<unknown> {
    const { controller, stores, attribution, log } = this.#options;
    const cache = stores.reader([watch.kind, ...watch.reads]);
    return (object) => {
      const work = { type: 'enqueue', of: controller.name, object: describeObject(watch.kind, keyOf(object)) } as const;
      const itsLog = new ObjectLog(log, controller, watch.kind, object);
      return attribution.run(work, () => watch.enqueue(object, { cache, log: itsLog }));
    };
  }
}

function changeEndsLoop(event: CacheEvent): boolean {
  if (event.type !== 'updated') return event.type === 'deleted';
  return event.old.metadata.generation !== event.object.metadata.generation;
}
