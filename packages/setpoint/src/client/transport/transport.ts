/**
 * How requests get to an API server and answers come back: sockets, or a call within the process.
 * A transport knows nothing of objects, credentials in headers, retries or errors of the API.
 */
export interface Transport {
  /**
   * Sends one request and resolves when the head of its answer is there.
   *
   * Rejects with a ConnectionError, whose `requestSent` says whether the server may have acted on it, or with
   * the signal's reason. The signal also ends the body. A body that is not read to its end must be given back
   * by `body[Symbol.asyncIterator]().return()` (leaving a `for await` does), else its stream stays open.
   */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** Opens a WebSocket, or answers with the server's refusal; absent where the transport has none. */
  upgrade?(request: UpgradeRequest): Promise<UpgradedSocket | TransportResponse>;
  /** The host as it appears in metrics and messages, such as `127.0.0.1:6443`. */
  readonly host: string;
  /** Ends every request and connection; later requests reject. */
  close(): Promise<void>;
}

/** Which connections a request uses: those of one class cannot be held up by another's. */
export type ConnectionClass = 'unary' | 'watch' | 'lease';

/**
 * Bytes of a body received and not yet read at which the peer is made to wait: a list may run ahead of its reader by a few
 * pages' worth, an unread watch holds no more than this in memory.
 */
export const readAhead: Readonly<Record<ConnectionClass, number>> = {
  unary: 4 * 1024 * 1024,
  watch: 256 * 1024,
  lease: 64 * 1024,
};

/** One request, as it goes on the wire. */
export interface TransportRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Left out: none. */
  readonly body?: Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** To be called at the moment from which the server may act on the request. If it throws, nothing may be sent. */
  readonly onSending?: (() => void) | undefined;
  /** @default 'unary' */
  readonly connection?: ConnectionClass | undefined;
}

/** The head of an answer, and its body as it comes. */
export interface TransportResponse {
  /** The HTTP status. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** All of the body, where it came along with the head: nobody has to read it then, or give it back. */
  readonly whole?: Uint8Array | undefined;
}

/** A request for a WebSocket. */
export interface UpgradeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** WebSocket subprotocols in order of preference. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
}

/** A WebSocket of binary messages. */
export interface UpgradedSocket {
  readonly protocol: string;
  /** Resolves once the message is handed to the socket and there is room for more. */
  send(message: Uint8Array): Promise<void>;
  /** Messages in order; ends when the peer closes, throws a ConnectionError when the connection breaks. */
  readonly messages: AsyncIterable<Uint8Array>;
  close(): void;
}

/** The value of a header; repeated ones joined by `, `. */
export function headerOf(response: Pick<TransportResponse, 'headers'>, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}

/** Gives a body back unread, which ends its stream. */
export async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await body[Symbol.asyncIterator]().return?.();
  } catch {
    // The stream is gone either way.
  }
}
