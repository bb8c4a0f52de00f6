import { hostname } from 'node:os';
import { type Clock, type Random, systemClock, systemRandom } from '@setpoint/apimachinery/clock';
import type { Caches } from '../cache/index.ts';
import type { Client } from '../client/index.ts';
import {
  type Controller,
  type ControllerRunner,
  loadControllerRunner,
  noMetrics,
  type RunnerOptions,
} from '../controller/index.ts';
import { isLeaseLost } from '../errors/index.ts';
import type { Crd } from '../kinds/index.ts';
import type { QueuedKey } from '../queue/index.ts';
import type { Log } from '../reconcile/index.ts';
import type { Webhook, WebhookHost } from '../webhook/index.ts';
import { type BindAddress, parseBindAddress } from './address.ts';
import { type Check, probe } from './checks.ts';
import { endingWith } from './ending-client.ts';
import type { Answer, HttpServer } from './http.ts';
import { type LeaderElectionOptions, type Leadership, loadLeadership } from './leader-election/index.ts';
import { silent } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { ManagerOptions, ManagerState, SettledState } from './types.ts';
import { servesWebhooks, startWebhooks } from './webhook-serving.ts';

interface Declaration {
  readonly name: string;
  readonly controllers: readonly Controller[];
  readonly webhooks?: readonly Webhook[];
  readonly crds?: readonly Crd[];
}

/**
 * Runs the controllers of one operator. Nothing is global: several managers may run in one process.
 *
 * Start: servers are bound (a busy port fails before anything is watched) → webhooks → caches → controllers, each as soon as its
 * own stores are synced; with leader election those that need it fill their caches, and work once it is won.
 * Stop: controllers drain → caches → the lease is given up → servers.
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
  #webhooks: WebhookHost | undefined;
  readonly #caches: Caches[] = [];
  readonly #runners: ControllerRunner[] = [];
  readonly #elected = Promise.withResolvers<void>();
  #leadership: Leadership | undefined;
  #failure: Error | undefined;

  constructor(declaration: Declaration, options: ManagerOptions) {
    this.#declaration = declaration;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silent;
    this.#started.promise.catch(() => undefined);
    this.#elected.promise.catch(() => undefined);
    this.#readyz.set('caches', () => {
      if (this.#state.status !== 'running') throw new Error('not all caches are synced');
    });
    if (servesWebhooks(declaration, options.webhooks)) {
      this.#readyz.set('webhooks', () => {
        if (!this.#webhooks) throw new Error('the webhooks are not served yet');
        this.#webhooks.ready();
      });
    }
  }

  get state(): ManagerState {
    return this.#state;
  }

  /** Resolves once every controller works that needs no election; rejects if the start failed. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /**
   * Resolves once all controllers work: with leader election, when it was won and they have been started. Rejects if
   * the manager stops before.
   */
  get elected(): Promise<void> {
    return this.#elected.promise;
  }

  /** Whether this process holds the lease; true without leader election. */
  get isLeader(): boolean {
    return this.#options.leaderElection === undefined || (this.#leadership?.isLeader ?? false);
  }

  /** Where the servers listen, by name; `metrics`, `health probe` and `webhooks`. */
  get addresses(): Readonly<Record<string, BindAddress>> {
    const servers = this.#servers.map(({ name, server }) => [name, server.address] as const);
    return Object.fromEntries([...servers, ...(this.#webhooks ? [['webhooks', this.#webhooks.address] as const] : [])]);
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
   * @throws LeaseLost if the lease was lost; the process should end then, and may be started anew
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
    const stats = this.#caches.flatMap((caches) => caches.stats());
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
      await this.#lead();
      this.#elected.resolve();
      await whenAborted(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) failure = asError(error);
      this.stop();
    }
    failure ??= this.#failure;
    this.#advance({ status: 'stopping', error: failure });
    this.#started.reject(failure ?? new Error('the operator was stopped before it had started'));
    this.#elected.reject(failure ?? new Error('the operator was stopped before it was elected'));
    try {
      await this.#stop();
    } catch (error) {
      failure ??= asError(error);
    }
    // The lease may have been lost while passes drained.
    failure ??= this.#failure;
    this.#advance({ status: 'stopped', error: failure });
    if (failure) throw failure;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#listen();
    signal.throwIfAborted();
    const client = await this.#connect();
    await this.#startWebhooks(client);
    const { controllers } = this.#declaration;
    const { leaderElection } = this.#options;
    if (!leaderElection) return this.#startAll(await this.#makeRunners(controllers, client), 'start');
    this.#leadership = await this.#joinElection(leaderElection, client);
    const { warmup = true } = leaderElection;
    const runners = await this.#makeRunners(warmup ? controllers : controllers.filter(worksUnelected), client);
    await Promise.all([
      this.#startAll(
        runners.filter(({ controller }) => worksUnelected(controller)),
        'start',
      ),
      this.#startAll(
        runners.filter(({ controller }) => !worksUnelected(controller)),
        'warmUp',
      ),
    ]);
  }

  /** Waits until the lease is won, then starts what waits for it. */
  async #lead(): Promise<void> {
    const leadership = this.#leadership;
    if (!leadership) return;
    const { signal } = this.#stopping;
    await leadership.win(signal);
    const waiting = this.#declaration.controllers.filter((controller) => !worksUnelected(controller));
    const warm = this.#runners.filter(({ controller }) => waiting.includes(controller));
    const runners = warm.length > 0 ? warm : await this.#makeRunners(waiting, this.#client as Client);
    await this.#startAll(runners, 'start');
  }

  async #startAll(runners: readonly ControllerRunner[], how: 'start' | 'warmUp'): Promise<void> {
    await Promise.all(runners.map((runner) => runner[how](this.#stopping.signal)));
  }

  /** Makes the runners of these controllers, and caches for them that have started. */
  async #makeRunners(controllers: readonly Controller[], client: Client): Promise<readonly ControllerRunner[]> {
    if (controllers.length === 0) return [];
    // Loaded here: a program that only declares an operator (for its manifests, say) does without.
    const { createCaches } = await import('../cache/index.ts');
    const { ControllerRunner } = await loadControllerRunner();
    const { signal } = this.#stopping;
    signal.throwIfAborted();
    const { random = systemRandom, resyncPeriod, idleTimeout } = this.#options;
    const caches = createCaches({
      client: endingWith(signal, client),
      clock: this.#clock,
      random,
      log: this.#log,
      resyncPeriod,
      idleTimeout,
    });
    this.#caches.push(caches);
    if (this.#caches.length === 1) this.#metrics?.caches(this.#caches);
    // All controllers take their shares first: indexes can only be attached to stores that do not run yet.
    const runners = controllers.map(
      (controller) => new ControllerRunner(this.#runnerOptions(controller, client, caches, random)),
    );
    this.#runners.push(...runners);
    caches.start();
    return runners;
  }

  async #joinElection(election: LeaderElectionOptions, client: Client): Promise<Leadership> {
    const { Leadership } = await loadLeadership();
    return Leadership.create({
      operator: this.#declaration.name,
      instance: this.#instance(),
      election,
      client,
      clock: this.#clock,
      random: this.#options.random ?? systemRandom,
      log: this.#log,
      metrics: this.#metrics?.leaderElection,
      lost: (error) => {
        this.#log.error({ error: error.message }, 'the lease was lost: everything stops');
        for (const runner of this.#runners) runner.revoke(error.message);
        this.#fail(error);
      },
    });
  }

  #instance(): string {
    return `${this.#declaration.name}-${this.#options.instance ?? hostname()}`;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.stop();
  }

  /** Before any cache: an object may have to be converted to be listed. On every replica, whoever leads. */
  async #startWebhooks(client: Client): Promise<void> {
    const options = this.#options.webhooks;
    if (!servesWebhooks(this.#declaration, options)) return;
    const [clock, log, metrics] = [this.#clock, this.#log, this.#metrics?.webhooks()];
    this.#webhooks = await startWebhooks(this.#declaration, { options, client, clock, log, metrics });
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
    const elected = worksUnelected(controller) ? undefined : this.#leadership;
    return {
      controller,
      operator: name,
      instance: this.#instance(),
      client: elected ? elected.client : client,
      fenced: elected !== undefined,
      caches,
      clock: this.#clock,
      random,
      log: this.#log,
      metrics: this.#metrics?.controller(controller.name, controller.maxConcurrentReconciles) ?? noMetrics,
      namespaces: this.#options.namespaces ?? [],
      failed: (error) => this.#fail(error),
    };
  }

  async #stop(): Promise<void> {
    // Who lost the lease has nothing to finish.
    const patience = isLeaseLost(this.#failure) ? 0 : (this.#options.gracefulShutdownTimeout ?? 30_000);
    const deadline = new AbortController();
    const timer = patience < 0 ? undefined : this.#clock.timer(patience, () => deadline.abort(), { background: true });
    if (patience === 0) deadline.abort();
    try {
      const drained = await Promise.all(this.#runners.map((runner) => runner.stop(deadline.signal)));
      await Promise.race([Promise.all(this.#caches.map((caches) => caches.close())), whenAborted(deadline.signal)]);
      await this.#leadership?.close({ release: drained.every(Boolean), signal: deadline.signal });
    } finally {
      timer?.cancel();
      // The last to go: a stopping cache may still need a conversion.
      await this.#webhooks?.close(deadline.signal);
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

function worksUnelected({ needsLeaderElection }: Controller): boolean {
  return !needsLeaderElection;
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
