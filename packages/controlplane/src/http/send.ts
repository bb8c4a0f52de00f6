import type { Writable } from 'node:stream';
import type { ApiResponse } from './message.ts';

/** Where an answer goes: a response of HTTP/1.1 or a stream of HTTP/2. */
export interface Sink {
  readonly stream: Writable;
  head(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void;
  /** Puts the head on the wire before there is anything behind it. */
  flush(): void;
}

/** How the sender learns that it shall stop before the stream of the handler does. */
export interface Stoppable {
  readonly stopping: boolean;
  onStop: (() => void) | undefined;
}

/** Sends an answer; resolves when its last byte is handed over. */
export async function send(response: ApiResponse, sink: Sink, stoppable: Stoppable): Promise<void> {
  const { body } = response;
  const headers = writableHeaders(response.headers);
  if (body instanceof Uint8Array) {
    const length = { 'content-length': String(body.length) };
    sink.head(
      response.status,
      response.status === 304 || response.status === 204 ? headers : { ...headers, ...length },
    );
    sink.stream.end(body);
    return;
  }
  sink.head(response.status, headers);
  sink.flush();
  await pump(body, sink.stream, stoppable);
}

/** Node writes a header's characters as bytes, and wants none beyond 255: other texts go as the bytes of UTF-8. */
function writableHeaders(headers: ApiResponse['headers']): ApiResponse['headers'] {
  const { warning } = headers;
  if (warning === undefined) return headers;
  const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  return { ...headers, warning: typeof warning === 'string' ? asBytes(warning) : warning.map(asBytes) };
}

/**
 * Takes from the stream only what the client takes from the socket: a watch that nobody reads holds one chunk
 * here, and the rest is for its producer to bound.
 */
async function pump(body: AsyncIterable<Uint8Array>, stream: Writable, stoppable: Stoppable): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  let over = false;
  await new Promise<void>((resolve, reject) => {
    const finish = () => {
      if (over) return;
      over = true;
      stream.end();
      resolve();
    };
    stoppable.onStop = finish;
    if (stoppable.stopping) return finish();
    stream.once('close', () => {
      over = true;
      resolve();
    });
    const next = async () => {
      while (!over) {
        const { done, value } = await chunks.next();
        if (over) break;
        if (done) return finish();
        if (!stream.write(value)) await drained(stream);
      }
    };
    next().catch(reject);
  }).finally(() => {
    stoppable.onStop = undefined;
    // A producer that is waiting for its next event sees this once it wakes; it is told by the signal as well.
    void chunks.return?.()?.catch(() => {});
  });
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
    if (stream.destroyed) settle();
  });
}
