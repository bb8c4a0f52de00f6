import type { Clock } from '@setpoint/apimachinery/clock';
import { ConnectionError } from '../errors/index.ts';

/** A time-out and the caller's signal as one signal. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds left. */
  left(): number;
  /** Takes the time-out away and leaves the caller's signal: for bodies without end. */
  lift(): void;
  /** Whether the time-out, rather than the caller, ended it. */
  readonly expired: boolean;
}

export function deadline(clock: Clock, milliseconds: number, signal: AbortSignal | undefined, host: string): Deadline {
  const timeout = new AbortController();
  const start = clock.monotonic();
  const timer = clock.timer(
    milliseconds,
    () =>
      timeout.abort(
        new ConnectionError('RequestTimeout', `${host} did not answer within ${milliseconds / 1000} s`, {
          requestSent: true,
        }),
      ),
    { background: true },
  );
  return {
    signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
    left: () => milliseconds - (clock.monotonic() - start),
    lift: () => timer.cancel(),
    get expired() {
      return timeout.signal.aborted && !signal?.aborted;
    },
    [Symbol.dispose]: () => timer.cancel(),
  };
}
