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

/** A pass went on working after its time-out, or after the operator lost its lease: nothing it asks for is sent any more. */
export class PassRevoked extends SetpointError {
  readonly code = 'PassRevoked';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('PassRevokedError', message, options);
  }
}

brandClass(PassRevoked, 'PassRevokedError');

/** Whether it is a PassRevoked; also of another copy of the package. */
export function isPassRevoked(error: unknown): error is PassRevoked {
  return isBranded(error, 'PassRevokedError');
}
