import type { Clock } from '@setpoint/apimachinery/clock';
import type { Duration } from '@setpoint/apimachinery/duration';
import type { Condition, KubeObject } from '@setpoint/apimachinery/meta';
import type { CacheReader, Read } from '../cache/index.ts';
import type { Client, ObjectKey } from '../client/index.ts';
import type {
  AnyKind,
  CheckedStatusPatch,
  NotCached,
  Resource,
  ResourceInput,
  StatusOf,
  StatusPatch,
} from '../kinds/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import type { ChildOf } from './child.ts';

/** Where a pass says what it does; a pino logger. Each line carries controller, group, kind, namespace, name and reconcileID. */
export interface Log {
  debug(message: string): void;
  /** What helps to understand a pass; not shown by default. */
  debug(fields: object, message: string): void;
  info(message: string): void;
  /** What is worth knowing. */
  info(fields: object, message: string): void;
  warn(message: string): void;
  /** What a person should look at. */
  warn(fields: object, message: string): void;
  error(message: string): void;
  /** What went wrong. */
  error(fields: object, message: string): void;
  /** A log that adds these fields to each line. */
  child(fields: object): Log;
}

/**
 * What a pass may use. A capability with an end: once the pass is over, timed out or the operator stops, `signal`
 * aborts and every verb rejects with PassRevoked; nothing more is sent in its name.
 *
 * @typeParam K the controller's kind
 * @typeParam R what the cache may be asked for
 * @typeParam W the kinds that `apply` and `delete` may change
 */
export interface ReconcileContext<K extends AnyKind = AnyKind, R extends Read = Read, W extends AnyKind = AnyKind> {
  readonly key: ObjectKey;
  /** 1 in the first pass after a success, one more after each failure of this object whose back-off was waited for. */
  readonly attempt: number;
  /** Aborts when the pass should end: its time-out, or the operator stops. Hand it to everything that waits. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** The local copy: synchronous, free of requests; own writes are visible at once. Objects are frozen. */
  readonly cache: CacheReader<R>;
  /** The API server itself. Costs a request, and a permission to be declared in `permissions`. */
  readonly client: Client;
  readonly apply: Apply<W>;
  readonly delete: Delete;
  readonly status: StatusWriter<K>;
  readonly conditions: Conditions;
  readonly events: Events;
  /** Metrics that this controller or the operator declares, to be counted: `metrics(sent).inc()`. */
  readonly metrics: MetricHandles;
}

/** Who the applied object belongs to. */
export interface ApplyOptions {
  /**
   * `controller`: an owner reference with `controller: true`, the child goes when the owner goes; `owner`: one of
   * several owners; `none`: no reference. @default 'controller'
   */
  readonly owner?: 'controller' | 'owner' | 'none' | undefined;
  /** Take fields over from other managers. @default true */
  readonly force?: boolean | undefined;
}

/** An object read from the server or the cache: applying it would take ownership of every field. */
export type NotFromServer = {
  readonly metadata: { readonly uid?: never; readonly resourceVersion?: never };
};

/** What may be applied: objects of the declared kinds as a person writes them, with apiVersion and kind. */
export type Applicable<W extends AnyKind> = W extends AnyKind
  ? ResourceInput<W> & { readonly apiVersion: W['apiVersion']; readonly kind: W['kind'] } & NotFromServer
  : never;

/** The declared kind of that name. */
export type KindNamed<W extends AnyKind, ApiVersion extends string, Name extends string> = W extends AnyKind
  ? ApiVersion extends W['apiVersion']
    ? Name extends W['kind']
      ? W
      : never
    : never
  : never;

/** The object, if its kind is declared; else a sentence that says what to declare. */
export type CheckedApplicable<W extends AnyKind, ApiVersion extends string, Name extends string> = [
  KindNamed<W, ApiVersion, Name>,
] extends [never]
  ? `${Name} is not declared for writing: add it to owns or writes of this controller`
  : Applicable<KindNamed<W, ApiVersion, Name>>;

/**
 * Server-side apply (KEP-555) of exactly the fields given, as manager `<operator>/<controller>`.
 *
 * Sends nothing if the same intent was applied to this object before and nothing of ours was changed since; the
 * cached object is the answer then. The answer is visible in the cache at once.
 *
 * Before any request it is an error to: apply an object that came from the server or cache; own across
 * namespaces; own a cluster-scoped object by a namespaced one; touch a child that another controller owns;
 * apply a kind that is neither in `owns` nor in `writes`.
 */
export type Apply<W extends AnyKind> = <const ApiVersion extends string, const Name extends string>(
  object: NotCached & { readonly apiVersion: ApiVersion; readonly kind: Name } & CheckedApplicable<W, ApiVersion, Name>,
  options?: ApplyOptions,
) => Promise<Resource<KindNamed<W, ApiVersion, Name>>>;

/** Options of `delete`. */
export interface DeleteObjectOptions {
  /** @default 'Background' */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Seconds that a Pod may take to end; 0 removes it at once. @default the kind's */
  readonly gracePeriodSeconds?: number | undefined;
}

/**
 * Deletes this very object (a precondition on its UID): one of the same name that came later stays.
 * An object that is gone already is no error; answers false then.
 */
export type Delete = (object: KubeObject, options?: DeleteObjectOptions) => Promise<boolean>;

/** Writes the status of the pass's object. */
export interface StatusWriter<K extends AnyKind> {
  /**
   * Changes the status, if it is not so already; answers whether a request was sent.
   *
   * The write holds for the object as this pass knows it: if it changed meanwhile the difference is computed
   * once more against its present state; give a function where the patch depends on the status. An object that
   * is gone, or another of the same name, is left alone: answers false.
   */
  patch<const P extends StatusPatch<StatusOf<K>>>(
    patch: CheckedStatusPatch<P, StatusOf<K>> | ((status: StatusOf<K>) => CheckedStatusPatch<P, StatusOf<K>>),
  ): Promise<boolean>;
}

/** A condition as a controller says it; the times and the generation are filled in. */
export interface ConditionInput {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase. */
  readonly reason: string;
  /** @default '' */
  readonly message?: string | undefined;
}

/**
 * Conditions of the object. They are staged and written once, after the pass, together with its outcome.
 *
 * Only where the status schema of the kind declares `conditions`, and the controller writes the status: elsewhere `set` is an error that says so.
 * `lastTransitionTime` changes only when the status changes.
 */
export interface Conditions {
  /** The condition as it would be written now, what is staged included. */
  get(type: string): Condition | undefined;
  /** Stages a condition in the place of one of the same type. */
  set(condition: ConditionInput): void;
  /** Stages the removal of a condition; nothing if there is none. */
  remove(type: string): void;
}

/** Options of an Event. */
export interface EventOptions {
  /** A second object that the event is about, such as the child that was made. */
  readonly related?: KubeObject | undefined;
  /** What was done, one word in CamelCase. @default 'Reconcile' */
  readonly action?: string | undefined;
}

/**
 * Events (events.k8s.io/v1) about the object, for people: `kubectl describe` shows them. Best effort: sent
 * behind the pass, repetitions gathered into a series, failures logged and never part of the pass's outcome.
 */
export interface Events {
  /** Tells what went as it should. `reason` is one word in CamelCase, `note` a sentence for people. */
  normal(reason: string, note: string, options?: EventOptions): void;
  /** Tells what a person should look at. */
  warning(reason: string, note: string, options?: EventOptions): void;
}

/** What a pass waits for that its object's own changes do not tell. */
export interface Waiting {
  /** One word in CamelCase. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
}

/** What every pass may answer, `finalize` too. Nothing: done until something changes. */
export interface PassResult {
  /** Run again after this time even if nothing happens. */
  readonly requeueAfter?: Duration | undefined;
  /** Of that next pass; higher runs first, and low ones age. @default the priority of this pass */
  readonly priority?: number | undefined;
  /** What it waits for; see `waitFor`. */
  readonly waiting?: Waiting | undefined;
}

/**
 * What `reconcile` may answer.
 *
 * @typeParam W the kinds of children: those of `owns`; none, where nothing is said
 */
export interface ReconcileResult<W extends AnyKind = never> extends PassResult {
  /**
   * All children that there should be, made by `child()`, and steps between them. They are applied after the pass, each
   * after what it depends on, and otherwise in this order; then what this controller once applied for this object and
   * is not among them is deleted. An empty list deletes all; left out, nothing is deleted.
   */
  readonly children?: readonly ChildOf<W>[] | undefined;
}

/** What a reconcile function returns; nothing is as good as an empty result. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is of this type
export type ReconcileReturn<W extends AnyKind = never> = ReconcileResult<W> | undefined | void;

/** What `finalize` returns, and a pass without an object: there is nothing that could own children. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is of this type
export type PlainReturn = (PassResult & { readonly children?: never }) | undefined | void;
