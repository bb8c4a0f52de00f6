import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Caches } from '../cache/index.ts';
import type { Client } from '../client/index.ts';
import {
  acquireStores,
  type Controller,
  type ControllerRunner,
  checkConfinement,
  collectorOf,
  loadControllerRunner,
  noMetrics,
  type RunnerOptions,
} from '../controller/index.ts';
import type { CacheRule, CacheScope } from '../kinds/index.ts';
import { type CollectedMetric, checkDistinct, type Metric, unservedMetrics } from '../metrics/index.ts';
import type { Attribution, Log } from '../reconcile/index.ts';
import type { Agreement } from './agreement.ts';
import { checkClusters } from './clusters.ts';
import { endingWith } from './ending-client.ts';
import type { MetricSource, Metrics } from './metrics/index.ts';
import type { ManagerOptions } from './types.ts';
import { whenAborted } from './wait.ts';

export interface CrewOptions {
  /** The operator's name. */
  readonly name: string;
  readonly instance: string;
  readonly cacheRules: readonly CacheRule[];
  /** Of the operator, beside those of its controllers. */
  readonly userMetrics: readonly Metric[];
  readonly options: ManagerOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly attribution: Attribution;
  /** The manager's. */
  readonly stopping: AbortSignal;
  /** Asked when controllers are made; undefined where metrics are not served. */
  readonly metrics: () => Metrics | undefined;
  /** Clients of further clusters; asked when caches are made. */
  readonly clusters: () => ReadonlyMap<string, Client>;
  /** With other replicas; undefined where every replica works by itself. */
  readonly agreement: () => Agreement | undefined;
  readonly failed: (error: Error) => void;
}

/** The controllers of one manager while they run, and the caches that they share. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #caches: Caches[] = [];
  #runners: readonly ControllerRunner[] = [];
  /** What ends the metrics that a controller declares. */
  readonly #measured = new Map<string, readonly (() => void)[]>();

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get caches(): readonly Caches[] {
    return this.#caches;
  }

  get runners(): readonly ControllerRunner[] {
    return this.#runners;
  }

  /** Makes the runners of these controllers, and caches for them that have started. */
  async enlist(controllers: readonly Controller[], client: Client): Promise<readonly ControllerRunner[]> {
    // Metrics of the operator are served whoever leads.
    const measures = this.#caches.length === 0 && this.#options.metrics() !== undefined;
    const own = measures ? this.#options.userMetrics : [];
    if (controllers.length + own.length === 0) return [];
    // Loaded here: a program that only declares an operator (for its manifests, say) does without.
    const { cachesOfClusters, createCaches } = await import('../cache/index.ts');
    const { ControllerRunner } = await loadControllerRunner();
    const { stopping, clock, random, log, metrics } = this.#options;
    stopping.throwIfAborted();
    const { resyncPeriod, idleTimeout } = this.#options.options;
    const common = { clock, random, log, resyncPeriod, idleTimeout };
    const mine = createCaches({ client: endingWith(stopping, client), ...common });
    const others = Array.from(this.#options.clusters(), ([name, other]) => {
      return [name, createCaches({ client: endingWith(stopping, other), ...common })] as const;
    });
    const caches = others.length === 0 ? mine : cachesOfClusters(mine, new Map(others), log);
    this.#caches.push(caches);
    if (this.#caches.length === 1) metrics()?.caches(this.#caches);
    // All controllers take their shares first: indexes can only be attached to stores that do not run yet.
    const runners = controllers.map((controller) => new ControllerRunner(this.#runner(controller, client, caches)));
    this.#runners = [...this.#runners, ...runners];
    this.#measure('', own, caches);
    for (const { name, metrics: declared } of controllers) this.#measure(name, declared, caches);
    caches.start();
    return runners;
  }

  /**
   * One more controller while the others run. It shares their stores; those that nobody has yet begin to fill.
   *
   * @throws Error for a name that is taken
   */
  async hire(controller: Controller, client: Client): Promise<ControllerRunner> {
    const [caches] = this.#caches;
    const { name } = controller;
    if (this.#runners.some((runner) => runner.controller.name === name)) {
      throw new Error(`there is a controller ${name} already: give this one another \`name\``);
    }
    if (!caches) return (await this.enlist([controller], client))[0] as ControllerRunner;
    const { ControllerRunner } = await loadControllerRunner();
    checkDistinct([
      ...this.#options.userMetrics,
      ...[...this.#runners.map((runner) => runner.controller), controller].flatMap(({ metrics }) => metrics),
    ]);
    const runner = new ControllerRunner(this.#runner(controller, client, caches));
    this.#measure(name, controller.metrics, caches);
    this.#runners = [...this.#runners, runner];
    return runner;
  }

  /** Drains one controller until `deadline` aborts; stores that nobody else uses end. False: there is none of that name. */
  async dismiss(name: string, deadline: AbortSignal): Promise<boolean> {
    const runner = this.#runners.find(({ controller }) => controller.name === name);
    if (!runner) return false;
    this.#runners = this.#runners.filter((other) => other !== runner);
    await runner.stop(deadline);
    for (const end of this.#measured.get(name) ?? []) end();
    this.#measured.delete(name);
    return true;
  }

  /** Which stores are not synced, and why; undefined where all are. */
  unsynced(): string | undefined {
    const troubles = new Map(
      this.#caches.flatMap((caches) => caches.troubles()).map(({ description, trouble }) => [description, trouble]),
    );
    const missing = this.#caches
      .flatMap((caches) => caches.stats())
      .filter(({ hasSynced }) => !hasSynced)
      .map(({ description }) => `${description} (${troubles.get(description)?.message ?? 'being listed'})`);
    return missing.length === 0 ? undefined : `not synced: ${missing.join('; ')}`;
  }

  /** Passes that run: controller and key. */
  running(): readonly string[] {
    return this.#runners.flatMap((runner) => runner.runningKeys().map((key) => `${runner.controller.name} ${key}`));
  }

  /** @throws Error of the first that cannot start */
  async start(runners: readonly ControllerRunner[], how: 'start' | 'warmUp'): Promise<void> {
    await Promise.all(runners.map((runner) => runner[how](this.#options.stopping)));
  }

  /** What controllers wait for or are paused by, a sentence each. */
  obstacles(): readonly string[] {
    const found = this.#runners.flatMap((runner) =>
      runner.waitsFor().map((message) => `controller ${runner.controller.name} waits: ${message}`),
    );
    return [...new Set(found)];
  }

  /** Ends the rights of every pass, at once. */
  revoke(reason: string): void {
    for (const runner of this.#runners) runner.revoke(reason);
  }

  /** Lets passes finish until `deadline` aborts, then closes the caches; answers whether all passes have finished. */
  async stop(deadline: AbortSignal): Promise<boolean> {
    const drained = await Promise.all(this.#runners.map((runner) => runner.stop(deadline)));
    await Promise.race([Promise.all(this.#caches.map((caches) => caches.close())), whenAborted(deadline)]);
    return drained.every(Boolean);
  }

  /** Serves metrics of the operator, or of a controller. Before the caches start: they may need stores of their own. */
  #measure(of: string, metrics: readonly Metric[], caches: Caches): void {
    const served = this.#options.metrics();
    if (!served || metrics.length === 0) return;
    this.#measured.set(
      of,
      metrics.map((metric) => served.user.enlist(metric, (collected) => this.#sourceOf(collected, caches))),
    );
  }

  #sourceOf(metric: CollectedMetric, caches: Caches): MetricSource {
    const collector = collectorOf(metric);
    checkConfinement(collector, this.#scope(), `metric ${metric.name}`);
    checkClusters(collector, this.#options.clusters());
    const stores = acquireStores(collector, caches, this.#scope(), this.#options.name);
    return {
      cache: stores.reader(metric.reads),
      filled: () => stores.all.every(({ hasSynced }) => hasSynced),
      release: () => stores.release(),
    };
  }

  #scope(): CacheScope {
    return { namespaces: this.#options.options.namespaces ?? [], rules: this.#options.cacheRules };
  }

  #runner(controller: Controller, client: Client, caches: Caches): RunnerOptions {
    const { name, instance, clock, random, log, attribution, failed, metrics, userMetrics } = this.#options;
    checkClusters(controller, this.#options.clusters());
    const agreed = this.#options.agreement()?.of(controller);
    return {
      controller,
      operator: name,
      instance,
      client: agreed ? agreed.client : client,
      fenced: agreed !== undefined,
      shards: agreed && 'gate' in agreed ? agreed.gate : undefined,
      caches,
      clock,
      random,
      log,
      attribution,
      metrics: metrics()?.controller(controller.name, controller.maxConcurrentReconciles) ?? noMetrics,
      userMetrics: { declared: userMetrics, sink: metrics()?.user ?? unservedMetrics },
      scope: this.#scope(),
      failed,
    };
  }
}
