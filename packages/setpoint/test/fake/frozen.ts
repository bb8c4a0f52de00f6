import type { FakeClock } from '@setpoint/apimachinery/clock';

/** A clock that can be made to stand still, as a process's that is stopped: its timers run when it goes on. */
export function frozen(base: FakeClock) {
  const late: (() => void)[] = [];
  let standing = false;
  return {
    now: () => base.now(),
    monotonic: () => base.monotonic(),
    timer: (milliseconds: number, callback: () => void, options?: { readonly background?: boolean }) =>
      base.timer(milliseconds, () => (standing ? void late.push(callback) : callback()), options),
    freeze() {
      standing = true;
    },
    thaw() {
      standing = false;
      for (const callback of late.splice(0)) callback();
    },
  };
}
