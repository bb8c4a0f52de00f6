/** Aborts when the command should end. Each command that runs until it is stopped asks once, as it begins. */
export type StopSignal = () => AbortSignal;

/** Aborts at the first SIGINT or SIGTERM; the second ends the process at once, with 1. */
export const stopOnSignals: StopSignal = () => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Error(`${name} was received`));
    });
  }
  return stop.signal;
};

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
