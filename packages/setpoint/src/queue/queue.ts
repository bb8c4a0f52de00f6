import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import { BackoffRecords, defaultBackoff } from './backoff.ts';
import { Heap } from './heap.ts';
import { Pace } from './pace.ts';
import { ReadyLine } from './ready-line.ts';
import type { AddOptions, QueuedKey, QueueObserver, QueueOptions, RetryOptions, Taken } from './types.ts';

/** Entries of an initial list or a resync stand behind everything live; the figure is controller-runtime's. */
export const lowPriority = -100;

interface Running<T> extends Taken<T> {
  readonly since: number;
}

interface Entry<T> {
  /** Index in a heap; written by the heap. */
  place: number;
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
 * the order in which they came. Follows the priority queue of controller-runtime, and adds ageing.
 *
 * Guarantees: a key that a worker holds is not handed out again before `done`; adds meanwhile are held and
 * come out after it. A key added twice keeps the higher priority and the earlier time; raised to another
 * priority it goes to the end of that line. One that has been ready for ten seconds is handed out even if higher
 * priorities keep coming: every eighth turn is such a key's. Nothing is lost but by `shutDown`.
 *
 * Caveat: with a rate limit a key waits for its turn even if what adds it is urgent.
 */
export class KeyedQueue<T> {
  readonly #clock: Clock;
  readonly #id: (item: T) => string;
  readonly #observer: QueueObserver;
  readonly #backoff: BackoffRecords;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #running = new Map<string, Running<T>>();
  readonly #pace: Pace;
  readonly #accepts: ((id: string) => boolean) | undefined;
  readonly #endings = new Set<() => void>();
  readonly #ready = new ReadyLine<Entry<T>>();
  readonly #waiting = new Heap<Entry<T>>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  readonly #takers = new Set<(taken: Taken<T> | undefined) => void>();
  #timer: { readonly due: number; readonly timer: Timer } | undefined;
  #order = 0;
  #held = 0;
  #closed = false;
  #paused = false;

  constructor(options: QueueOptions<T>) {
    this.#clock = options.clock;
    this.#id = options.id;
    this.#observer = options.observer ?? {};
    this.#backoff = new BackoffRecords(options.backoff ?? defaultBackoff);
    this.#pace = new Pace(options.rateLimit);
    this.#accepts = options.accepts;
  }

  /** Makes sure that the key runs, `after` that time at the latest. Ignored after shutDown. */
  add(item: T, options: AddOptions = {}): void {
    if (this.#closed) return;
    const id = this.#id(item);
    if (this.#accepts?.(id) === false) return;
    const now = this.#clock.monotonic();
    const after = Math.max(options.after ?? 0, 0);
    if (after > 0) this.#observer.retried?.();
    const due = Math.max(now + after, this.#pace.earliest(id));
    const existing = this.#entries.get(id);
    if (!existing) this.#enter(id, item, options.priority ?? 0, due, now);
    else this.#improve(existing, options.priority ?? 0, due, now);
    this.#handOut();
  }

  /**
   * Adds after the back-off of this key: each failure in a row of the same UID waits longer. One that something else led
   * to before the last back-off was over does not count: the key waits for the rest of it.
   */
  addRateLimited(item: T, { uid, priority, after, atLeast }: RetryOptions = {}): void {
    if (this.#closed) return;
    const [id, now] = [this.#id(item), this.#clock.monotonic()];
    const began = this.#running.get(id)?.since ?? now;
    const delay = this.#backoff.next(id, uid, { now, began, after, atLeast });
    this.add(item, { priority, after: delay });
  }

  /**
   * Keeps a key that runs from being handed out again before that time, whatever adds it meanwhile.
   * Ends when it is handed out next, or by `release`.
   */
  hold(item: T, milliseconds: number): void {
    const id = this.#id(item);
    const until = this.#clock.monotonic() + milliseconds;
    this.#pace.hold(id, until);
    const entry = this.#entries.get(id);
    if (entry?.state !== 'waiting' || entry.due >= until) return;
    this.#waiting.remove(entry);
    entry.due = until;
    this.#wait(entry);
  }

  /** Ends `hold`: the next add is as prompt as ever. */
  release(item: T): void {
    this.#pace.release(this.#id(item));
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

  /** Hands nothing out until `resume`; what is added meanwhile is kept. Keys that run are not touched. */
  pause(): void {
    this.#paused = true;
  }

  /** Ends `pause`. */
  resume(): void {
    this.#paused = false;
    this.#handOut();
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** The worker that took the key is finished with it; adds that came meanwhile are let through. */
  done(item: T): void {
    const id = this.#id(item);
    const running = this.#running.get(id);
    if (!running) return;
    this.#running.delete(id);
    const now = this.#clock.monotonic();
    this.#observer.done?.(now - running.since);
    for (const look of this.#endings) look();
    const entry = this.#entries.get(id);
    if (entry?.state !== 'held') return;
    this.#held--;
    const due = this.#pace.earliest(id);
    if (due > now) {
      this.#observer.depth?.(entry.priority, -1);
      entry.due = due;
      this.#wait(entry);
      return;
    }
    entry.state = 'ready';
    this.#ready.add(entry);
    this.#handOut();
  }

  /** Takes keys out that wait or are ready, with their back-off. Keys that run are not touched. */
  drop(which: (id: string) => boolean): void {
    for (const entry of [...this.#entries.values()].filter(({ id }) => which(id))) {
      this.#entries.delete(entry.id);
      this.#backoff.forget(entry.id);
      if (entry.state === 'waiting') this.#waiting.remove(entry);
      else this.#observer.depth?.(entry.priority, -1);
      if (entry.state === 'ready') this.#ready.remove(entry);
      if (entry.state === 'held') this.#held--;
    }
    this.#arm();
  }

  /** Resolves once none of these keys runs. */
  ended(which: (id: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#running.keys().some(which)) return;
        this.#endings.delete(look);
        resolve();
      };
      this.#endings.add(look);
      look();
    });
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
    return Array.from(this.#running.values(), ({ since }) => now - since);
  }

  /** What runs, then what is ready or waits, in no order; at most `limit` keys. For people who ask why nothing happens. */
  keys(limit = Number.POSITIVE_INFINITY): QueuedKey<T>[] {
    const now = this.#clock.monotonic();
    const keys: QueuedKey<T>[] = [];
    for (const [id, { item, priority, since }] of this.#running) {
      if (keys.length >= limit) return keys;
      keys.push({ item, state: 'running', priority, milliseconds: now - since, failures: this.#backoff.count(id) });
    }
    for (const { id, item, state, priority, due, readySince } of this.#entries.values()) {
      if (keys.length >= limit) return keys;
      const milliseconds = state === 'waiting' ? Math.max(due - now, 0) : now - readySince;
      keys.push({ item, state, priority, milliseconds, failures: this.#backoff.count(id) });
    }
    return keys;
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
    if (this.#paused) return;
    for (const taker of this.#takers) {
      const now = this.#clock.monotonic();
      const entry = this.#ready.next(now);
      if (!entry) return;
      this.#takers.delete(taker);
      this.#entries.delete(entry.id);
      this.#running.set(entry.id, { item: entry.item, priority: entry.priority, since: now });
      this.#pace.started(entry.id, now);
      this.#observer.depth?.(entry.priority, -1);
      this.#observer.taken?.(now - entry.readySince);
      taker({ item: entry.item, priority: entry.priority });
    }
  }
}
