import { ConnectionError } from '../../errors/index.ts';
import { linkedSignal, whenEnded } from '../linked-signal.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** The shape of an API server within this process; the embedded control plane's handler fits it. */
export type InProcessHandler<User = unknown> = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  readonly user?: User;
}) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}>;

/**
 * A transport that calls a handler instead of opening a socket. The answer's bytes are the ones a socket would carry.
 *
 * @param options.user who calls, as a client certificate would say
 */
export function inProcessTransport<User>(
  handler: InProcessHandler<User>,
  options: { readonly user?: User; readonly host?: string } = {},
): Transport {
  const closed = new AbortController();
  return {
    host: options.host ?? 'in-process',
    async request(request: TransportRequest): Promise<TransportResponse> {
      request.signal.throwIfAborted();
      if (closed.signal.aborted) throw closedError(false);
      const link = linkedSignal(request.signal, closed.signal);
      const { signal } = link;
      request.onSending?.();
      const answer = endedBy(
        signal,
        handler({
          method: request.method,
          url: request.url,
          headers: joinHeaders(request.headers),
          body: request.body ?? new Uint8Array(),
          signal,
          ...(options.user === undefined ? {} : { user: options.user }),
        }),
      );
      const response = await answer.catch((error) => {
        link[Symbol.dispose]();
        throw error;
      });
      const body = new InProcessBody(response.body, signal, () => link.abort(new Error('nobody reads on')));
      return {
        status: response.status,
        headers: response.headers,
        body: whenEnded(body, () => link[Symbol.dispose]()),
      };
    },
    async close() {
      closed.abort(closedError(true));
    },
  };
}

function joinHeaders(headers: TransportRequest['headers']): Record<string, string | undefined> {
  const joined: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    joined[name] = typeof value === 'string' || value === undefined ? value : value.join(', ');
  }
  return joined;
}

function closedError(requestSent: boolean): ConnectionError {
  return new ConnectionError('Closed', 'the client is closed', { requestSent });
}

/** A promise that the signal can end, since the handler may not be listening. */
function endedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

class InProcessBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #stop: () => void;

  constructor(body: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal, stop: () => void) {
    this.#source = body instanceof Uint8Array ? once(body) : body[Symbol.asyncIterator]();
    this.#signal = signal;
    this.#stop = stop;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return endedBy(this.#signal, this.#source.next());
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#stop();
    this.#source.return?.().catch(() => undefined);
    return { done: true, value: undefined };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
