/**
 * What makes an error one of ours. A brand under a registered symbol rather than the class decides,
 * since two copies of the package in one process (an operator's and a library's) must understand each other.
 */
const brand: unique symbol = Symbol.for('setpoint.error') as never;

/** Names of the classes of this folder; `SetpointError` itself is the whole family. */
export type ErrorName =
  | 'ApiError'
  | 'UnknownOutcomeError'
  | 'ConnectionError'
  | 'RequestError'
  | 'ConfigError'
  | 'WatchIdleError'
  | 'TerminalError'
  | 'RetryError'
  | 'PassRevokedError'
  | 'LeaseLostError'
  | 'SchemaError';

/** The base of every error Setpoint throws on purpose: a `code` for programs, a sentence for people. */
export abstract class SetpointError extends Error {
  /** What went wrong, for programs; stable across releases. */
  abstract readonly code: string;
  readonly [brand]: ErrorName;

  constructor(name: ErrorName, message: string, options?: { readonly cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this[brand] = name;
    Object.defineProperty(this, brand, { enumerable: false });
  }
}

/** Whether `error` is one of ours, and of this class; true also for errors of another copy of the package. */
export function isBranded(error: unknown, name?: ErrorName): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const found = (error as { readonly [brand]?: unknown })[brand];
  return name === undefined ? typeof found === 'string' : found === name;
}

/**
 * Makes `instanceof` of a class work across copies of the package; a class that a user derives from it
 * keeps the ordinary meaning.
 */
export function brandClass(base: abstract new (...args: never) => SetpointError, name?: ErrorName): void {
  Object.defineProperty(base, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this === base) return isBranded(value, name);
      return Function.prototype[Symbol.hasInstance].call(this as never, value);
    },
  });
}

brandClass(SetpointError);
