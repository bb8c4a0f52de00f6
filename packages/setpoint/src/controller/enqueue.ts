import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { CacheEvent } from '../cache/index.ts';
import { type KeyedQueue, lowPriority } from '../queue/index.ts';
import { claimedOwners, keyOf, type Log, messageOf, type OwnStatus, ownersOf, statusOf } from '../reconcile/index.ts';
import type { ControllerMetrics } from './metrics.ts';
import { differsOutsideStatus } from './predicates.ts';
import type { Change, Controller, Enqueued, Owned, Predicate, Watch } from './types.ts';

/** First delay before a mapper that threw is tried again; doubled each time. */
const firstRetry = 1000;
const longestRetry = 5 * 60_000;
/** About ten hours. By then a resync has come by; to retry for ever would hold on to every deleted object. */
const mostRetries = 125;

/** The event as predicates see it. */
export function changeOf(event: CacheEvent): Change {
  switch (event.type) {
    case 'added':
      return { old: undefined, new: event.object };
    case 'updated':
      return { old: event.old, new: event.object };
    case 'deleted':
      return { old: event.object, new: undefined };
    default:
      return event satisfies never;
  }
}

/** Initial, resync and relist entries are not news: nobody may filter them out. */
function bypassesPredicates(event: CacheEvent): boolean {
  return event.initial || event.resync === true || event.relist === true;
}

function priorityOf(event: CacheEvent): number | undefined {
  return event.initial || event.resync ? lowPriority : undefined;
}

/** Whether an event leads on; a predicate that throws lets it pass, since dropping it could lose a change for ever. */
export function passes(predicates: readonly Predicate[], event: CacheEvent, log: Log): boolean {
  if (bypassesPredicates(event)) return true;
  const change = changeOf(event);
  try {
    return predicates.every((predicate) => predicate(change));
  } catch (error) {
    log.error({ error: messageOf(error), ...keyOf(event.object) }, 'a predicate threw: the event is let through');
    return true;
  }
}

/**
 * What a controller wants to see of its own kind unless it says otherwise. For kinds that this operator defines with a
 * status subresource: all but the status, and a status that is not the one this controller wrote. For every other
 * kind any new revision: Pods and Jobs change in status only.
 */
export function defaultPredicate(controller: Controller, ownStatus: OwnStatus): Predicate {
  const { kind } = controller;
  if (!kind?.definition || !kind.subresources.status) return () => true;
  return ({ old, new: now }) => {
    if (!old || !now || differsOutsideStatus(old, now)) return true;
    const status = statusOf(now);
    if (deepEqual(statusOf(old), status)) return false;
    return !ownStatus.of(now.metadata.uid ?? '').some((written) => deepEqual(written, status));
  };
}

export interface EnqueueOptions {
  readonly queue: KeyedQueue<unknown>;
  /** What makes two keys the same. */
  readonly id: (key: unknown) => string;
  readonly log: Log;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
}

interface Retry {
  readonly objects: readonly KubeObject[];
  readonly failures: number;
  readonly due: number;
  readonly timer: Timer;
}

/** Turns events into keys of the queue. One object that cannot be mapped stops no other. */
export class Enqueuer {
  readonly #options: EnqueueOptions;
  readonly #retries = new Map<string, Retry>();
  #closed = false;

  constructor(options: EnqueueOptions) {
    this.#options = options;
  }

  /** The controller's own kind: the object is the key. */
  own(event: CacheEvent, predicates: readonly Predicate[]): void {
    if (!passes(predicates, event, this.#options.log)) return;
    this.#options.queue.add(keyOf(event.object), { priority: priorityOf(event) });
  }

  /** Children: the owner is the key, before and after the change. */
  owned(event: CacheEvent, { predicates, everyOwner }: Owned, controller: Controller): void {
    const { kind } = controller;
    if (!kind || !passes(predicates, event, this.#options.log)) return;
    const owners = objectsOf(event).flatMap((object) => [
      ...ownersOf(kind, object, everyOwner),
      ...claimedOwners(kind, object),
    ]);
    this.#add(owners, priorityOf(event));
  }

  /** Other objects: the mapper gives the keys. */
  watched(event: CacheEvent, watch: Watch, map: (object: KubeObject) => Enqueued<unknown>): void {
    if (!passes(watch.predicates, event, this.#options.log)) return;
    const { metadata, kind, apiVersion } = event.object;
    const id = `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid ?? ''}`;
    this.#map(id, objectsOf(event), map, priorityOf(event));
  }

  /** What an outside source yielded. */
  item(id: string, item: unknown, map: (item: never) => Enqueued<unknown>): void {
    this.#map(id, [item as KubeObject], map as (object: KubeObject) => Enqueued<unknown>, undefined);
  }

  /** Objects whose mapper threw and will be asked again. */
  get retrying(): number {
    return this.#retries.size;
  }

  /** Milliseconds until the first of them is. */
  get nextDue(): number | undefined {
    if (this.#retries.size === 0) return undefined;
    const now = this.#options.clock.monotonic();
    return Math.max(Math.min(...Array.from(this.#retries.values(), ({ due }) => due)) - now, 0);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#retries.values()) timer.cancel();
    this.#retries.clear();
  }

  #map(
    id: string,
    objects: readonly KubeObject[],
    map: (object: KubeObject) => Enqueued<unknown>,
    priority: number | undefined,
  ): void {
    if (this.#closed) return;
    const earlier = this.#retries.get(id);
    earlier?.timer.cancel();
    this.#retries.delete(id);
    // States whose mapping failed before are owed still: the old one may name keys that the new one does not.
    const owed = [...(earlier?.objects ?? []), ...objects].filter((object, at, all) => all.indexOf(object) === at);
    const failed: KubeObject[] = [];
    const keys = new Map<string, unknown>();
    for (const object of owed) {
      try {
        for (const key of keysOf(map(object))) keys.set(this.#options.id(key), key);
      } catch (error) {
        failed.push(object);
        this.#options.metrics.mapperError();
        this.#options.log.error({ error: messageOf(error), object: id }, 'enqueue threw: it is asked again later');
      }
    }
    this.#add(keys.values(), priority);
    const failures = (earlier?.failures ?? 0) + 1;
    if (failed.length > 0 && failures <= mostRetries) this.#retryLater(id, failed, map, priority, failures);
  }

  /** Each key once: a worker may take the first at once, and a second add would make it run again. */
  #add(keys: Iterable<unknown>, priority: number | undefined): void {
    const { queue, id } = this.#options;
    for (const key of new Map(Array.from(keys, (key) => [id(key), key])).values()) queue.add(key, { priority });
  }

  #retryLater(
    id: string,
    objects: readonly KubeObject[],
    map: (object: KubeObject) => Enqueued<unknown>,
    priority: number | undefined,
    failures: number,
  ): void {
    const delay = Math.min(firstRetry * 2 ** (failures - 1), longestRetry);
    const { clock } = this.#options;
    const timer = clock.timer(delay, () => this.#map(id, [], map, priority));
    // Newest states last; a mapper that never works must not hold on to all of them.
    this.#retries.set(id, { objects: objects.slice(-10), failures, due: clock.monotonic() + delay, timer });
  }
}

function objectsOf(event: CacheEvent): readonly KubeObject[] {
  return event.type === 'updated' && event.old !== event.object ? [event.old, event.object] : [event.object];
}

/** One key, several, or none; objects stand for their keys. */
export function keysOf(enqueued: Enqueued<unknown>): unknown[] {
  if (enqueued === undefined || enqueued === null) return [];
  if (typeof enqueued === 'string' || typeof enqueued !== 'object') return [enqueued];
  if (Symbol.iterator in enqueued) return [...(enqueued as Iterable<unknown>)].map(asKey);
  return [asKey(enqueued)];
}

function asKey(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return value;
  return keyOf(value as KubeObject);
}
