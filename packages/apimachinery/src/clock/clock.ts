/**
 * Time, as everything in Setpoint sees it. Code never asks the platform for the time or for a timer:
 * a test that hands in a FakeClock runs a six-hour back-off in a millisecond.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970; may jump. For what is written down. */
  now(): number;
  /** Milliseconds since an arbitrary point; never goes back. For what is measured. */
  monotonic(): number;
  /**
   * Calls back once, after `milliseconds` (at once, but never synchronously, for zero or less).
   * `background` timers do not keep a process alive and are not waited for by a settled test.
   */
  timer(milliseconds: number, callback: () => void, options?: { readonly background?: boolean }): Timer;
}

/** A timer that has been set. */
export interface Timer {
  /** Makes sure that the callback will not run. Harmless afterwards. */
  cancel(): void;
}

/** Node keeps at most 2^31-1 ms; longer timers are chained. */
const longestTimer = 2 ** 31 - 1;

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(milliseconds, callback, options) {
    const due = performance.now() + milliseconds;
    let handle: NodeJS.Timeout;
    const arm = () => {
      const left = due - performance.now();
      handle = setTimeout(left > longestTimer ? arm : callback, Math.min(Math.max(left, 0), longestTimer));
      if (options?.background) handle.unref();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
};
