import { hostname } from 'node:os';
import { type Clock, type Random, systemClock, systemRandom } from '@setpoint/apimachinery/clock';
import type { Caches } from '../cache/index.ts';
import type { Client, ClientConfig, Transport } from '../client/index.ts';
import {
  type Controller,
  type ControllerActivity,
  type ControllerRunner,
  loadControllerRunner,
  noMetrics,
  type RunnerOptions,
} from '../controller/index.ts';
import type { QueuedKey } from '../queue/index.ts';
import type { Log } from '../reconcile/index.ts';
import { type BindAddress, parseBindAddress } from './address.ts';
import { type Check, probe } from './checks.ts';
import type { Answer, HttpServer } from './http.ts';
import { silent } from './log.ts';
import type { Metrics } from './metrics.ts';

/** How to reach the API server: one of the three. */
export type Connection =
  | { readonly client: Client; readonly transport?: undefined; readonly config?: undefined }
  | { readonly transport: Transport; readonly client?: undefined; readonly config?: undefined }
  | { readonly config: ClientConfig; readonly client?: undefined; readonly transport?: undefined };

/** How a manager reaches the API server, and how it runs. All is optional but the connection. */
export type ManagerOptions = Connection & {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** @default nothing is logged */
  readonly log?: Log | undefined;
  /** Namespaces to watch. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** `127.0.0.1:8080`; `0` is off. @default off */
  readonly metricsBindAddress?: string | undefined;
  /** @default off */
  readonly healthProbeBindAddress?: string | undefined;
  /** Milliseconds that passes may take to finish at a stop; 0 waits for nothing, negative for ever. @default 30_000 */
  readonly gracefulShutdownTimeout?: number | undefined;
  /** Milliseconds between resyncs; 0 for none. @default ten hours */
  readonly resyncPeriod?: number | undefined;
  /** Milliseconds without a byte after which a watch is taken for dead. @default 150_000 */
  readonly idleTimeout?: number | undefined;
  /** Which process this is, in Events. @default the host's name */
  readonly instance?: string | undefined;
};

/** What a manager is doing; goes only forward. */
export type ManagerState =
  | { readonly status: 'new' }
  | { readonly status: 'starting' }
  | { readonly status: 'running' }
  | { readonly status: 'stopping'; readonly error?: Error | undefined }
  | { readonly status: 'stopped'; readonly error?: Error | undefined };

/** How busy a manager is; a test waits until nothing is left. */
export interface SettledState {
  readonly status: ManagerState['status'];
  /** Nothing runs, waits to run now, or is being sent; delayed keys may remain. */
  readonly idle: boolean;
  readonly controllers: Readonly<Record<string, ControllerActivity>>;
  /** Milliseconds until the first delayed key, or a mapper that threw, is due. */
  readonly nextDue: number | undefined;
  /** Events of caches that handlers have not been told yet. */
  readonly undelivered: number;
  /** Own writes that the watch has not confirmed. */
  readonly unconfirmed: number;
  readonly unsynced: number;
}

interface Declaration {
  readonly name: string;
  readonly controllers: readonly Controller[];
}

/**
 * Runs the controllers of one operator. Nothing is global: several managers may run in one process.
 *
 * Start: servers are bound (a busy port fails before anything is watched) → caches → controllers, each as soon as its
 * own stores are synced. Stop: controllers drain → caches → servers.
 */
export class Manager implements AsyncDisposable {
  readonly #declaration: Declaration;
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #healthz = new Map<string, Check>([['ping', () => undefined]]);
  readonly #readyz = new Map<string, Check>();
  readonly #stopping = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  #state: ManagerState = { status: 'new' };
  #running: Promise<void> | undefined;
  #metrics: Metrics | undefined;
  #servers: { readonly name: string; readonly server: HttpServer }[] = [];
  #client: Client | undefined;
  #caches: Caches | undefined;
  #runners: readonly ControllerRunner[] = [];

  constructor(declaration: Declaration, options: ManagerOptions) {
    this.#declaration = declaration;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silent;
    this.#started.promise.catch(() => undefined);
    this.#readyz.set('caches', () => {
      if (this.#state.status !== 'running') throw new Error('not all caches are synced');
    });
  }

  get state(): ManagerState {
    return this.#state;
  }

  /** Resolves once every controller works; rejects if the start failed. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Where the servers listen, by name; `metrics` and `health probe`. */
  get addresses(): Readonly<Record<string, BindAddress>> {
    return Object.fromEntries(this.#servers.map(({ name, server }) => [name, server.address]));
  }

  /** The client that the manager was given or made; undefined before `run`. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** What the queue of a controller holds: what runs, is ready or waits; at most `limit` keys. Empty before `run`. */
  queued(controller: string, limit?: number): readonly QueuedKey<unknown>[] {
    return this.#runners.find((runner) => runner.controller.name === controller)?.queued(limit) ?? [];
  }

  /** A named check of /healthz. @throws Error once the manager was started */
  addHealthzCheck(name: string, check: Check): void {
    this.#addCheck(this.#healthz, name, check);
  }

  /** A named check of /readyz. @throws Error once the manager was started */
  addReadyzCheck(name: string, check: Check): void {
    this.#addCheck(this.#readyz, name, check);
  }

  /**
   * Starts, and resolves when everything has stopped after the signal aborted (or `stop` was called).
   *
   * @throws Error if it cannot start, or a part failed while it ran; everything has stopped then, too
   */
  run(signal?: AbortSignal): Promise<void> {
    if (this.#state.status !== 'new') throw new Error('a manager runs once: make another one');
    this.#state = { status: 'starting' };
    const onAbort = () => this.stop();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running = this.#run().finally(() => signal?.removeEventListener('abort', onAbort));
    return this.#running;
  }

  /** Begins to stop; `run` resolves when it is done. Harmless at any time. */
  stop(): void {
    this.#stopping.abort(new Error('the operator was stopped'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#running?.catch(() => undefined);
  }

  /** How busy the manager is now. */
  settledState(): SettledState {
    const entries = this.#runners.map((runner) => [runner.controller.name, runner.activity()] as const);
    const activities = entries.map(([, activity]) => activity);
    const due = activities.flatMap(({ nextDue }) => (nextDue === undefined ? [] : [nextDue]));
    const stats = this.#caches?.stats() ?? [];
    const undelivered = stats.reduce((sum, store) => sum + store.undelivered, 0);
    const { status } = this.#state;
    return {
      status,
      undelivered,
      idle:
        status !== 'starting' &&
        status !== 'stopping' &&
        undelivered === 0 &&
        activities.every(({ ready, running, events }) => ready + running + events === 0),
      controllers: Object.fromEntries(entries),
      nextDue: due.length === 0 ? undefined : Math.min(...due),
      unconfirmed: stats.reduce((sum, { overlayEntries, tombstones }) => sum + overlayEntries + tombstones, 0),
      unsynced: stats.filter(({ hasSynced }) => !hasSynced).length,
    };
  }

  async #run(): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.#start();
      this.#advance({ status: 'running' });
      this.#started.resolve();
      await whenAborted(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) failure = asError(error);
      this.stop();
    }
    failure ??= this.#failure;
    this.#advance({ status: 'stopping', error: failure });
    this.#started.reject(failure ?? new Error('the operator was stopped before it had started'));
    try {
      await this.#stop();
    } catch (error) {
      failure ??= asError(error);
    }
    this.#advance({ status: 'stopped', error: failure });
    if (failure) throw failure;
  }

  #failure: Error | undefined;

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#listen();
    signal.throwIfAborted();
    // Loaded here: a program that only declares an operator (for its manifests, say) does without.
    const { createCaches } = await import('../cache/index.ts');
    const { ControllerRunner } = await loadControllerRunner();
    const client = await this.#connect();
    const { random = systemRandom, resyncPeriod, idleTimeout } = this.#options;
    const caches = createCaches({
      client: endingWith(signal, client),
      clock: this.#clock,
      random,
      log: this.#log,
      resyncPeriod,
      idleTimeout,
    });
    this.#caches = caches;
    this.#metrics?.caches(caches);
    // All controllers take their shares first: indexes can only be attached to stores that do not run yet.
    this.#runners = this.#declaration.controllers.map(
      (controller) => new ControllerRunner(this.#runnerOptions(controller, client, caches, random)),
    );
    caches.start();
    await Promise.all(this.#runners.map((runner) => runner.start(signal)));
  }

  async #listen(): Promise<void> {
    const metrics = parseBindAddress(this.#options.metricsBindAddress ?? '0');
    const health = parseBindAddress(this.#options.healthProbeBindAddress ?? '0');
    if (metrics) {
      const { prometheusMetrics } = await import('./metrics.ts');
      const prometheus = await prometheusMetrics();
      this.#metrics = prometheus;
      await this.#serve('metrics', metrics, async (url) => {
        if (url.pathname !== '/metrics') return undefined;
        const { contentType, text } = await prometheus.render();
        return { status: 200, contentType, body: text };
      });
    }
    if (health) await this.#serve('health probe', health, (url, signal) => this.#probe(url, signal));
  }

  async #serve(name: string, address: BindAddress, answer: Answer): Promise<void> {
    const { serve } = await import('./http.ts');
    const server = await serve(name, address, answer);
    this.#servers.push({ name, server });
    const { host, port } = server.address;
    this.#log.info({ kind: name, addr: `${host.includes(':') ? `[${host}]` : host}:${port}` }, 'starting server');
  }

  async #probe(url: URL, signal: AbortSignal) {
    const match = /^\/(healthz|readyz)(\/.*)?$/.exec(url.pathname);
    if (!match) return undefined;
    const kind = match[1] as 'healthz' | 'readyz';
    const { status, body } = await probe(
      kind,
      match[2] ?? '',
      url.searchParams,
      kind === 'healthz' ? this.#healthz : this.#readyz,
      {
        signal,
        failed: (check, error) => this.#log.info({ check, error: asError(error).message }, `${kind} check failed`),
      },
    );
    return { status, contentType: 'text/plain; charset=utf-8', body };
  }

  async #connect(): Promise<Client> {
    const { client, transport, config } = this.#options;
    if (client) {
      this.#client = client;
      return client;
    }
    const common = {
      clock: this.#clock,
      log: this.#log,
      fieldManager: this.#declaration.name,
      userAgent: this.#declaration.name,
      observe: this.#metrics?.observeRequest,
    };
    const { createClient } = await import('../client/index.ts');
    this.#client = createClient(transport ? { ...common, transport } : { ...common, config });
    return this.#client;
  }

  #runnerOptions(controller: Controller, client: Client, caches: Caches, random: Random): RunnerOptions {
    const { name } = this.#declaration;
    return {
      controller,
      operator: name,
      instance: `${name}-${this.#options.instance ?? hostname()}`,
      client,
      caches,
      clock: this.#clock,
      random,
      log: this.#log,
      metrics: this.#metrics?.controller(controller.name, controller.maxConcurrentReconciles) ?? noMetrics,
      namespaces: this.#options.namespaces ?? [],
      failed: (error) => {
        this.#failure ??= error;
        this.stop();
      },
    };
  }

  async #stop(): Promise<void> {
    const patience = this.#options.gracefulShutdownTimeout ?? 30_000;
    const deadline = new AbortController();
    const timer = patience < 0 ? undefined : this.#clock.timer(patience, () => deadline.abort(), { background: true });
    if (patience === 0) deadline.abort();
    try {
      await Promise.all(this.#runners.map((runner) => runner.stop(deadline.signal)));
      await Promise.race([this.#caches?.close(), whenAborted(deadline.signal)]);
    } finally {
      timer?.cancel();
      await Promise.all(this.#servers.map(({ server }) => server.close()));
      // A client that was given belongs to whoever gave it.
      if (!this.#options.client) await this.#client?.close();
    }
  }

  #addCheck(checks: Map<string, Check>, name: string, check: Check): void {
    if (this.#state.status !== 'new') throw new Error(`check ${name} has to be added before the manager starts`);
    if (checks.has(name)) throw new Error(`there is a check ${name} already`);
    checks.set(name, check);
  }

  #advance(state: ManagerState): void {
    this.#state = state;
  }
}

/** The client for the caches: what they ask once (the cluster's identity) must not hold up a stop. */
function endingWith(signal: AbortSignal, client: Client): Pick<Client, 'get' | 'list' | 'pages' | 'watch'> {
  const get: Client['get'] = (kind, key, options) =>
    client.get(kind, key, {
      ...options,
      signal: AbortSignal.any([signal, ...(options?.signal ? [options.signal] : [])]),
    } as typeof options);
  return { get, list: client.list.bind(client), pages: client.pages.bind(client), watch: client.watch.bind(client) };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
