import type { Elector } from './elector.ts';

/** Competes for the Lease until `won` says that it is held; rejects with the signal's reason, and competes no more. */
export async function compete(elector: Elector, won: PromiseWithResolvers<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const onAbort = () => {
    elector.withdraw();
    won.reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  elector.start();
  try {
    await won.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
