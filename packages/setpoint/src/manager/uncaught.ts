import { type Attribution, describeWork, detailsOf, type Log, messageOf } from '../reconcile/index.ts';

/**
 * What becomes of an operator whose code threw where nobody could catch it (in a timer, a callback, a promise that
 * nobody waits for).
 *
 * - `continue`: the pass that it belongs to has failed and is repeated, as if it had thrown; so controller-runtime
 *   treats panics. An error that belongs to nobody still ends the operator, since nobody knows what it broke.
 * - `exit`: the operator stops as at a signal, and fails with the error.
 */
export type UncaughtPolicy = 'continue' | 'exit';

export interface UncaughtOptions {
  readonly policy: UncaughtPolicy;
  readonly attribution: Attribution;
  readonly log: Log;
  /** Whose it was, if that is known. */
  readonly counted: (of: string | undefined) => void;
  readonly fail: (error: Error) => void;
}

/** Deals with an error that nobody caught; called while its context lasts, so that it is known whose it is. */
export function handleUncaught(error: unknown, options: UncaughtOptions): void {
  const { policy, attribution, log, counted, fail } = options;
  const work = attribution.current;
  counted(work?.of);
  const details = { ...(work ? detailsOf(work) : {}), err: error instanceof Error ? error : undefined };
  const where = work ? describeWork(work) : 'the operator';
  const message = `${where}: an error that nobody caught: ${messageOf(error)}`;
  if (policy === 'continue' && work) {
    log.error(details, `${message} (await what may fail; the operator goes on)`);
    work.uncaught?.(error);
    return;
  }
  log.error(details, `${message} (the operator stops)`);
  fail(new Error(message, { cause: error }));
}
