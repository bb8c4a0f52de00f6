import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import type { StoreHandle } from '../cache/index.ts';
import type { Log } from '../reconcile/index.ts';
import type { Obstacles } from './obstacles.ts';
import type { Controller } from './types.ts';

/** While stores do not sync, what keeps them is said after this time, and again each time twice as long, up to the last. */
const patience = 10_000;
const longestPatience = 300_000;

interface Waiting {
  readonly controller: Controller;
  readonly stores: readonly StoreHandle[];
  readonly obstacles: Obstacles;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Resolves once every store is filled, or its kind may be missing. What is missing or forbidden is waited for however
 * long it takes.
 *
 * @throws Error naming the stores that did not sync within the controller's `cacheSyncTimeout`, and why
 */
export async function storesFilled(waiting: Waiting): Promise<void> {
  const { controller, stores, obstacles, clock, signal } = waiting;
  const { cacheSyncTimeout, name } = controller;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const late = () => {
    if (obstacles.messages().length > 0) timer = clock.timer(cacheSyncTimeout, late, { background: true });
    else over.abort();
  };
  let timer = clock.timer(cacheSyncTimeout, late, { background: true });
  sayWhatIsMissing(waiting, either).catch(() => undefined);
  try {
    await obstacles.until(() => stores.every((store) => obstacles.isFilled(store)), either);
  } catch (error) {
    if (signal.aborted || !over.signal.aborted) throw error;
    throw new Error(`controller ${name} could not start: ${missing(waiting).join('; ')}`, { cause: error });
  } finally {
    timer.cancel();
    over.abort();
  }
}

async function sayWhatIsMissing(waiting: Waiting, signal: AbortSignal): Promise<void> {
  for (let pause = patience; !signal.aborted; pause = Math.min(pause * 2, longestPatience)) {
    await sleep(waiting.clock, pause, { signal, background: true }).catch(() => undefined);
    if (signal.aborted) return;
    for (const message of missing(waiting)) waiting.log.warn(`still waiting: ${message}`);
  }
}

function missing({ stores, obstacles }: Waiting): string[] {
  return stores
    .filter((store) => !obstacles.isFilled(store))
    .map((store) => `${store.description} is not synced${store.trouble ? ` (${store.trouble.message})` : ''}`);
}
