import type { Clock } from '@setpoint/apimachinery/clock';
import type { Caches, StoreHandle } from '../cache/index.ts';
import type { KeyedQueue } from '../queue/index.ts';
import { caughtUp, type WrittenRevisions } from './caught-up.ts';
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
    await caughtUp(written, { ...this.#options, signal });
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
}
