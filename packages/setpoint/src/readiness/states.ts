import type { Duration } from '@setpoint/apimachinery/duration';
import type { Readiness } from './types.ts';

/** It is there, and works. */
export const ready: Readiness = Object.freeze({ state: 'ready' });

/**
 * It is on its way.
 *
 * @param reason one word in CamelCase
 * @param message one sentence for people
 * @param options when to look again, where no change of an object will say so
 */
export function progressing(
  reason: string,
  message: string,
  options: { readonly requeueAfter?: Duration } = {},
): Readiness {
  const { requeueAfter } = options;
  return { state: 'progressing', reason, message, ...(requeueAfter === undefined ? {} : { requeueAfter }) };
}

/**
 * It will not get there by itself.
 *
 * @param reason one word in CamelCase
 * @param message one sentence for people
 */
export function failed(reason: string, message: string): Readiness {
  return { state: 'failed', reason, message };
}
