import type { Clock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { CacheReader, DeleteAnswer, StoreHandle, WriteAnswer } from '../cache/index.ts';
import type { Client, ObjectKey } from '../client/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import type { AppliedRecords } from './applied.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Log, PlainReturn, ReconcileReturn } from './types.ts';

/** What a pass is made from: the part of a controller's declaration that concerns it. */
export interface CycleDeclaration {
  readonly name: string;
  readonly kind: AnyKind | undefined;
  readonly default: ((draft: never) => void) | undefined;
  readonly validate: ((object: never, context: object) => unknown) | undefined;
  readonly finalize: ((object: never, context: never) => PlainReturn | Promise<PlainReturn>) | undefined;
  readonly finalizer: string | undefined;
  readonly retiredFinalizers: readonly string[];
  /** Field managers under which earlier releases wrote children by create, update or patch. */
  readonly formerManagers: readonly string[];
  /** Whether the status may be written at all. */
  readonly writesStatus: boolean;
  /** Conditions that gate `Ready`, which is kept then; undefined: it is left to the pass. */
  readonly ready: readonly string[] | undefined;
  /** Kinds of children. */
  readonly owns: readonly { readonly kind: AnyKind }[];
  /** How children go when their owner is deleted. */
  readonly deleteChildren: 'background' | 'reverse';
  /** With the object, or with the key of a keyed controller. */
  readonly reconcile: (
    objectOrKey: never,
    context: never,
  ) => ReconcileReturn<AnyKind> | Promise<ReconcileReturn<AnyKind>>;
}

/** Where answers to own writes go, so that reads see them. */
export interface WriteRecorder {
  /** A creation or change was answered. */
  recordWrite(answer: WriteAnswer): void;
  /** A deletion was answered. */
  recordDelete(answer: DeleteAnswer): void;
}

/** A child as it is cached. */
export interface OwnedObject {
  readonly kind: AnyKind;
  readonly object: KubeObject;
}

/** What all passes of one controller share. */
export interface PassEnvironment {
  readonly declaration: CycleDeclaration;
  /** `<operator>/<controller>`. */
  readonly fieldManager: string;
  readonly client: Client;
  /** Under leader election: another process may have the same rights a moment later, so writes carry preconditions. */
  readonly fenced?: boolean | undefined;
  readonly cache: CacheReader;
  readonly recorder: WriteRecorder;
  readonly events: EventRecorder;
  readonly metrics: MetricHandles;
  readonly clock: Clock;
  readonly log: Log;
  /** The stores of a kind that this controller reads. */
  readonly stores: (kind: AnyKind) => readonly StoreHandle[];
  /** Every kind the declaration names; the first one fits where several projections do. */
  readonly kinds: readonly AnyKind[];
  /** Kinds that may be applied. */
  readonly writable: readonly AnyKind[];
  /** Objects of the kinds in `owns` that belong to the owner of that UID alone. */
  readonly childrenOf: (uid: string) => readonly OwnedObject[];
  readonly applied: AppliedRecords;
  /** What this controller last wrote (or is writing) into the status of an object, by UID. */
  readonly ownStatus: OwnStatus;
  /** What an object was last told to wait for, by its UID. */
  readonly reportedWaiting: Map<string, string>;
  /** Generations whose invalidity has been told, by UID. */
  readonly reportedInvalid: Map<string, number>;
}

/** Whose fields are ours: what the first applied, and what the others wrote. */
export function managersOf({ fieldManager, declaration }: PassEnvironment): readonly string[] {
  return [fieldManager, ...declaration.formerManagers];
}

/** The cached object of that key, own writes included. */
export function cachedObject(environment: PassEnvironment, kind: AnyKind, key: ObjectKey): KubeObject | undefined {
  for (const store of environment.stores(kind)) {
    const object = store.get(key);
    if (object) return object as KubeObject;
  }
  return undefined;
}

/** Remembers statuses that this controller wrote, so that its own writes do not lead to passes. */
export class OwnStatus {
  readonly #byUid = new Map<string, unknown[]>();

  /** From before the request on: the watch may be faster than the answer. */
  expect(uid: string, status: unknown): void {
    this.#byUid.set(uid, [...(this.#byUid.get(uid) ?? []).slice(-1), status]);
  }

  /** The server's word for it (defaults filled in, unknown fields dropped). */
  confirm(uid: string, status: unknown): void {
    this.expect(uid, status);
  }

  /** What we wrote last, and the form in which it was sent. */
  of(uid: string): readonly unknown[] {
    return this.#byUid.get(uid) ?? [];
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#byUid.delete(uid);
  }
}

/** `Foo.tutorial.my.domain default/foo-1`. */
export function describeObject(kind: AnyKind, key: ObjectKey): string {
  return `${kindName(kind)} ${key.namespace ? `${key.namespace}/` : ''}${key.name}`;
}

/** The key of an object: its name, and its namespace if it has one. */
export function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? { name: name ?? '' } : { namespace, name: name ?? '' };
}
