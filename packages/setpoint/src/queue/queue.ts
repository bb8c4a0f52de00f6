import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import { type BackoffPolicy, BackoffRecords, defaultBackoff } from './backoff.ts';
import { Heap, type HeapElement } from './heap.ts';

/** Entries of an initial list or a resync stand behind everything live; the figure is controller-runtime's. */
export const lowPriority = -100;

/** When, and before what, an added key runs. */
export interface AddOptions {
  /** Higher runs first. @default 0, or what the key already has */
  readonly priority?: number | undefined;
  /** Milliseconds until the key may run. @default 0 */
  readonly after?: number | undefined;
}

/** What a metrics part wants to know; every call is synchronous and must not throw. */
export interface QueueObserver {
  /** A key became ready to run (or moved between priorities: -1 at one, +1 at the other). */
  depth?(priority: number, change: 1 | -1): void;
  added?(): void;
  /** Milliseconds from being ready to being taken. */
  taken?(milliseconds: number): void;
  /** Milliseconds from being taken to being done. */
  done?(milliseconds: number): void;
  retried?(): void;
}

/** Options of a `KeyedQueue`. */
export interface QueueOptions<T> {
  readonly clock: Clock;
  /** What makes two items the same key. */
  readonly id: (item: T) => string;
  readonly backoff?: BackoffPolicy | undefined;
  readonly observer?: QueueObserver | undefined;
}

/** A key that a worker holds; `done` must follow. */
export interface Taken<T> {
  readonly item: T;
  readonly priority: number;
}

interface Entry<T> extends HeapElement {
  readonly id: string;
  readonly item: T;
  priority: number;
  /** Monotonic time from which it may run. */
  due: number;
  /** Place in the line of its priority. */
  order: number;
  state: 'ready' | 'waiting' | 'held';
  readySince: number;
}

/**
 * The queue between events and workers: a set of keys, each at most once, handed out by priority and then in
 * the order in which they came.
 *
 * Guarantees: a key that a worker holds is not handed out again before `done`; adds meanwhile are held and
 * come out after it. A key added twice keeps the higher priority and the earlier time; raised to another
 * priority it goes to the end of that line. Nothing is lost but by `shutDown`.
 *
 * Caveat: priorities are strict; a stream of high ones starves low ones.
 */
export class KeyedQueue<T> {
  readonly #clock: Clock;
  readonly #id: (item: T) => string;
  readonly #observer: QueueObserver;
  readonly #backoff: BackoffRecords;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #running = new Map<string, number>();
  readonly #ready = new Heap<Entry<T>>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order),
  );
  readonly #waiting = new Heap<Entry<T>>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  readonly #takers = new Set<(taken: Taken<T> | undefined) => void>();
  #timer: { readonly due: number; readonly timer: Timer } | undefined;
  #order = 0;
  #held = 0;
  #closed = false;

  constructor(options: QueueOptions<T>) {
    this.#clock = options.clock;
    this.#id = options.id;
    this.#observer = options.observer ?? {};
    this.#backoff = new BackoffRecords(options.backoff ?? defaultBackoff);
  }

  /** Makes sure that the key runs, `after` that time at the latest. Ignored after shutDown. */
  add(item: T, options: AddOptions = {}): void {
    if (this.#closed) return;
    const id = this.#id(item);
    const now = this.#clock.monotonic();
    const due = now + Math.max(options.after ?? 0, 0);
    const existing = this.#entries.get(id);
    if (!existing) this.#enter(id, item, options.priority ?? 0, due, now);
    else this.#improve(existing, options.priority ?? existing.priority, due, now);
    this.#handOut();
  }

  /** Adds after the back-off of this key: each failure in a row of the same UID waits longer. */
  addRateLimited(
    item: T,
    options: { readonly uid?: string | undefined; readonly priority?: number | undefined } = {},
  ): void {
    if (this.#closed) return;
    this.#observer.retried?.();
    this.add(item, { priority: options.priority, after: this.#backoff.next(this.#id(item), options.uid) });
  }

  /** Ends the back-off of the key: its next failure waits the initial delay. */
  forget(item: T): void {
    this.#backoff.forget(this.#id(item));
  }

  /** Failures in a row of this object. */
  failures(item: T, uid?: string): number {
    return this.#backoff.failures(this.#id(item), uid);
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down. */
  take(): Promise<Taken<T> | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.add(resolve);
      this.#handOut();
    });
  }

  /** The worker that took the key is finished with it; adds that came meanwhile are let through. */
  done(item: T): void {
    const id = this.#id(item);
    const since = this.#running.get(id);
    if (since === undefined) return;
    this.#running.delete(id);
    this.#observer.done?.(this.#clock.monotonic() - since);
    const entry = this.#entries.get(id);
    if (entry?.state !== 'held') return;
    this.#held--;
    entry.state = 'ready';
    this.#ready.add(entry);
    this.#handOut();
  }

  /** Unblocks every `take`, drops what is queued, refuses what comes. Keys that run are not touched. */
  shutDown(): void {
    this.#closed = true;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    for (const entry of this.#entries.values())
      if (entry.state !== 'waiting') this.#observer.depth?.(entry.priority, -1);
    this.#entries.clear();
    this.#held = 0;
    for (const taker of this.#takers) taker(undefined);
    this.#takers.clear();
  }

  /** Keys that could run now, those held by a running pass of the same key included. */
  get length(): number {
    return this.#closed ? 0 : this.#ready.size + this.#held;
  }

  /** Keys whose time has not come. */
  get waiting(): number {
    return this.#closed ? 0 : this.#waiting.size;
  }

  /** Milliseconds until the next waiting key is due. */
  get nextDue(): number | undefined {
    const first = this.#closed ? undefined : this.#waiting.first();
    return first && Math.max(first.due - this.#clock.monotonic(), 0);
  }

  /** For each key that runs, since how many milliseconds. */
  running(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#running.values()].map((since) => now - since);
  }

  #enter(id: string, item: T, priority: number, due: number, now: number): void {
    const entry: Entry<T> = {
      id,
      item,
      priority,
      due,
      order: this.#order++,
      state: 'waiting',
      readySince: now,
      place: -1,
    };
    this.#entries.set(id, entry);
    if (due > now) this.#wait(entry);
    else this.#makeReady(entry, now);
  }

  #improve(entry: Entry<T>, priority: number, due: number, now: number): void {
    if (priority > entry.priority) this.#raise(entry, priority);
    if (entry.state !== 'waiting' || due >= entry.due) return;
    this.#waiting.remove(entry);
    entry.due = due;
    if (due > now) this.#wait(entry);
    else this.#makeReady(entry, now);
    this.#arm();
  }

  #raise(entry: Entry<T>, priority: number): void {
    const counted = entry.state !== 'waiting';
    if (counted) this.#observer.depth?.(entry.priority, -1);
    if (entry.state === 'ready') this.#ready.remove(entry);
    entry.priority = priority;
    entry.order = this.#order++;
    if (entry.state === 'ready') this.#ready.add(entry);
    if (counted) this.#observer.depth?.(priority, 1);
  }

  #wait(entry: Entry<T>): void {
    entry.state = 'waiting';
    this.#waiting.add(entry);
    this.#arm();
  }

  #makeReady(entry: Entry<T>, now: number): void {
    entry.order = this.#order++;
    entry.readySince = now;
    if (this.#running.has(entry.id)) {
      entry.state = 'held';
      this.#held++;
    } else {
      entry.state = 'ready';
      this.#ready.add(entry);
    }
    this.#observer.added?.();
    this.#observer.depth?.(entry.priority, 1);
  }

  /** One timer, for the earliest waiting key. */
  #arm(): void {
    const first = this.#waiting.first();
    if (this.#timer?.due === first?.due) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (!first) return;
    const timer = this.#clock.timer(first.due - this.#clock.monotonic(), () => this.#release());
    this.#timer = { due: first.due, timer };
  }

  #release(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let first = this.#waiting.first(); first && first.due <= now; first = this.#waiting.first()) {
      this.#waiting.remove(first);
      this.#makeReady(first, now);
    }
    this.#arm();
    this.#handOut();
  }

  #handOut(): void {
    for (const taker of this.#takers) {
      const entry = this.#ready.first();
      if (!entry) return;
      this.#takers.delete(taker);
      this.#ready.remove(entry);
      this.#entries.delete(entry.id);
      const now = this.#clock.monotonic();
      this.#running.set(entry.id, now);
      this.#observer.depth?.(entry.priority, -1);
      this.#observer.taken?.(now - entry.readySince);
      taker({ item: entry.item, priority: entry.priority });
    }
  }
}
