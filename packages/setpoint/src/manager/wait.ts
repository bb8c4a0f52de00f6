import type { Clock } from '@setpoint/apimachinery/clock';

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

/** A signal that aborts after so many milliseconds; at once for 0, never for a negative number. */
export function deadlineOf(clock: Clock, milliseconds: number): { readonly signal: AbortSignal; cancel(): void } {
  const controller = new AbortController();
  if (milliseconds === 0) controller.abort();
  const timer =
    milliseconds > 0 ? clock.timer(milliseconds, () => controller.abort(), { background: true }) : undefined;
  return { signal: controller.signal, cancel: () => timer?.cancel() };
}
