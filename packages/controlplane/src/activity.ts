import type { Activity } from './options.ts';

/** Counts what a control plane has under way, and tells whoever waits for it to be nothing. */
export class ActivityCounter {
  #requests = 0;
  #undelivered = 0;
  #controllers = 0;
  readonly #listeners = new Set<() => void>();

  get current(): Activity {
    return { requests: this.#requests, undelivered: this.#undelivered, controllers: this.#controllers };
  }

  readonly requestsChanged = (by: number): void => {
    this.#requests += by;
    this.#tell();
  };

  readonly undeliveredChanged = (by: number): void => {
    this.#undelivered += by;
    this.#tell();
  };

  readonly controllersChanged = (by: number): void => {
    this.#controllers += by;
    this.#tell();
  };

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
