import { hostname } from 'node:os';
import { type Clock, systemClock, systemRandom } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import type { Controller } from '../controller/index.ts';
import { isLeaseLost } from '../errors/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import type { QueuedKey } from '../queue/index.ts';
import { Attribution, type Log } from '../reconcile/index.ts';
import type { WebhookHost } from '../webhook/index.ts';
import type { BindAddress } from './address.ts';
import { Agreement, startsAtOnce } from './agreement.ts';
import type { Check, CheckOptions } from './checks.ts';
import type { ClusterClients } from './clusters.ts';
import { connect } from './connect.ts';
import { countingHandles, serveCounted } from './counting.ts';
import { Crew } from './crew.ts';
import { debugSubject } from './debug/index.ts';
import type { Declaration } from './declaration.ts';
import { Health } from './health.ts';
import type { LeaderElectionOptions } from './leader-election/index.ts';
import { silent } from './log.ts';
import { LoopWatch } from './loop-watch.ts';
import { addReadyChecks } from './ready-checks.ts';
import { Servers } from './servers.ts';
import { settledState } from './settled-state.ts';
import type { ShardingState } from './sharding/index.ts';
import type { ManagerOptions, ManagerState, SettledState } from './types.ts';
import { handleUncaught } from './uncaught.ts';
import { asError, deadlineOf, whenAborted } from './wait.ts';
import { servesWebhooks, startWebhooks } from './webhook-serving.ts';

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
  readonly #attribution: Attribution;
  readonly #health: Health;
  readonly #servers: Servers;
  readonly #crew: Crew;
  /** The metrics that the operator itself declares, for code beside passes and webhooks. They count while it runs. */
  readonly metrics: MetricHandles;
  readonly #stopping = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  #state: ManagerState = { status: 'new' };
  #running: Promise<void> | undefined;
  #clusters: ClusterClients | undefined;
  #webhooks: WebhookHost | undefined;
  readonly #elected = Promise.withResolvers<void>();
  #agreement: Agreement | undefined;
  #loop: LoopWatch | undefined;
  #failure: Error | undefined;

  constructor(declaration: Declaration, options: ManagerOptions) {
    this.#declaration = declaration;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silent;
    this.#started.promise.catch(() => undefined);
    this.#elected.promise.catch(() => undefined);
    this.#attribution = new Attribution(this.#clock);
    this.#health = new Health(this.#clock, this.#log);
    this.#servers = new Servers({
      options,
      clock: this.#clock,
      log: this.#log,
      attribution: this.#attribution,
      health: this.#health,
      debug: debugSubject(declaration, this, () => this.#crew),
      client: () => this.client,
    });
    this.metrics = countingHandles(declaration, () => this.#servers.metrics);
    this.#crew = new Crew({
      name: declaration.name,
      instance: this.#instance(),
      cacheRules: declaration.cache ?? [],
      userMetrics: declaration.metrics ?? [],
      options,
      clock: this.#clock,
      random: options.random ?? systemRandom,
      log: this.#log,
      attribution: this.#attribution,
      stopping: this.#stopping.signal,
      metrics: () => this.#servers.metrics,
      clusters: () => this.#clusters?.others ?? new Map(),
      agreement: () => this.#agreement,
      failed: (error) => this.#fail(error),
    });
    addReadyChecks(this.#health, {
      status: () => this.#state.status,
      crew: this.#crew,
      servesWebhooks: servesWebhooks(declaration, options.webhooks),
      webhooks: () => this.#webhooks,
    });
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

  /** What is known of the shards of controllers that replicas share; undefined where none are. */
  get shards(): ShardingState | undefined {
    return this.#agreement?.sharding?.state;
  }

  /** Whether this process holds the lease; true without leader election. */
  get isLeader(): boolean {
    return this.#options.leaderElection === undefined || (this.#agreement?.leadership.isLeader ?? false);
  }

  /** Where the servers listen, by name; `metrics`, `health probe` and `webhooks`. */
  get addresses(): Readonly<Record<string, BindAddress>> {
    const webhooks = this.#webhooks ? [['webhooks', this.#webhooks.address] as const] : [];
    return Object.fromEntries([...this.#servers.addresses, ...webhooks]);
  }

  /** The client that the manager was given or made; undefined before `run`. */
  get client(): Client | undefined {
    return this.#clusters?.client;
  }

  /** What the queue of a controller holds: what runs, is ready or waits; at most `limit` keys. Empty before `run`. */
  queued(controller: string, limit?: number): readonly QueuedKey<unknown>[] {
    return this.#crew.runners.find((runner) => runner.controller.name === controller)?.queued(limit) ?? [];
  }

  /**
   * A named check of /healthz: while it fails, the kubelet restarts the container. Only for what a restart mends.
   *
   * @throws Error once the manager was started, or for a name that is taken
   */
  addHealthzCheck(name: string, check: Check, options?: CheckOptions): void {
    this.#addCheck('healthz', name, check, options);
  }

  /**
   * A named check of /readyz: while it fails, webhooks get no traffic and a rollout waits.
   *
   * @throws Error once the manager was started, or for a name that is taken
   */
  addReadyzCheck(name: string, check: Check, options?: CheckOptions): void {
    this.#addCheck('readyz', name, check, options);
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

  /**
   * Takes an error of a handler of `uncaughtException` or `unhandledRejection`: it is told with the controller and the
   * object whose code it was, and `uncaughtErrors` decides what happens. `operator().main()` does this; other programs
   * whose process it is may.
   */
  handleUncaught(error: unknown): void {
    handleUncaught(error, {
      policy: this.#options.uncaughtErrors ?? 'continue',
      attribution: this.#attribution,
      log: this.#log,
      counted: (of) => this.#servers.metrics?.uncaught(of),
      fail: (failure) => this.#fail(failure),
    });
  }

  /**
   * Runs one more controller. It shares the stores of the others and starts as soon as its own are synced; with leader
   * election, once it is won. Resolves when it works, or waits (for the lease, or for a kind that is missing).
   *
   * Caveat: its `default` and `validate` run in passes alone, since webhooks are those of the declaration.
   *
   * @throws Error unless the manager runs; for a name that is taken; if its stores do not sync in time
   */
  async addController(controller: Controller): Promise<void> {
    const { status } = this.#state;
    if (status !== 'running')
      throw new Error(`controller ${controller.name} cannot be added: the manager is ${status}`);
    this.#agreement?.check(controller);
    const runner = await this.#crew.hire(controller, this.client as Client);
    const waits = !startsAtOnce(controller) && !this.isLeader;
    await this.#crew.start([runner], waits ? 'warmUp' : 'start');
  }

  /**
   * Takes a controller away: no more of its passes begin, those that run may finish within `gracefulShutdownTimeout`,
   * and stores that no other controller uses end. False if there is none of that name.
   */
  async removeController(name: string): Promise<boolean> {
    const deadline = deadlineOf(this.#clock, this.#patience);
    return this.#crew.dismiss(name, deadline.signal).finally(() => deadline.cancel());
  }

  /** How busy the manager is now. */
  settledState(): SettledState {
    return settledState(this.#state.status, this.#crew.runners, this.#crew.caches);
  }

  async #run(): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.#start();
      this.#state = { status: 'running' };
      this.#started.resolve();
      await this.#lead();
      this.#elected.resolve();
      await whenAborted(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) failure = asError(error);
      this.stop();
    }
    failure ??= this.#failure;
    this.#state = { status: 'stopping', error: failure };
    this.#started.reject(failure ?? new Error('the operator was stopped before it had started'));
    this.#elected.reject(failure ?? new Error('the operator was stopped before it was elected'));
    try {
      await this.#stop();
    } catch (error) {
      failure ??= asError(error);
    }
    this.#loop?.stop();
    // The lease may have been lost while passes drained.
    failure ??= this.#failure;
    this.#state = { status: 'stopped', error: failure };
    if (failure) throw failure;
  }

  #watchLoop(): void {
    this.#loop = LoopWatch.begin({
      clock: this.#clock,
      attribution: this.#attribution,
      log: this.#log,
      blocked: (work, seconds) => this.#servers.metrics?.blocked(work?.of, seconds),
      running: () => this.#crew.running(),
    });
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#servers.listen();
    serveCounted(this.#declaration, this.#servers.metrics);
    signal.throwIfAborted();
    const client = await this.#connect();
    await this.#startWebhooks(client);
    const { controllers } = this.#declaration;
    const { leaderElection } = this.#options;
    const enlist = async (those: typeof controllers) => {
      const runners = await this.#crew.enlist(those, client);
      // Not before: loading modules takes its time.
      this.#watchLoop();
      return runners;
    };
    if (!leaderElection) return this.#crew.start(await enlist(controllers), 'start');
    this.#agreement = await this.#agree(leaderElection, client);
    const { warmup = true } = leaderElection;
    const runners = await enlist(warmup ? controllers : controllers.filter(startsAtOnce));
    const [early, late] = [runners.filter(isEarly), runners.filter((runner) => !isEarly(runner))];
    await Promise.all([this.#crew.start(early, 'start'), this.#crew.start(late, 'warmUp')]);
  }

  /** Waits until the lease is won, then starts what waits for it; what replicas share works before. */
  async #lead(): Promise<void> {
    if (!this.#agreement) return;
    await this.#agreement.join(this.#stopping.signal);
    if (this.#options.leaderElection?.warmup === false) {
      const waiting = this.#declaration.controllers.filter((controller) => !startsAtOnce(controller));
      await this.#crew.enlist(waiting, this.client as Client);
    }
    const late = this.#crew.runners.filter((runner) => !isEarly(runner));
    await this.#crew.start(late, 'start');
  }

  #agree(election: LeaderElectionOptions, client: Client): Promise<Agreement> {
    return Agreement.make({
      operator: this.#declaration.name,
      instance: this.#instance(),
      election,
      controllers: this.#declaration.controllers,
      client,
      clock: this.#clock,
      random: this.#options.random ?? systemRandom,
      log: this.#log,
      metrics: this.#servers.metrics,
      gracefulShutdownTimeout: this.#patience,
      runners: () => this.#crew.runners,
      lost: (error) => {
        this.#log.error({ error: error.message }, 'the lease was lost: everything stops');
        this.#crew.revoke(error.message);
        this.#fail(error);
      },
    });
  }

  /** Milliseconds that passes may take to finish. */
  get #patience(): number {
    return this.#options.gracefulShutdownTimeout ?? 30_000;
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
    const [clock, log, metrics] = [this.#clock, this.#log, this.#servers.metrics?.webhooks()];
    this.#webhooks = await startWebhooks(this.#declaration, {
      options,
      client,
      clock,
      log,
      metrics,
      handles: this.metrics,
      signal: this.#stopping.signal,
    });
  }

  async #connect(): Promise<Client> {
    this.#clusters = await connect({
      name: this.#declaration.name,
      options: this.#options,
      clock: this.#clock,
      log: this.#log,
      metrics: this.#servers.metrics,
      attribution: this.#attribution,
    });
    return this.#clusters.client;
  }

  async #stop(): Promise<void> {
    // Who lost the lease has nothing to finish.
    const patience = isLeaseLost(this.#failure) ? 0 : this.#patience;
    const deadline = deadlineOf(this.#clock, patience);
    try {
      this.#agreement?.leave(deadline.signal);
      const drained = await this.#crew.stop(deadline.signal);
      await this.#agreement?.close({ drained, deadline: deadline.signal });
    } finally {
      deadline.cancel();
      // The last to go: a stopping cache may still need a conversion.
      await this.#webhooks?.close(deadline.signal);
      await this.#servers.close();
      await this.#clusters?.close();
    }
  }

  #addCheck(kind: 'healthz' | 'readyz', name: string, check: Check, options?: CheckOptions): void {
    if (this.#state.status !== 'new') throw new Error(`check ${name} has to be added before the manager starts`);
    this.#health.add(kind, name, check, options);
  }
}

function isEarly({ controller }: { readonly controller: Controller }): boolean {
  return startsAtOnce(controller);
}
