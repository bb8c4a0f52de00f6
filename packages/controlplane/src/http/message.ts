import type { UserInfo } from '../registry/index.ts';

export type { UserInfo } from '../registry/index.ts';

/** A request after the transport: the same for a socket and for a caller in this process. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly url: string;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Who the transport says is calling (a verified client certificate); tokens in headers are looked at later. */
  readonly user?: UserInfo;
  /** The caller showed a client certificate that does not count: worse than none. */
  readonly certificateRejected?: boolean;
}

/** What the API server answers. */
export interface ApiResponse {
  /** The HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Whole, or a stream that ends when the watch does. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The whole API server as a function: what a socket server and an in-process client both call. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;
