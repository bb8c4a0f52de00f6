import type { Duration } from '@setpoint/apimachinery/duration';

/**
 * How far an object is: what `kubectl wait` and kstatus would say of it.
 *
 * `progressing` is on its way and needs nothing but time, or something that somebody else does; `failed` does not get
 * there by itself. Both are states, not errors: a later look may find another one.
 */
export type Readiness =
  | { readonly state: 'ready' }
  | {
      readonly state: 'progressing';
      /** One word in CamelCase, for conditions. */
      readonly reason: string;
      /** One sentence for people. */
      readonly message: string;
      /** When to look again, where no change of an object will say so. */
      readonly requeueAfter?: Duration;
    }
  | { readonly state: 'failed'; readonly reason: string; readonly message: string };

/** Tells how far an object is. It sees the object as the cache has it and must not wait for anything. */
export type ReadinessCheck<R = never> = (object: R) => Readiness;
