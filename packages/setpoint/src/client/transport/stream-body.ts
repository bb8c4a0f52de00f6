import type { Readable } from 'node:stream';

/**
 * The body of an answer as an iterable over a Node stream. Unlike a stream's own iterator it can be given back
 * before its first chunk was asked for, and it ends with an error where the stream only ends.
 */
export class StreamBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #stream: Readable;
  readonly #failure: () => Error | undefined;
  readonly #cancel: () => void;
  #error: Error | undefined;
  #done = false;
  #wake: (() => void) | undefined;

  /**
   * @param failure why a stream that has ended did not end well
   * @param cancel tells the peer that nobody reads on
   */
  constructor(stream: Readable, options: { readonly failure: () => Error | undefined; readonly cancel: () => void }) {
    this.#stream = stream;
    this.#failure = options.failure;
    this.#cancel = options.cancel;
    const ended = () => {
      if (this.#done) return;
      this.#done = true;
      this.#error ??= this.#failure();
      this.#wakeUp();
    };
    stream.on('readable', () => this.#wakeUp());
    stream.on('end', ended);
    stream.on('close', ended);
    stream.on('error', ended);
    if (stream.readableEnded || stream.destroyed) ended();
  }

  /** Ends the body with an error at once. */
  fail(error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#error = error;
    this.#wakeUp();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk: Uint8Array | null = this.#error ? null : this.#stream.read();
    if (chunk !== null) return Promise.resolve({ done: false, value: chunk });
    if (this.#done) {
      const error = this.#error;
      this.#error = undefined;
      return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => {
      this.#wake = () => resolve(this.next());
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#done) {
      this.#done = true;
      this.#cancel();
      this.#wakeUp();
    }
    this.#error = undefined;
    return { done: true, value: undefined };
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
