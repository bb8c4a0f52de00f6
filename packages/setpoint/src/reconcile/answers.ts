import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { PassResult } from './types.ts';

// What functions of an operator answer with is looked at whatever their types are: Node does not.

/**
 * When a pass asks to be run again, in milliseconds; 0: not at all.
 *
 * @throws TypeError for `requeue`, which people know from controller-runtime, and for what is no duration
 */
export function requeueAfterOf(result: PassResult): number {
  if ('requeue' in result) {
    throw new TypeError(
      'the pass answered with `requeue`, which is nothing: throw an error to be run again with back-off, answer with `requeueAfter` for a time, or with waitFor()',
    );
  }
  const { requeueAfter = 0 } = result;
  try {
    return toMilliseconds(requeueAfter);
  } catch (error) {
    throw new TypeError(
      `the pass answered with requeueAfter ${JSON.stringify(requeueAfter)}: write it as '30s', '5m' or '1h30m', or as a number of milliseconds`,
      { cause: error },
    );
  }
}

/** What a validation has found. @throws TypeError unless it is a list, or nothing */
export function problemsFound<T>(found: unknown): readonly T[] {
  if (found === undefined || found === null) return [];
  if (Array.isArray(found)) return found;
  const what = isPromise(found) ? 'a promise, and has to answer at once' : `a ${typeof found}`;
  throw new TypeError(`\`validate\` answered with ${what}: give a list of sentences or FieldErrors, or nothing`);
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
