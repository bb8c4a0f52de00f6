import type { Clock } from './clock.ts';

/** Resolves after `milliseconds`; rejects with the signal's reason if it aborts first. */
export function sleep(
  clock: Clock,
  milliseconds: number,
  options: { readonly signal?: AbortSignal | undefined; readonly background?: boolean } = {},
): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.timer(
      milliseconds,
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      { background: options.background ?? false },
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
