import { encodeJson, textOf } from '../json.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport/index.ts';

/** A request as a fake saw it. */
export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: TransportRequest['headers'];
  /** The body parsed as JSON; undefined without one. */
  readonly body: unknown;
  readonly connection: TransportRequest['connection'];
  readonly signal: AbortSignal;
}

export interface FakeAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface FakeTransport extends Transport {
  /** Every request so far, in order. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * An API server of a test: a function from requests to answers, without sockets.
 * What the function throws is the transport's failure; throw a ConnectionError to play a lost connection.
 *
 * ```ts
 * const transport = fakeTransport(({ path }) => path === '/version' ? { body: { major: '1' } } : notFound('pods', 'a'));
 * const client = createClient({ transport });
 * ```
 */
export function fakeTransport(
  answer: (request: RecordedRequest) => FakeAnswer | Promise<FakeAnswer>,
  options: { readonly host?: string } = {},
): FakeTransport {
  const requests: RecordedRequest[] = [];
  return {
    host: options.host ?? 'fake',
    requests,
    async request(request: TransportRequest): Promise<TransportResponse> {
      request.signal.throwIfAborted();
      const url = new URL(request.url, 'http://fake');
      const recorded: RecordedRequest = {
        method: request.method,
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: request.headers,
        body: request.body ? JSON.parse(textOf(request.body)) : undefined,
        connection: request.connection,
        signal: request.signal,
      };
      requests.push(recorded);
      request.onSending?.();
      const { status = 200, headers = {}, body = '' } = await untilAborted(request.signal, answer(recorded));
      return { status, headers, body: bodyOf(body) };
    },
    close: () => Promise.resolve(),
  };
}

/** The Status that an API server answers an unknown name with. */
export function notFound(resource: string, name: string): FakeAnswer {
  return statusAnswer(404, 'NotFound', `${resource} "${name}" not found`);
}

export function statusAnswer(
  code: number,
  reason: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): FakeAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, body, ...(headers ? { headers } : {}) };
}

/** The body of a watch that a test feeds. */
export class FakeWatch implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  /** Whether the client has given the stream back. */
  cancelled = false;

  /** Sends one event. */
  send(type: string, object: object): void {
    this.write(`${textOf(encodeJson({ type, object }))}\n`);
  }

  /** Sends bytes as they are: half an event, or none. */
  write(text: string | Uint8Array): void {
    this.#chunks.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) return { done: false, value: chunk };
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended || this.cancelled) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancelled = true;
    this.#wake?.();
    return { done: true, value: undefined };
  }
}

async function* bodyOf(body: NonNullable<FakeAnswer['body']>): AsyncGenerator<Uint8Array, void> {
  if (typeof body === 'string') yield new TextEncoder().encode(body);
  else if (body instanceof Uint8Array) yield body;
  else if (Symbol.asyncIterator in body) yield* body as AsyncIterable<Uint8Array>;
  else yield encodeJson(body);
}

function untilAborted<T>(signal: AbortSignal, answer: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
