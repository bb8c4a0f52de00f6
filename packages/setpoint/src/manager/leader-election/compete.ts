import type { Elector } from './elector.ts';

/** Resolves once a Lease is held; its own type, since users may compile for a library that has no PromiseWithResolvers. */
interface Won {
  readonly promise: Promise<void>;
  reject(reason: unknown): void;
}

/** Competes for the Lease until `won` says that it is held; rejects with the signal's reason, and competes no more. */
export async function compete(elector: Elector, won: Won, signal: AbortSignal): Promise<void> {
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
