import type { Clock } from '@setpoint/apimachinery/clock';
import {
  type Caches,
  compareRevisions,
  type DeleteAnswer,
  type StoreHandle,
  type WriteAnswer,
} from '../cache/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import type { KeyedQueue } from '../queue/index.ts';
import type { WriteRecorder } from '../reconcile/index.ts';
import type { Following } from './following.ts';
import type { Worker } from './worker.ts';

/** Which keys this replica works on, where replicas share a controller. */
export interface ShardGate {
  /** Whether the key belongs here now. */
  holds(id: string): boolean;
  /** Aborts when the key is to be let go: its pass should hurry, but may still write. */
  stopping(id: string): AbortSignal;
}

/** Some keys, by the text that tells them apart. */
export type WhichKeys = (id: string) => boolean;

/** How long what the replica before wrote may be under way, before the server is asked how far it is. */
const patience = 1000;

export interface ShardKeysOptions {
  readonly queue: KeyedQueue<unknown>;
  readonly worker: Worker;
  readonly following: Following;
  readonly stores: readonly StoreHandle[];
  readonly caches: Caches;
  readonly clock: Clock;
  readonly written: WrittenRevisions;
}

/** What a controller does when shards come to this replica, and go. */
export class ShardKeys {
  readonly #options: ShardKeysOptions;

  constructor(options: ShardKeysOptions) {
    this.#options = options;
  }

  /** What this replica wrote last, by kind. */
  get written(): Readonly<Record<string, string>> {
    return this.#options.written.revisions;
  }

  /**
   * Resolves once the caches show what the replica before has written; where that is not known, once they are as far as
   * the server is now.
   *
   * @throws the signal's reason, or an Error if that takes a minute
   */
  async caughtUp(written: Readonly<Record<string, string>> | undefined, signal: AbortSignal): Promise<void> {
    const { stores, caches } = this.#options;
    if (written && (await this.#reached(written, signal))) return;
    await caches.waitForRevision([...new Set(stores.map(({ kind }) => kind))], { signal });
  }

  /** Hands these keys to the queue, as far as there are objects of theirs. */
  take(which: WhichKeys): void {
    this.#options.following.offer(which);
  }

  /** Takes these keys out of the queue; passes that run go on. */
  drop(which: WhichKeys): void {
    this.#options.queue.drop(which);
  }

  /** Resolves once no pass of these keys runs. */
  ended(which: WhichKeys): Promise<void> {
    return this.#options.queue.ended(which);
  }

  /** Ends the rights of the passes of these keys, at once. */
  revoke(which: WhichKeys, reason: string): void {
    this.#options.worker.revoke(which, reason);
  }

  async #reached(written: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
    const { stores, clock } = this.#options;
    const waiting = stores.flatMap((store) => {
      const revision = written[kindName(store.kind)];
      return revision === undefined || store.kind.cluster !== undefined ? [] : [{ store, revision }];
    });
    if (waiting.length === 0) return true;
    const late = new AbortController();
    const timer = clock.timer(patience, () => late.abort(), { background: true });
    const either = AbortSignal.any([signal, late.signal]);
    try {
      await Promise.all(waiting.map(({ store, revision }) => store.reached(revision, either)));
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    } finally {
      timer.cancel();
      late.abort();
    }
  }
}

/** Notes the revisions of own writes on their way to the cache. */
export class WrittenRevisions implements WriteRecorder {
  readonly #recorder: WriteRecorder;
  readonly #revisions = new Map<string, string>();

  constructor(recorder: WriteRecorder) {
    this.#recorder = recorder;
  }

  /** The last ones, by kind. */
  get revisions(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#revisions);
  }

  recordWrite(answer: WriteAnswer): void {
    if (!answer.dryRun) this.#note(answer.kind, answer.object.metadata.resourceVersion);
    this.#recorder.recordWrite(answer);
  }

  recordDelete(answer: DeleteAnswer): void {
    this.#recorder.recordDelete(answer);
  }

  #note(kind: AnyKind, revision: string | undefined): void {
    if (!revision || kind.cluster !== undefined) return;
    const resource = kindName(kind);
    const last = this.#revisions.get(resource);
    if (last === undefined || compareRevisions(revision, last) > 0) this.#revisions.set(resource, revision);
  }
}
