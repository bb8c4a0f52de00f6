import type { Clock, Random, Timer } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { AnyKind, Transform } from '../kinds/index.ts';
import { Contents } from './contents.ts';
import { type Driver, drive, type WatchSink } from './driver.ts';
import { type Failure, resourceText } from './failure.ts';
import { RareLog } from './indexer.ts';
import type { WatchOutput } from './reducer-types.ts';
import type { Selection } from './selection.ts';
import { Subscriber } from './subscriber.ts';
import { objectKey } from './table.ts';
import { nextTurn } from './turn.ts';
import type { CacheEvent, CacheLog, StoreStats, Subscription, Trouble } from './types.ts';

export interface StoreOptions {
  readonly client: Pick<Client, 'pages' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CacheLog;
  readonly kind: AnyKind;
  readonly selection: Selection;
  readonly transform?: Transform | undefined;
  readonly resyncPeriod: number;
  readonly idleTimeout: number;
  readonly identity: (signal: AbortSignal) => Promise<string | undefined>;
}

/** The same trouble is repeated in the log after this time only. */
const troubleRepeat = 300_000;

/** The objects of one kind, projection, namespace and selector, kept up to date from `start` to `close`. */
export class Store implements WatchSink {
  readonly kind: AnyKind;
  readonly description: string;
  readonly contents: Contents;
  /** Whose fields of each object are noted; fixed at the start. */
  managers: readonly string[] | undefined;
  readonly #options: StoreOptions;
  readonly #stop = new AbortController();
  readonly #subscribers = new Set<Subscriber>();
  readonly #handlerErrors: RareLog;
  readonly #waiters = new Set<() => void>();
  readonly #conditionListeners = new Set<() => void>();
  #driver: Driver | undefined;
  #resync: Timer | undefined;
  #resyncing = false;
  #trouble: Trouble | undefined;
  #troubleSaid = 0;
  /** Of the list that readers see, and of the one being collected. */
  #cluster: string | undefined;
  #clusterOfList: string | undefined;

  constructor(options: StoreOptions) {
    const { kind, selection, log, transform } = options;
    this.#options = options;
    this.kind = kind;
    this.description = describe(kind, selection);
    this.contents = new Contents({ kind, selection, log, transform, description: this.description });
    this.#handlerErrors = new RareLog(log, `a handler of ${this.description} threw: it may have missed an event`);
  }

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  get namespace(): string | undefined {
    return this.#options.selection.namespace;
  }

  get transform(): Transform | undefined {
    return this.#options.transform;
  }

  get selection(): Selection {
    return this.#options.selection;
  }

  get fieldSelector(): string | undefined {
    return this.#options.selection.fieldSelector || undefined;
  }

  get isRunning(): boolean {
    return this.#driver !== undefined;
  }

  start(): void {
    if (this.#driver || this.#stop.signal.aborted) return;
    const { client, clock, random, selection, idleTimeout, identity } = this.#options;
    const scope = {
      kind: this.kind,
      namespace: selection.namespace,
      labelSelector: selection.labelSelector.empty ? undefined : String(selection.labelSelector),
      fieldSelector: this.fieldSelector,
      managers: this.managers,
    };
    const options = { client, clock, random, idleTimeout, identity, sink: this, ...scope };
    this.#driver = drive(options, this.#stop.signal);
  }

  subscribe(handler: (event: CacheEvent) => void): Subscription {
    const subscriber = new Subscriber(handler, ({ type, object }, error) =>
      this.#handlerErrors.say({ err: error, event: type, object: objectKey(object.metadata) }),
    );
    this.#subscribers.add(subscriber);
    subscriber.deliver(this.contents.snapshot());
    const store = this;
    let synced = false;
    const check = () => {
      synced ||= this.contents.hasSynced && subscriber.isIdle;
      return synced;
    };
    return {
      get hasSynced() {
        return check();
      },
      async synced(signal) {
        await store.until(() => store.contents.hasSynced, signal);
        await new Promise<void>((resolve) => subscriber.whenIdle(resolve));
        synced = true;
      },
      unsubscribe: () => {
        subscriber.close();
        this.#subscribers.delete(subscriber);
      },
    };
  }

  /** Calls back when `trouble`, or whether the first list is complete, has changed. */
  onCondition(listener: () => void): () => void {
    this.#conditionListeners.add(listener);
    return () => void this.#conditionListeners.delete(listener);
  }

  /** Resolves once the condition holds; it is looked at after every change. Rejects when the store closes. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    const stop = this.#stop.signal;
    return new Promise((resolve, reject) => {
      const look = () => {
        const aborted = signal?.aborted ? signal : stop.aborted ? stop : undefined;
        if (!aborted && !condition()) return;
        this.#waiters.delete(look);
        signal?.removeEventListener('abort', look);
        if (aborted) reject(aborted.reason);
        else resolve();
      };
      this.#waiters.add(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  /** Resolves once the store is complete up to the revision. */
  reached(revision: string, signal?: AbortSignal): Promise<void> {
    return this.until(() => this.contents.hasSynced && this.contents.overlay.reached(revision), signal);
  }

  /** Makes the server say soon how far it is, if the store has not reached the revision. */
  hurry(revision: string): void {
    this.#driver?.hurry(revision);
  }

  /** Ends the watch, and waits for it. Readers keep what there is. */
  async close(): Promise<void> {
    this.#stop.abort(new Error(`the cache of ${this.description} was closed`));
    this.#resync?.cancel();
    for (const subscriber of this.#subscribers) subscriber.close();
    this.#subscribers.clear();
    this.#conditionListeners.clear();
    this.#wake();
    await this.#driver?.done;
  }

  stats(): StoreStats {
    const { contents, description } = this;
    const { overlay, unreadable, indexErrors, epochs, size, hasSynced } = contents;
    const counters = this.#driver?.counters;
    return {
      description,
      objects: size,
      get bytes() {
        return contents.bytes;
      },
      inTrouble: this.#trouble !== undefined,
      overlayEntries: overlay.entries.size,
      tombstones: overlay.tombstones.pending,
      hasSynced,
      lists: counters?.lists ?? 0,
      watches: counters?.watches ?? 0,
      failures: counters?.failures ?? 0,
      epochs,
      unreadable: unreadable.count,
      indexErrors: indexErrors.count,
      transformErrors: contents.transformErrors.count,
      handlerErrors: this.#handlerErrors.count,
      undelivered: this.#undelivered(),
    };
  }

  #undelivered(): number {
    let count = this.#driver?.givesWay || this.#resyncing ? 1 : 0;
    for (const subscriber of this.#subscribers) count += subscriber.pending;
    return count;
  }

  accept(output: WatchOutput): void {
    const { contents } = this;
    switch (output.type) {
      case 'begin':
        contents.begin();
        break;
      case 'stage':
        contents.stage(output.object, output.ownFields);
        break;
      case 'unstage':
        contents.unstage(output.object);
        break;
      case 'swap':
        this.#swap(output.revision);
        break;
      case 'apply':
        this.#publish(contents.apply(output.object, output.ownFields));
        break;
      case 'remove':
        this.#publish(contents.remove(output.object));
        break;
      case 'bookmark':
        contents.bookmark(output.revision);
        this.#wake();
        break;
      case 'unreadable':
        contents.unreadable.say({ object: output.key, reason: output.reason });
        break;
      case 'trouble':
        this.#report(output.failure);
        break;
      case 'recovered':
        this.#recover();
        break;
      default:
        output satisfies never;
    }
  }

  prepare(revision: string): Iterable<void> {
    return this.contents.prepare(revision, this.isOtherCluster(this.#clusterOfList));
  }

  clusterSeen(identity: string | undefined): void {
    this.#clusterOfList = identity;
  }

  isOtherCluster(identity: string | undefined): boolean {
    return identity !== undefined && this.#cluster !== undefined && identity !== this.#cluster;
  }

  #swap(revision: string): void {
    const first = !this.contents.hasSynced;
    const events = this.contents.swap(revision, this.isOtherCluster(this.#clusterOfList));
    this.#cluster = this.#clusterOfList ?? this.#cluster;
    if (first) this.#armResync();
    this.#publish(events);
    if (first) this.#conditionChanged();
  }

  #publish(events: readonly CacheEvent[]): void {
    for (const subscriber of this.#subscribers) subscriber.deliver(events);
    this.#wake();
  }

  #conditionChanged(): void {
    for (const listener of [...this.#conditionListeners]) listener();
  }

  #wake(): void {
    for (const look of [...this.#waiters]) look();
  }

  /** A tenth earlier or later, so that stores do not resync all at once. */
  #armResync(): void {
    const { resyncPeriod, clock, random } = this.#options;
    if (resyncPeriod <= 0 || this.#stop.signal.aborted) return;
    const period = resyncPeriod * (0.9 + random.next() / 5);
    this.#resync = clock.timer(
      period,
      () => {
        this.#armResync();
        void this.#resyncAll();
      },
      { background: true },
    );
  }

  async #resyncAll(): Promise<void> {
    for (const events of this.contents.resync()) {
      this.#publish(events);
      this.#resyncing = true;
      await nextTurn();
      this.#resyncing = false;
      if (this.#stop.signal.aborted) return;
    }
  }

  #report({ reason, message }: Failure): void {
    const now = this.#options.clock.now();
    const shown = reason === 'expired' || reason === 'idle' || reason === 'unsupported' ? 'unreachable' : reason;
    const repeated = this.#trouble?.message === message;
    const changed = this.#trouble?.reason !== shown;
    this.#trouble = { reason: shown, message, since: this.#trouble?.since ?? now };
    if (changed) this.#conditionChanged();
    if (repeated && now - this.#troubleSaid < troubleRepeat) return;
    this.#troubleSaid = now;
    this.#options.log.warn({ store: this.description, reason: shown }, message);
  }

  #recover(): void {
    if (!this.#trouble) return;
    const seconds = Math.round((this.#options.clock.now() - this.#trouble.since) / 1000);
    this.#options.log.info(
      { store: this.description },
      `the cache of ${this.description} is up to date again after ${seconds} s`,
    );
    this.#trouble = undefined;
    this.#conditionChanged();
  }
}

function describe(kind: AnyKind, selection: Selection): string {
  const parts = [resourceText({ kind, namespace: selection.namespace })];
  if (kind.projection === 'metadata') parts.push('(metadata)');
  if (!selection.labelSelector.empty) parts.push(`with labels ${selection.labelSelector}`);
  if (selection.fieldSelector !== '') parts.push(`with fields ${selection.fieldSelector}`);
  return parts.join(' ');
}
