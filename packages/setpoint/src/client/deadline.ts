import type { Clock } from '@setpoint/apimachinery/clock';
import { ConnectionError } from '../errors/index.ts';
import { linkedSignal } from './linked-signal.ts';

/** A time-out and the caller's signal as one signal. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds left. */
  left(): number;
  /** Takes the time-out away: for bodies without end. Disposing of the rest is then up to whoever reads the body. */
  lift(): void;
}

export function deadline(clock: Clock, milliseconds: number, signal: AbortSignal | undefined, host: string): Deadline {
  const link = linkedSignal(signal);
  const start = clock.monotonic();
  const timer = clock.timer(
    milliseconds,
    () =>
      link.abort(
        new ConnectionError('RequestTimeout', `${host} did not answer within ${milliseconds / 1000} s`, {
          requestSent: true,
        }),
      ),
    { background: true },
  );
  return {
    signal: link.signal,
    left: () => milliseconds - (clock.monotonic() - start),
    lift: () => timer.cancel(),
    [Symbol.dispose]() {
      timer.cancel();
      link[Symbol.dispose]();
    },
  };
}
