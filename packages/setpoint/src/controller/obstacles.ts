import type { StoreHandle } from '../cache/index.ts';
import { kindName } from '../kinds/index.ts';
import type { Controller } from './types.ts';

/**
 * What keeps a controller from working: kinds that the cluster does not have, or that it may not read. Neither is for
 * the controller to end about, since a definition or a rule may come at any time.
 */
export class Obstacles {
  readonly #stores: readonly StoreHandle[];
  readonly #optional: ReadonlySet<string>;
  readonly #listeners = new Set<() => void>();
  readonly #ends: readonly (() => void)[];

  constructor(controller: Controller, stores: readonly StoreHandle[]) {
    this.#stores = stores;
    this.#optional = new Set(controller.optional.map(kindName));
    this.#ends = stores.map((store) => store.onCondition(() => this.#changed()));
  }

  /** A sentence for each; empty if nothing is in the way. */
  messages(): readonly string[] {
    return this.#stores.flatMap((store) => {
      const { trouble, hasSynced } = store;
      if (!trouble || this.#mayLack(store)) return [];
      // A further cluster that cannot be reached is no reason to end either.
      const waits = trouble.reason === 'forbidden' || store.kind.cluster !== undefined;
      const blocks = trouble.reason === 'missing' || (waits && !hasSynced);
      return blocks ? [trouble.message] : [];
    });
  }

  /** Whether the store has what there is: an optional kind that the cluster lacks has nothing. */
  isFilled(store: StoreHandle): boolean {
    return store.hasSynced || (store.trouble?.reason === 'missing' && this.#mayLack(store));
  }

  /** Calls back whenever this may have changed; ends with the returned function. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves once the condition holds; rejects with the signal's reason. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!signal.aborted && !condition()) return;
        end();
        signal.removeEventListener('abort', look);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      const end = this.watch(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#listeners.clear();
  }

  #mayLack(store: StoreHandle): boolean {
    return this.#optional.has(kindName(store.kind));
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
