import type { Duration } from '@setpoint/apimachinery/duration';
import { brandClass, isBranded, SetpointError } from './family.ts';

/**
 * Thrown by reconcile to say that repeating the pass is of no use: the object is not requeued
 * until it changes. Counted as an error and as a terminal error, as controller-runtime does.
 */
export class TerminalError extends SetpointError {
  readonly code = 'Terminal';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('TerminalError', message, options);
  }
}

brandClass(TerminalError, 'TerminalError');

/** Whether it is a TerminalError; also of another copy of the package. */
export function isTerminal(error: unknown): error is TerminalError {
  return isBranded(error, 'TerminalError');
}

/**
 * Thrown by reconcile to say when to try again, in place of the back-off: a quota that is free in ten minutes. It is an
 * error like any other (counted, told, part of `attempt`); `requeueAfter` is for a pass that went well. What changes the
 * object ends the wait. Any error with a member `retryAfter` is taken the same way.
 */
export class RetryError extends SetpointError {
  readonly code = 'Retry';
  readonly retryAfter: Duration;

  constructor(message: string, retryAfter: Duration, options?: { readonly cause?: unknown }) {
    super('RetryError', message, options);
    this.retryAfter = retryAfter;
  }
}

brandClass(RetryError, 'RetryError');

/** A pass went on working after its time-out, or after the operator lost its lease: nothing it asks for is sent any more. */
export class PassRevoked extends SetpointError {
  readonly code = 'PassRevoked';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('PassRevokedError', message, options);
  }
}

brandClass(PassRevoked, 'PassRevokedError');

/**
 * The lease of the leader election was lost: somebody else may act now. `run()` rejects with it, after every pass
 * has lost its rights; the process should end, and be started anew to compete again.
 */
export class LeaseLost extends SetpointError {
  readonly code = 'LeaseLost';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('LeaseLostError', message, options);
  }
}

brandClass(LeaseLost, 'LeaseLostError');

/** Whether it is a LeaseLost; also of another copy of the package. */
export function isLeaseLost(error: unknown): error is LeaseLost {
  return isBranded(error, 'LeaseLostError');
}

/** Whether it is a PassRevoked; also of another copy of the package. */
export function isPassRevoked(error: unknown): error is PassRevoked {
  return isBranded(error, 'PassRevokedError');
}
