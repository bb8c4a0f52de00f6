import type { Clock } from '@setpoint/apimachinery/clock';

/** A point in time on both clocks of this machine. */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

export function instantOf(clock: Clock): Instant {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

/**
 * Milliseconds from one instant to another, the larger of what the two clocks say: the monotonic one stands still while
 * the machine is suspended, the wall clock can be set back.
 */
export function elapsed(from: Instant, to: Instant): number {
  return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);
}
