/** A signal that aborts when one of several others does, until it is disposed of. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts this signal alone, not those that it follows. */
  abort(reason: unknown): void;
}

/**
 * What AbortSignal.any does, but for signals that outlive the call: those keep every signal ever made of them
 * by `any` in memory (a kilobyte a request), while this leaves nothing behind once disposed of.
 */
export function linkedSignal(...sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const links: Disposable[] = [];
  const unlink = () => {
    for (const link of links.splice(0)) link[Symbol.dispose]();
  };
  const abort = (reason: unknown) => {
    unlink();
    controller.abort(reason);
  };
  for (const source of sources) {
    if (!source) continue;
    if (source.aborted) {
      abort(source.reason);
      break;
    }
    const onAbort = () => abort(source.reason);
    source.addEventListener('abort', onAbort, { once: true });
    links.push({ [Symbol.dispose]: () => source.removeEventListener('abort', onAbort) });
  }
  return { signal: controller.signal, abort, [Symbol.dispose]: unlink };
}
