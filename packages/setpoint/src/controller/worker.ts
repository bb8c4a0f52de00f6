import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type Caches, nextTurn } from '../cache/index.ts';
import type { ObjectKey } from '../client/index.ts';
import { isPassRevoked } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { KeyedQueue, Taken } from '../queue/index.ts';
import {
  type Attribution,
  cachedObject,
  type Log,
  messageOf,
  type Outcome,
  Pass,
  type PassEnvironment,
  type RetryTime,
  retryTime,
  runCycle,
  runKeyed,
  type Work,
} from '../reconcile/index.ts';
import { HotLoops } from './hot-loops.ts';
import type { ControllerMetrics } from './metrics.ts';
import { RunningPasses } from './running-passes.ts';
import type { Controller } from './types.ts';

/** Passes after which timers and sockets have a turn: those that find nothing to do wait for nothing themselves. */
const slice = 16;
/** How long a pass may go on after its time-out before its key is let go without it. */
const grace = 5000;
/** A pass that went well and failed afterwards has no back-off that could grow. */
const afterUncaught = 60_000;

export interface WorkerOptions {
  readonly controller: Controller;
  readonly environment: PassEnvironment;
  readonly queue: KeyedQueue<unknown>;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: ControllerMetrics;
  readonly attribution: Attribution;
  /** Kinds whose stores have to catch up after a write with an unknown outcome. */
  readonly kinds: readonly AnyKind[];
  readonly stopping: AbortSignal;
  /** The same for one key, where replicas share them. @default `stopping` */
  readonly stoppingOf?: ((id: string) => AbortSignal) | undefined;
}

type Ended = Outcome | { readonly type: 'zombie' };

/** Runs passes: takes a key, makes the pass, acts on what it came to. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #running: RunningPasses;
  /** Keys whose last pass left it open whether a write happened. */
  readonly #uncertain = new Set<string>();
  readonly #loops = new HotLoops();
  #zombies = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#running = new RunningPasses(options.clock, options.stopping);
  }

  /** One worker: ends when the queue is shut down. */
  async work(): Promise<void> {
    const { queue } = this.#options;
    let count = 0;
    for (let taken = await queue.take(); taken; taken = await queue.take()) {
      if (++count % slice === 0) await nextTurn();
      try {
        await this.#process(taken);
      } catch (error) {
        this.#broken(error, taken);
      } finally {
        queue.done(taken.item);
      }
    }
  }

  /** A defect of this library, or of a log or metric that throws: the key is retried, and the worker works on. */
  #broken(error: unknown, { item, priority }: Taken<unknown>): void {
    const { queue, metrics, log, controller } = this.#options;
    queue.addRateLimited(item, { priority });
    metrics.error();
    log.error(
      { err: error instanceof Error ? error : undefined, key: controller.id(item) },
      `a pass broke off: ${messageOf(error)}`,
    );
  }

  get running(): number {
    return this.#running.size;
  }

  /** The keys of passes that run, for people. */
  runningKeys(): readonly string[] {
    return Array.from(this.#running, (pass) => this.#options.controller.id(pass.key));
  }

  /** Passes whose keys were let go and that run on. */
  get zombies(): number {
    return this.#zombies;
  }

  /** The object of that key changed: what it did before does not make a loop of what comes. */
  endLoop(key: unknown): void {
    const { controller, queue } = this.#options;
    this.#loops.forget(controller.id(key));
    queue.release(key);
  }

  /** Ends the rights of every pass that runs. */
  revokeAll(reason: string): void {
    for (const pass of this.#running) pass.revoke(reason);
  }

  /** The same for some keys. */
  revoke(which: (id: string) => boolean, reason: string): void {
    for (const pass of this.#running) if (which(this.#options.controller.id(pass.key))) pass.revoke(reason);
  }

  async #process(taken: Taken<unknown>): Promise<void> {
    const { controller, queue, metrics, clock, environment, attribution } = this.#options;
    if (this.#uncertain.size > 0 && !(await this.#caughtUp(taken))) return;
    const { kind } = controller;
    const object = kind && cachedObject(environment, kind, taken.item as ObjectKey);
    const started = clock.monotonic();
    if (kind && !object) {
      queue.forget(taken.item);
      metrics.reconciled('success', 0);
      return;
    }
    const uid = object?.metadata.uid;
    const pass = this.#makePass(taken, object);
    this.#running.add(pass);
    metrics.activeWorkers(1);
    let ended: Ended;
    try {
      const run = () => (object ? runCycle(pass, object) : runKeyed(pass));
      const work = new PassWork(pass, controller, attribution, (error) => this.#uncaught(error, taken, pass));
      pass.thread = work;
      ended = await this.#watchOver(pass, attribution.pass(work, run));
    } finally {
      metrics.activeWorkers(-1);
      this.#running.remove(pass);
      if (pass.uncertain) this.#uncertain.add(controller.id(taken.item));
      pass.revoke(`the pass of ${controller.id(taken.item)} is over`);
    }
    this.#act(ended, taken, uid, pass, (clock.monotonic() - started) / 1000);
  }

  #makePass(taken: Taken<unknown>, object: KubeObject | undefined): Pass {
    const { controller, environment, queue, random, stopping, stoppingOf } = this.#options;
    return new Pass({
      environment,
      key: taken.item as ObjectKey,
      object,
      attempt: queue.failures(taken.item, object?.metadata.uid) + 1,
      reconcileID: () => uuid(random),
      stopping: stoppingOf?.(controller.id(taken.item)) ?? stopping,
    });
  }

  /** A pass has failed by what it started and did not wait for; if it is over already, its key is looked at again. */
  #uncaught(error: unknown, { item, priority }: Taken<unknown>, pass: Pass): void {
    const { queue, metrics } = this.#options;
    metrics.panic();
    if (this.#running.has(pass)) {
      pass.uncaught ??= { error };
      return;
    }
    metrics.error();
    pass.report('Warning', 'ProcessingError', `not waited for by its pass: ${messageOf(error)}`);
    queue.add(item, { priority, after: afterUncaught });
  }

  /**
   * After a write whose outcome is unknown the cache has to show what became of it: the pass waits until its stores
   * have reached the present.
   */
  async #caughtUp(taken: Taken<unknown>): Promise<boolean> {
    const { controller, caches, kinds, stopping, queue, log } = this.#options;
    const id = controller.id(taken.item);
    if (!this.#uncertain.has(id)) return true;
    try {
      await caches.waitForRevision(kinds, { signal: stopping });
      this.#uncertain.delete(id);
      return true;
    } catch (error) {
      if (stopping.aborted) return false;
      log.warn({ key: id, error: messageOf(error) }, 'cannot tell what became of a write: the next pass waits');
      queue.addRateLimited(taken.item, { priority: taken.priority });
      return false;
    }
  }

  /** The pass, or its end by time-out. */
  #watchOver(pass: Pass, running: Promise<Outcome>): Promise<Ended> {
    const { controller, clock, metrics } = this.#options;
    const { timeout } = controller;
    if (timeout === undefined) return running;
    return new Promise((resolve, reject) => {
      const timer = clock.timer(timeout, expire, { background: true });
      let release: typeof timer | undefined;
      function expire() {
        metrics.timeout();
        pass.report('Warning', 'ProcessingError', `the pass took longer than ${timeout} ms`);
        pass.revoke(`the pass took longer than ${timeout} ms`);
        release = clock.timer(grace, letGo, { background: true });
      }
      const letGo = () => {
        this.#abandon(pass, running);
        resolve({ type: 'zombie' });
      };
      const over = () => {
        timer.cancel();
        release?.cancel();
      };
      running.finally(over).then(resolve, reject);
    });
  }

  /** The promise never settled: its key goes on without it. */
  #abandon(pass: Pass, running: Promise<Outcome>): void {
    this.#zombies++;
    this.#options.metrics.zombie();
    pass.log.error('the pass does not end: its key is let go, what it still asks for is refused');
    const ended = () => {
      this.#zombies--;
      pass.log.warn('a pass that had been given up has ended');
    };
    running.then(ended, ended).catch(() => undefined);
  }

  /** The table: what each outcome means for the queue, the metrics and the log. */
  #act(ended: Ended, taken: Taken<unknown>, uid: string | undefined, pass: Pass, seconds: number): void {
    const { queue, metrics, environment } = this.#options;
    const { item, priority } = taken;
    switch (ended.type) {
      case 'success':
      case 'invalid':
        queue.forget(item);
        this.#slowDown(item, pass, undefined);
        metrics.reconciled('success', seconds);
        return;
      case 'vanished':
        queue.forget(item);
        if (uid) {
          environment.ownStatus.forget(uid);
          environment.reportedInvalid.delete(uid);
          environment.reportedWaiting.delete(uid);
        }
        metrics.reconciled('success', seconds);
        return;
      case 'requeueAfter':
        queue.forget(item);
        this.#slowDown(item, pass, ended.after);
        queue.add(item, { after: ended.after, priority: ended.priority ?? priority });
        metrics.reconciled('requeue_after', seconds);
        return;
      case 'conflict':
        this.#retry(taken, pass, ended.error);
        metrics.reconciled('requeue', seconds);
        pass.log.debug({ error: messageOf(ended.error) }, 'the object changed meanwhile: reconciling again');
        return;
      case 'terminal':
        metrics.reconciled('error', seconds);
        metrics.error();
        metrics.terminalError();
        pass.log.error({ err: ended.error }, `Reconciler error: ${messageOf(ended.error)} (not retried)`);
        return;
      case 'zombie':
        this.#retry(taken, pass, new Error('the pass did not end'));
        metrics.reconciled('error', seconds);
        metrics.error();
        return;
      case 'error':
        this.#failed(ended.error, taken, pass, seconds);
        return;
      default:
        ended satisfies never;
    }
  }

  #failed(error: unknown, taken: Taken<unknown>, pass: Pass, seconds: number): void {
    const { metrics } = this.#options;
    this.#retry(taken, pass, error);
    metrics.reconciled('error', seconds);
    metrics.error();
    if (!(error instanceof Error)) metrics.panic();
    // What a stopping operator, or a shard that moves, takes away from its passes is no error of theirs.
    if (pass.stopping.aborted && isPassRevoked(error)) return;
    pass.log.error({ err: error instanceof Error ? error : undefined }, `Reconciler error: ${messageOf(error)}`);
  }

  /** Again after the back-off, or when the error says; that it goes on for long is said once. */
  #retry({ item, priority }: Taken<unknown>, pass: Pass, error: unknown): void {
    const { queue, controller } = this.#options;
    const { uid } = pass;
    const before = queue.failures(item, uid);
    queue.addRateLimited(item, { uid, priority, ...this.#retryTime(pass, error) });
    const failures = queue.failures(item, uid);
    if (failures === before || failures !== controller.failureThreshold) return;
    const note = `${controller.failureThreshold} passes in a row have not succeeded; it is tried on: ${messageOf(error)}`;
    pass.report('Warning', 'BackOff', note);
    pass.log.warn(note);
  }

  #retryTime(pass: Pass, error: unknown): RetryTime {
    try {
      return retryTime(error);
    } catch (invalid) {
      pass.log.warn(`retryAfter of the error is passed over: ${messageOf(invalid)}`);
      return {};
    }
  }

  /** Holds a key back that runs in circles. */
  #slowDown(item: unknown, pass: Pass, requeueAfter: number | undefined): void {
    const { controller, queue, metrics, clock } = this.#options;
    if (!controller.hotLoopDetection) return;
    const { uid, generation, writes } = pass;
    const sample = { uid, generation, writes, requeueAfter };
    const loop = this.#loops.observe(controller.id(item), sample, clock.monotonic());
    if (!loop) return;
    queue.hold(item, loop.hold);
    if (!loop.begins) return;
    metrics.hotLoop();
    const note = `${loop.description}: the next ones are held back, 1 s and up to a minute`;
    pass.report('Warning', 'HotLoop', note);
    pass.log.warn(note);
  }
}

/** On whose behalf a pass runs; what it is called is put together when somebody asks. */
class PassWork implements Work {
  readonly type = 'reconcile';
  readonly uncaught: (error: unknown) => void;
  readonly #pass: Pass;
  readonly #controller: Controller;
  readonly #attribution: Attribution;

  constructor(pass: Pass, controller: Controller, attribution: Attribution, uncaught: (error: unknown) => void) {
    this.#pass = pass;
    this.#controller = controller;
    this.#attribution = attribution;
    this.uncaught = uncaught;
  }

  get of(): string {
    return this.#controller.name;
  }

  get object(): string {
    return this.#controller.id(this.#pass.key);
  }

  get reconcileID(): string {
    return this.#pass.reconcileID;
  }

  entered(): void {
    this.#attribution.entered(this);
  }

  left(): void {
    this.#attribution.left();
  }
}

/** A UUID in form; from the one source of chance, so that a replayed test logs the same. */
function uuid(random: Random): string {
  const hex = () =>
    random
      .integer(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [hex(), hex(), hex(), hex()];
  const variant = (8 + random.integer(4)).toString(16);
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
