import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { CacheReader, Caches } from '../cache/index.ts';
import type { Client } from '../client/index.ts';
import { type CacheScope, kindName } from '../kinds/index.ts';
import { type Metric, type MetricSink, metricHandles } from '../metrics/index.ts';
import { KeyedQueue, type QueuedKey } from '../queue/index.ts';
import {
  AppliedRecords,
  type Attribution,
  EventRecorder,
  type Log,
  messageOf,
  OwnStatus,
  type PassEnvironment,
} from '../reconcile/index.ts';
import { caughtUp, WrittenRevisions } from './caught-up.ts';
import { Enqueuer } from './enqueue.ts';
import { Following } from './following.ts';
import type { ControllerMetrics } from './metrics.ts';
import { readKinds, writableKinds } from './needs.ts';
import { Obstacles } from './obstacles.ts';
import { type ShardGate, ShardKeys } from './shard-keys.ts';
import { runSource } from './sources.ts';
import { acquireStores, type ControllerStores } from './stores.ts';
import { storesFilled } from './stores-filled.ts';
import type { Controller } from './types.ts';
import { Worker } from './worker.ts';

/** What a controller needs in order to run; the manager gives it. */
export interface RunnerOptions {
  readonly controller: Controller;
  readonly operator: string;
  /** `<operator>-<host>`, for Events. */
  readonly instance: string;
  readonly client: Client;
  /** Whether others may work with the same objects as soon as a lease is lost: writes then carry preconditions. */
  readonly fenced?: boolean | undefined;
  /** Which keys are this replica's. @default all */
  readonly shards?: ShardGate | undefined;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: ControllerMetrics;
  /** Metrics of the operator beside those of the controller, and where values go. */
  readonly userMetrics: { readonly declared: readonly Metric[]; readonly sink: MetricSink };
  readonly attribution: Attribution;
  /** What the operator keeps of each kind. */
  readonly scope: CacheScope;
  /** A source that may not end has ended, or an invariant broke: the operator must stop. */
  readonly failed: (error: Error) => void;
}

/** How busy a controller is; all zero when it is settled. */
export interface ControllerActivity {
  /** Keys that could run now. */
  readonly ready: number;
  /** Passes that run. */
  readonly running: number;
  /** Keys whose time has not come: requeueAfter and back-off. */
  readonly waiting: number;
  /** Milliseconds until the first of them, or a mapper that threw, is due. */
  readonly nextDue: number | undefined;
  /** Events that wait to be sent. */
  readonly events: number;
  /** Objects whose mapper threw and will be asked again. */
  readonly mapperRetries: number;
  /** Passes whose key was let go while they still run. */
  readonly zombies: number;
}

/**
 * One controller of a running operator: `constructor` takes its stores, `warmUp` fills its caches and its queue, `start`
 * lets it work, `stop` drains it.
 */
export class ControllerRunner {
  readonly controller: Controller;
  /** Undefined where all keys are this replica's. */
  readonly shards: ShardKeys | undefined;
  readonly #options: RunnerOptions;
  readonly #stores: ControllerStores;
  readonly #obstacles: Obstacles;
  readonly #queue: KeyedQueue<unknown>;
  readonly #events: EventRecorder;
  readonly #enqueuer: Enqueuer;
  readonly #worker: Worker;
  readonly #environment: PassEnvironment;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  readonly #following: Following;
  readonly #background: Promise<void>[] = [];
  readonly #ownStatus = new OwnStatus();
  #warm: Promise<void> | undefined;
  #started = false;

  constructor(options: RunnerOptions) {
    const { controller, operator, clock, caches, metrics } = options;
    this.controller = controller;
    this.#options = options;
    const { kind } = controller;
    this.#log = options.log.child({
      controller: controller.name,
      ...(kind ? { group: kind.group, kind: kind.kind } : {}),
    });
    const fieldManager = `${operator}/${controller.name}`;
    this.#stores = acquireStores(controller, caches, options.scope, fieldManager);
    this.#obstacles = new Obstacles(controller, this.#stores.all);
    this.#queue = new KeyedQueue({
      clock,
      id: controller.id,
      backoff: controller.backoff,
      rateLimit: controller.rateLimit,
      observer: metrics.queue,
      accepts: options.shards && ((id) => (options.shards as ShardGate).holds(id)),
    });
    metrics.watchRunning(() => this.#queue.running());
    this.#events = new EventRecorder({
      client: options.client,
      clock,
      log: this.#log,
      reportingController: fieldManager,
      reportingInstance: options.instance,
    });
    this.#enqueuer = new Enqueuer({ queue: this.#queue, id: controller.id, log: this.#log, metrics, clock });
    this.#environment = this.#makeEnvironment(fieldManager);
    this.#worker = new Worker({
      ...options,
      environment: this.#environment,
      queue: this.#queue,
      log: this.#log,
      kinds: [...new Set(this.#stores.all.map((store) => store.kind))],
      stopping: this.#stopping.signal,
      stoppingOf: this.#stoppingOf(),
    });
    const parts = { queue: this.#queue, worker: this.#worker, controller, caches, clock };
    const [stores, enqueuer, environment] = [this.#stores, this.#enqueuer, this.#environment];
    this.#following = new Following({ ...options, ...parts, stores, enqueuer, environment });
    const written = environment.recorder;
    if (!options.shards || !(written instanceof WrittenRevisions)) return;
    this.shards = new ShardKeys({ ...parts, following: this.#following, stores: stores.all, written });
  }

  /**
   * Waits for every store and hands every object that is there to the queue. Where a kind is missing, or may not be
   * read, that goes on behind.
   *
   * @throws Error naming the stores that did not sync in time, and why
   */
  warmUp(signal: AbortSignal): Promise<void> {
    return this.#unlessStalled(this.#warmed(signal), signal);
  }

  /**
   * Warms up, then starts the sources and the workers: no pass sees an unfilled cache. Where a kind is missing, or may
   * not be read, that happens once it is there. @throws Error as `warmUp` does
   */
  start(signal: AbortSignal): Promise<void> {
    return this.#unlessStalled(
      this.#warmed(signal).then(() => this.#begin(signal)),
      signal,
    );
  }

  /** What it wrote last, by kind; nothing where no other replica would have to know. */
  get written(): Readonly<Record<string, string>> {
    const { recorder } = this.#environment;
    return recorder instanceof WrittenRevisions ? recorder.revisions : {};
  }

  /** Waits until its caches show what the replica before has written; unknown: until they are as far as the server. */
  caughtUp(written: Readonly<Record<string, string>> | undefined, signal: AbortSignal): Promise<void> {
    const { caches, clock } = this.#options;
    return caughtUp(written, { stores: this.#stores.all, caches, clock, signal });
  }

  /** What it waits for, a sentence each; empty while it works. */
  waitsFor(): readonly string[] {
    return this.#obstacles.messages();
  }

  /** A defect that shows once nobody waits for this any more ends the operator. */
  async #unlessStalled(work: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const stalled = this.#obstacles
      .until(() => this.#obstacles.messages().length > 0, either)
      .then(
        () => true,
        () => false,
      );
    try {
      if (!(await Promise.race([work.then(() => false), stalled]))) return await work;
    } finally {
      over.abort(new Error('the controller is not stalled'));
    }
    work.catch((error) => {
      if (!signal.aborted && !this.#stopping.signal.aborted) this.#options.failed(asError(error));
    });
  }

  #begin(signal: AbortSignal): void {
    const { controller } = this;
    if (signal.aborted || this.#stopping.signal.aborted || this.#started) return;
    this.#started = true;
    this.#pauseWhereKindsAreMissing();
    for (const source of controller.sources) this.#background.push(this.#runSource(source));
    this.#log.info({ 'worker count': controller.maxConcurrentReconciles }, 'Starting workers');
    for (let i = 0; i < controller.maxConcurrentReconciles; i++) this.#background.push(this.#work());
  }

  /** A kind that goes away takes what it meant with it: passes that rest on it wait until it is back. */
  #pauseWhereKindsAreMissing(): void {
    const look = () => {
      const messages = this.#obstacles.messages();
      const pause = messages.length > 0;
      if (pause === this.#queue.isPaused) return;
      if (pause) this.#log.warn(`paused: waiting for what is missing: ${messages.join('; ')}`);
      else this.#log.info('what was missing is there again: passes go on');
      if (pause) this.#queue.pause();
      else this.#queue.resume();
    };
    this.#obstacles.watch(look);
    look();
  }

  /** Ends the rights of every pass, at once. */
  revoke(reason: string): void {
    this.#worker.revokeAll(reason);
  }

  #warmed(signal: AbortSignal): Promise<void> {
    this.#warm ??= this.#warmUp(signal);
    this.#warm.catch(() => undefined);
    return this.#warm;
  }

  async #warmUp(signal: AbortSignal): Promise<void> {
    const { controller } = this;
    for (const store of this.#stores.all) {
      this.#log.info({ source: `kind source: ${kindName(store.kind)}` }, 'Starting EventSource');
    }
    for (const source of controller.sources) this.#log.info({ source: source.name }, 'Starting EventSource');
    this.#log.info('Starting Controller');
    const stop = AbortSignal.any([signal, this.#stopping.signal]);
    const { clock } = this.#options;
    const [stores, obstacles] = [this.#stores.all, this.#obstacles];
    await storesFilled({ controller, stores, obstacles, clock, log: this.#log, signal: stop });
    const subscribed = this.#following.begin();
    await Promise.all(subscribed.map(({ store, subscription }) => store.hasSynced && subscription.synced(stop)));
  }

  /**
   * Takes no more keys and lets running passes finish, until `deadline` aborts: then their rights end. Answers whether
   * all have finished.
   */
  async stop(deadline: AbortSignal): Promise<boolean> {
    this.#log.info('Shutdown signal received, waiting for all workers to finish');
    this.#following.end();
    this.#stopping.abort(new Error('the operator stops'));
    this.#enqueuer.close();
    this.#obstacles.close();
    this.#queue.shutDown();
    const drained = Promise.all(this.#background);
    const late = await Promise.race([drained.then(() => false), whenAborted(deadline).then(() => true)]);
    const abandoned = late ? this.#worker.running : 0;
    if (abandoned > 0) {
      this.#worker.revokeAll('the operator has stopped');
      this.#log.warn({ passes: abandoned }, 'passes did not finish in time and are abandoned');
    }
    await this.#events.close(deadline);
    this.#stores.release();
    this.#log.info('All workers finished');
    return abandoned + this.#worker.zombies === 0;
  }

  /** How busy it is at this moment. */
  activity(): ControllerActivity {
    const due = [this.#queue.nextDue, this.#enqueuer.nextDue].filter((time) => time !== undefined);
    return {
      // What waits for an election, or for a kind, is not at work.
      ready: this.#started && !this.#queue.isPaused ? this.#queue.length : 0,
      running: this.#worker.running,
      waiting: this.#queue.waiting,
      nextDue: due.length === 0 ? undefined : Math.min(...due),
      events: this.#events.pending,
      mapperRetries: this.#enqueuer.retrying,
      zombies: this.#worker.zombies,
    };
  }

  /** The keys of passes that run. */
  runningKeys(): readonly string[] {
    return this.#worker.runningKeys();
  }

  /** What the queue holds now. */
  queued(limit?: number): readonly QueuedKey<unknown>[] {
    return this.#queue.keys(limit);
  }

  #makeEnvironment(fieldManager: string): PassEnvironment {
    const { controller } = this;
    const { client, caches, clock, userMetrics } = this.#options;
    const kinds = readKinds(controller);
    return {
      declaration: controller,
      fieldManager,
      client,
      fenced: this.#options.fenced,
      cache: this.#reader(),
      recorder: this.#options.fenced || this.#options.shards ? new WrittenRevisions(caches) : caches,
      events: this.#events,
      metrics: metricHandles(userMetrics.sink, [...userMetrics.declared, ...controller.metrics], controller.name),
      clock,
      log: this.#log,
      stores: (kind) => this.#stores.of(kind),
      childrenOf: (uid) => this.#stores.childrenOf(uid),
      kinds: [...kinds, ...controller.writes.filter((kind) => !kinds.includes(kind))],
      writable: writableKinds(controller),
      applied: new AppliedRecords(),
      ownStatus: this.#ownStatus,
      reportedWaiting: new Map(),
      reportedInvalid: new Map(),
    };
  }

  /** A pass ends with the operator, or when its key goes to another replica. */
  #stoppingOf(): ((id: string) => AbortSignal) | undefined {
    const { shards } = this.#options;
    const stopping = this.#stopping.signal;
    return shards && ((id) => (stopping.aborted ? stopping : shards.stopping(id)));
  }

  /** What a pass may read: its own kind, `reads`, and the kinds of `watches` and `owns`. */
  #reader(): CacheReader {
    const { kind, reads, watches, owns } = this.controller;
    const kinds = [...watches, ...owns].map((entry) => entry.kind);
    return this.#stores.reader([...(kind ? [kind] : []), ...reads, ...kinds]);
  }

  /** A worker that breaks is a defect of this library: the operator must not go on with one worker less. */
  async #work(): Promise<void> {
    try {
      await this.#worker.work();
    } catch (error) {
      this.#options.failed(new Error(`controller ${this.controller.name}: ${messageOf(error)}`, { cause: error }));
    }
  }

  #attributed<T>(type: 'enqueue' | 'source', object: string, action: () => T): T {
    return this.#options.attribution.run({ type, of: this.controller.name, object }, action);
  }

  async #runSource(source: Controller['sources'][number]): Promise<void> {
    const { clock, failed } = this.#options;
    const context = { cache: this.#stores.reader(source.reads), log: this.#log };
    let count = 0;
    try {
      await this.#attributed('source', source.name, () =>
        runSource(source, {
          signal: this.#stopping.signal,
          clock,
          log: this.#log,
          each: (item) =>
            this.#enqueuer.item(`${source.name} ${count++}`, item, (value) => source.enqueue(value, context)),
        }),
      );
    } catch (error) {
      failed(new Error(`controller ${this.controller.name}: ${messageOf(error)}`, { cause: error }));
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
