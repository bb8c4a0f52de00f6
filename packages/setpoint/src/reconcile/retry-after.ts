import { toMilliseconds } from '@setpoint/apimachinery/duration';
import { isApiError } from '../errors/index.ts';

/** When a pass that failed is repeated, as its error has it; milliseconds. */
export interface RetryTime {
  /** Instead of the back-off: `retryAfter` of the error. */
  readonly after?: number;
  /** No earlier than this: the API server's Retry-After. */
  readonly atLeast?: number;
}

/** @throws DurationError if `retryAfter` of the error is no duration */
export function retryTime(error: unknown): RetryTime {
  if (isApiError(error)) {
    return error.retryAfterSeconds === undefined ? {} : { atLeast: error.retryAfterSeconds * 1000 };
  }
  if (typeof error !== 'object' || error === null || !('retryAfter' in error)) return {};
  const { retryAfter } = error;
  return retryAfter === undefined ? {} : { after: Math.max(toMilliseconds(retryAfter as never), 0) };
}
