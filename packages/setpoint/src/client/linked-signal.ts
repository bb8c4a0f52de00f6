export { type LinkedSignal, linkedSignal } from '../signals/index.ts';

/** Bytes as they come; `ended` is called once, when they have ended, failed or been given back. */
export function whenEnded(body: AsyncIterable<Uint8Array>, ended: () => void): AsyncIterable<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  const iterator: AsyncIterator<Uint8Array> & AsyncIterable<Uint8Array> = {
    async next() {
      try {
        const result = await source.next();
        if (result.done) ended();
        return result;
      } catch (error) {
        ended();
        throw error;
      }
    },
    async return() {
      ended();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
