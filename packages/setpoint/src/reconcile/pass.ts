import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client, ObjectKey } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { linkedSignal } from '../signals/index.ts';
import { applyObject, deleteObject } from './apply.ts';
import { Capability } from './capability.ts';
import { conditionalClient } from './conditional-client.ts';
import { StagedConditions } from './conditions.ts';
import { cachedObject, describeObject, type PassEnvironment } from './environment.ts';
import { guardClient, type PassWrite } from './guarded-client.ts';
import { messageOf } from './message.ts';
import { patchStatus, writeStatus } from './status.ts';
import type { Log, ReconcileContext } from './types.ts';

export type { PassWrite };

/** What one pass is about. */
export interface PassOptions {
  readonly environment: PassEnvironment;
  readonly key: ObjectKey;
  /** Undefined for a controller of keys that are no objects. */
  readonly object: KubeObject | undefined;
  /** 1 in the first pass after a success, one more after each failure of this object. */
  readonly attempt: number;
  readonly reconcileID: string;
  /** Aborts when the operator stops: the pass should hurry, but may still write. */
  readonly stopping: AbortSignal;
}

/**
 * One run of a reconcile function: its context, the right to act that goes with it, and what is known of the
 * object as the pass goes on.
 */
export class Pass {
  readonly environment: PassEnvironment;
  readonly key: ObjectKey;
  readonly conditions: StagedConditions | undefined;
  readonly context: ReconcileContext;
  /** Objects that the pass applied, or would have if they were not so already. */
  readonly touched = new Set<string>();
  /** What the pass asked the API server to change. */
  readonly writes: PassWrite[] = [];
  readonly reconcileID: string;
  readonly stopping: AbortSignal;
  /** An error of its code that nobody caught: whatever it returns, it has failed. */
  uncaught: { readonly error: unknown } | undefined;
  /** Told when its author's code begins to run, and when that returns or awaits: who blocks the event loop is named. */
  thread: { entered(): void; left(): void } | undefined;
  readonly #capability = new Capability();
  readonly #uid: string | undefined;
  #object: KubeObject | undefined;
  #generation: number | undefined;
  #uncertain = false;
  #log: Log | undefined;
  #client: Client | undefined;

  constructor(options: PassOptions) {
    const { environment, key, object } = options;
    this.environment = environment;
    this.key = key;
    this.#object = object;
    this.reconcileID = options.reconcileID;
    this.stopping = options.stopping;
    this.#uid = object?.metadata.uid;
    this.#generation = object?.metadata.generation;
    const { kind } = environment.declaration;
    this.conditions =
      kind &&
      new StagedConditions(
        { kind, writesStatus: environment.declaration.writesStatus },
        () => this.current(),
        () => this.#generation,
      );
    this.context = this.#makeContext(options, kind);
  }

  /** Made when there is something to ask: most passes find everything as it should be. */
  get client(): Client {
    const { environment } = this;
    this.#client ??= guardClient({
      client: environment.fenced ? conditionalClient(environment) : environment.client,
      capability: this.#capability,
      recorder: environment.recorder,
      fieldManager: environment.fieldManager,
      uncertain: () => {
        this.#uncertain = true;
      },
      wrote: (write) => this.writes.push(write),
    });
    return this.#client;
  }

  /** Made when there is something to say: most passes say nothing. */
  get log(): Log {
    const { environment, key } = this;
    this.#log ??= environment.log.child({
      ...(environment.declaration.kind ? { namespace: key.namespace, name: key.name } : { key }),
      reconcileID: this.reconcileID,
    });
    return this.#log;
  }

  /**
   * The object as it is known now: the cache's, unless this pass saw a later state; undefined once it is gone or
   * another object has its name.
   */
  current(): KubeObject | undefined {
    const { kind } = this.environment.declaration;
    if (!this.#object || !kind) return undefined;
    const cached = cachedObject(this.environment, kind, this.key);
    if (cached?.metadata.uid !== this.#uid) return undefined;
    return isLater(this.#object, cached as KubeObject) ? this.#object : cached;
  }

  /** Tells the pass of a later state of its object; undefined: it is gone. */
  seen(object: KubeObject | undefined): void {
    this.#object = object;
  }

  /** The pass acts on this state: what it says of the object is about its generation. */
  observe(object: KubeObject): void {
    this.#generation = object.metadata.generation;
  }

  /** The generation that the pass acts on; the object may have a later one by now. */
  get generation(): number | undefined {
    return this.#generation;
  }

  get uid(): string | undefined {
    return this.#uid;
  }

  /** Whether the object was found to be gone, by the cache or by an answer. */
  get vanished(): boolean {
    return this.environment.declaration.kind !== undefined && this.current() === undefined;
  }

  /** Whether a write of this pass may or may not have happened. */
  get uncertain(): boolean {
    return this.#uncertain || this.#capability.writesInFlight > 0;
  }

  /** Writes conditions and outcome, if any are staged and they differ from what is there. */
  async flush(): Promise<void> {
    const { declaration, clock } = this.environment;
    const change = this.conditions?.change(clock);
    if (!change || !declaration.kind) return;
    await writeStatus(this.environment, this.#statusTarget(declaration.kind), change);
  }

  /** Waits for verbs that the pass did not wait for itself. */
  async settle(): Promise<void> {
    if (await this.#capability.settled()) {
      this.log.warn('reconcile returned before its requests were answered: await apply, delete and status.patch');
    }
  }

  /** @throws PassRevoked once the pass has no rights any more */
  check(): void {
    this.#capability.check();
  }

  /** Runs code of the author, as far as its first await. */
  attributed<T>(action: () => T): T {
    this.thread?.entered();
    try {
      return action();
    } finally {
      this.thread?.left();
    }
  }

  /** Ends the right to act: every verb of the context rejects from now on. */
  revoke(reason: string): void {
    this.#capability.revoke(reason);
  }

  get revoked(): boolean {
    return this.#capability.revoked;
  }

  #makeContext(options: PassOptions, kind: AnyKind | undefined): ReconcileContext {
    const { environment, object } = options;
    const { clock, cache } = environment;
    const capability = this.#capability;
    const pass = this;
    let signal: AbortSignal | undefined;
    const owner = () => {
      if (!kind || !object) return undefined;
      const { uid } = object.metadata;
      if (!uid) throw new Error(`${describeObject(kind, this.key)} has no UID: it cannot own anything`);
      return { kind, object };
    };
    return {
      key: options.key,
      attempt: options.attempt,
      get signal() {
        // Undone when the right ends, as it does after each pass: `stopping` lives as long as the operator.
        signal ??= linkedSignal(options.stopping, capability.signal).signal;
        return signal;
      },
      clock,
      get log() {
        return pass.log;
      },
      cache,
      get client() {
        return pass.client;
      },
      apply: (async (intent: KubeObject, apply: object) => {
        this.#capability.check();
        return applyObject(environment, this.client, owner(), intent, { ...apply, touched: this.touched });
      }) as ReconcileContext['apply'],
      delete: async (child, how) => {
        this.#capability.check();
        return deleteObject(environment, this.client, child, how);
      },
      status: {
        patch: (async (patch: object | ((status: never) => object)) => {
          this.#capability.check();
          if (!kind) throw new Error('this controller has no object whose status could be written');
          return writeStatus(environment, this.#statusTarget(kind), (status) =>
            patchStatus(status, typeof patch === 'function' ? patch(status as never) : patch, 'status'),
          );
        }) as ReconcileContext['status']['patch'],
      },
      conditions: this.conditions ?? noConditions,
      events: {
        normal: (reason, note, how) => this.event('Normal', reason, note, how),
        warning: (reason, note, how) => this.event('Warning', reason, note, how),
      },
      metrics: environment.metrics,
    };
  }

  /** Tells an Event. One that cannot be told is no reason for a pass to fail. */
  event(type: 'Normal' | 'Warning', reason: string, note: string, options?: object): void {
    if (!this.revoked) this.report(type, reason, note, options);
  }

  /** The same in the framework's name, which a pass that is over cannot be denied. */
  report(type: 'Normal' | 'Warning', reason: string, note: string, options?: object): void {
    if (!this.#object) return;
    const { kind } = this.environment.declaration;
    const regarding = kind ? { ...this.#object, apiVersion: kind.apiVersion, kind: kind.kind } : this.#object;
    try {
      this.environment.events.record(type, regarding, reason, note, options);
    } catch (error) {
      this.log.warn({ error: messageOf(error), reason }, 'an event could not be told');
    }
  }

  #statusTarget(kind: AnyKind) {
    return {
      kind,
      client: () => this.client,
      current: () => this.current(),
      seen: (object: KubeObject | undefined) => this.seen(object),
    };
  }
}

const noConditions: ReconcileContext['conditions'] = {
  get: () => undefined,
  set: () => {
    throw new Error('this controller has no object that could have conditions');
  },
  remove: () => {
    throw new Error('this controller has no object that could have conditions');
  },
};

/** Whether `a` is a later state than `b` of one object: resource versions of one kind are numbers that grow. */
function isLater(a: KubeObject, b: KubeObject): boolean {
  const [left, right] = [a.metadata.resourceVersion ?? '0', b.metadata.resourceVersion ?? '0'];
  return left.length === right.length ? left > right : left.length > right.length;
}
