import type { KubeObject } from '@setpoint/apimachinery/meta';
import { linkedSignal } from '../signals/index.ts';
import { applyObject, deleteObject } from './apply.ts';
import { describeObject } from './environment.ts';
import type { Pass, PassOptions } from './pass.ts';
import { patchStatus } from './status.ts';
import type { ReconcileContext } from './types.ts';

/**
 * What a reconcile function is given beside its object. Its parts are made when they are asked for, and once they are
 * they need no `this`: most passes of an operator look at the cache, find everything as it should be, and end.
 */
export class PassContext implements ReconcileContext {
  readonly key: ReconcileContext['key'];
  readonly attempt: number;
  readonly clock: ReconcileContext['clock'];
  readonly cache: ReconcileContext['cache'];
  readonly metrics: ReconcileContext['metrics'];
  readonly #pass: Pass;
  readonly #options: PassOptions;
  #signal: AbortSignal | undefined;
  #apply: ReconcileContext['apply'] | undefined;
  #events: ReconcileContext['events'] | undefined;

  constructor(pass: Pass, options: PassOptions) {
    const { clock, cache, metrics } = options.environment;
    this.key = options.key;
    this.attempt = options.attempt;
    this.clock = clock;
    this.cache = cache;
    this.metrics = metrics;
    this.#pass = pass;
    this.#options = options;
  }

  get signal(): AbortSignal {
    // Undone when the right ends, as it does after each pass: `stopping` lives as long as the operator.
    this.#signal ??= linkedSignal(this.#options.stopping, this.#pass.signal).signal;
    return this.#signal;
  }

  get log(): ReconcileContext['log'] {
    return this.#pass.log;
  }

  get client(): ReconcileContext['client'] {
    return this.#pass.client;
  }

  get apply(): ReconcileContext['apply'] {
    const pass = this.#pass;
    this.#apply ??= (async (intent: KubeObject, how: object) => {
      pass.check();
      const options = { ...how, touched: pass.touched };
      return applyObject(pass.environment, pass.client, this.#owner(), intent, options);
    }) as ReconcileContext['apply'];
    return this.#apply;
  }

  get delete(): ReconcileContext['delete'] {
    const pass = this.#pass;
    return async (child, how) => {
      pass.check();
      return deleteObject(pass.environment, pass.client, child, how);
    };
  }

  get status(): ReconcileContext['status'] {
    const pass = this.#pass;
    return {
      patch: (async (patch: object | ((status: never) => object)) => {
        pass.check();
        return pass.writeStatus((status) =>
          patchStatus(status, typeof patch === 'function' ? patch(status as never) : patch, 'status'),
        );
      }) as ReconcileContext['status']['patch'],
    };
  }

  get conditions(): ReconcileContext['conditions'] {
    return this.#pass.conditions ?? noConditions;
  }

  get events(): ReconcileContext['events'] {
    const pass = this.#pass;
    this.#events ??= {
      normal: (reason, note, how) => pass.event('Normal', reason, note, how),
      warning: (reason, note, how) => pass.event('Warning', reason, note, how),
    };
    return this.#events;
  }

  /** Who what the pass applies belongs to. */
  #owner() {
    const { environment, object } = this.#options;
    const { kind } = environment.declaration;
    if (!kind || !object) return undefined;
    const { uid } = object.metadata;
    if (!uid) throw new Error(`${describeObject(kind, this.key)} has no UID: it cannot own anything`);
    return { kind, object };
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
