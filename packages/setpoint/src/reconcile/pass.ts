import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client, ObjectKey } from '../client/index.ts';
import { Capability } from './capability.ts';
import { conditionalClient } from './conditional-client.ts';
import { StagedConditions } from './conditions.ts';
import { cachedObject, type PassEnvironment } from './environment.ts';
import { guardClient, type PassWrite } from './guarded-client.ts';
import { messageOf } from './message.ts';
import { PassContext } from './pass-context.ts';
import { writeStatus } from './status.ts';
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
  /** Makes the name under which its lines in the log are found. */
  readonly reconcileID: () => string;
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
  /** What the pass asked the API server to change. */
  readonly writes: PassWrite[] = [];
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
  readonly #reconcileID: () => string;
  #idMade: string | undefined;
  #touched: Set<string> | undefined;
  #log: Log | undefined;
  #client: Client | undefined;

  constructor(options: PassOptions) {
    const { environment, key, object } = options;
    this.environment = environment;
    this.key = key;
    this.#object = object;
    this.#reconcileID = options.reconcileID;
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
    this.context = new PassContext(this, options);
  }

  /** Made when somebody wants to know: most passes say nothing. */
  get reconcileID(): string {
    this.#idMade ??= this.#reconcileID();
    return this.#idMade;
  }

  /** Objects that the pass applied, or would have if they were not so already. */
  get touched(): Set<string> {
    this.#touched ??= new Set();
    return this.#touched;
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
    await this.writeStatus(change);
  }

  /** Writes what `change` makes of the status, if it differs; answers whether a request was sent. */
  writeStatus(change: (status: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) {
    const { kind } = this.environment.declaration;
    if (!kind) throw new Error('this controller has no object whose status could be written');
    return writeStatus(this.environment, kind, this, change);
  }

  /** Whether verbs run that the pass did not wait for. */
  get busy(): boolean {
    return this.#capability.busy;
  }

  /** Waits for verbs that the pass did not wait for itself. */
  async settle(): Promise<void> {
    await this.#capability.settled();
    this.log.warn('reconcile returned before its requests were answered: await apply, delete and status.patch');
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

  /** Aborts when the right to act ends. */
  get signal(): AbortSignal {
    return this.#capability.signal;
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
}

/** Whether `a` is a later state than `b` of one object: resource versions of one kind are numbers that grow. */
function isLater(a: KubeObject, b: KubeObject): boolean {
  const [left, right] = [a.metadata.resourceVersion ?? '0', b.metadata.resourceVersion ?? '0'];
  return left.length === right.length ? left > right : left.length > right.length;
}
