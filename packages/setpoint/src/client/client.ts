import type { ObjectList, Status } from '@setpoint/apimachinery/meta';
import type { Discovery } from './discovery.ts';
import type {
  AnswerOf,
  DeleteCollectionOptions,
  DeleteOptions,
  GetOptions,
  InputOf,
  KindReference,
  ListOptions,
  LogOptions,
  ObjectKey,
  ObjectOf,
  Page,
  PagesOptions,
  Patch,
  WatchMessage,
  WatchOptions,
  WriteOptions,
} from './options.ts';
import type { ExecOptions, ExecSession, PortForward, PortForwardOptions } from './streams.ts';

/**
 * The verbs of a Kubernetes API server. Every call is live: nothing is cached and nothing is buffered.
 *
 * Errors: ApiError where the server refused (see the guards of `setpoint/errors`), ConnectionError where nothing
 * was sent or a read got no answer, UnknownOutcomeError where a write was sent and its answer lost,
 * RequestError where the call itself makes no sense.
 *
 * Reads are repeated when the connection breaks or the server is unavailable. Writes are repeated only when it is
 * certain that the server did not act: no connection, a stream the server refused, 429, and once after a 401 with
 * renewed credentials. Between repetitions `Retry-After` is honoured.
 */
export interface Client {
  /** Reads one object from the server. Throws an ApiError that `isNotFound` knows where there is none. */
  get<K extends KindReference, const O extends GetOptions = GetOptions>(
    kind: K,
    key: ObjectKey,
    options?: O,
  ): Promise<AnswerOf<K, O>>;

  /** The whole list in one answer (or one page of it, with `limit`). For many objects use `pages`. */
  list<K extends KindReference>(kind: K, options?: ListOptions): Promise<ObjectList<ObjectOf<K>>>;

  /**
   * The list in pages of 500, all of one revision, parsed in slices that leave the event loop free.
   * A continue token that expired under way throws an ApiError that `isExpired` knows; start again.
   */
  pages<K extends KindReference>(kind: K, options?: PagesOptions): AsyncIterable<Page<ObjectOf<K>>>;

  /**
   * Ends when the server ends it; throws ConnectionError or WatchIdleError when it breaks, ApiError when the
   * server refuses to begin. Repeating it from the last revision seen is the caller's part.
   */
  watch<K extends KindReference>(kind: K, options?: WatchOptions): AsyncIterable<WatchMessage<ObjectOf<K>>>;

  /** Makes a new object. Throws an ApiError that `isAlreadyExists` knows where one of that name is there. */
  create<K extends KindReference, const O extends WriteOptions = WriteOptions>(
    kind: K,
    object: InputOf<K>,
    options?: O,
  ): Promise<AnswerOf<K, O>>;

  /** Replaces the object; with `metadata.resourceVersion`, only if it is still at that revision (else `isConflict`). */
  update<K extends KindReference, const O extends WriteOptions = WriteOptions>(
    kind: K,
    object: InputOf<K>,
    options?: O,
  ): Promise<AnswerOf<K, O>>;

  /** Changes a part of the object; `type` of the patch says by which rules, `apply` among them also creates. */
  patch<K extends KindReference, const O extends WriteOptions = WriteOptions>(
    kind: K,
    key: ObjectKey,
    patch: Patch,
    options?: O,
  ): Promise<AnswerOf<K, O>>;

  /** Answers with a Status, or with the object where it still exists (finalizers, grace period). */
  delete<K extends KindReference>(kind: K, key: ObjectKey, options?: DeleteOptions): Promise<ObjectOf<K> | Status>;

  /**
   * Deletes all that the options select, and nothing without a selector or `all: true`. Not atomic: what comes
   * meanwhile may stay.
   */
  deleteCollection<K extends KindReference>(
    kind: K,
    options: DeleteCollectionOptions,
  ): Promise<ObjectList<ObjectOf<K>> | Status>;

  /** Bytes of a container's log as they come. */
  logs(pod: ObjectKey, options?: LogOptions): AsyncIterable<Uint8Array>;
  /** Runs a command in a container, as `kubectl exec` does. */
  exec(pod: ObjectKey, options: ExecOptions): Promise<ExecSession>;
  /** Opens one connection to a port of a Pod, as `kubectl port-forward` does. */
  portForward(pod: ObjectKey, options: PortForwardOptions): Promise<PortForward>;

  /** Any path: for what is not an object, such as `/version` or `/metrics`. Answers that are errors throw ApiError. */
  raw(method: string, path: string, options?: RawOptions): Promise<RawAnswer>;

  readonly discovery: Discovery;
  /** The namespace that the configuration names; `default` if none. */
  readonly defaultNamespace: string;
  readonly fieldManager: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of a raw request; the time-out is in milliseconds, as in `CallOptions`. */
export interface RawOptions {
  /** Sent as it is; the header Content-Type is the caller's. */
  readonly body?: Uint8Array | string | undefined;
  /** Beside those that the client adds: authentication, User-Agent. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole request; as in `CallOptions`. */
  readonly timeout?: number | undefined;
  /** As in `CallOptions`. */
  readonly beforeSend?: (() => void) | undefined;
}

/** The answer to a raw request, whatever its status. */
export interface RawAnswer {
  /** The HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Where the client says what a person should know; a pino logger fits. */
export interface ClientLog {
  /** What the server warns of (the header Warning), each text once. */
  warn(details: object, message: string): void;
}

/** Called once per answer (or failed attempt): feeds `rest_client_requests_total` and `…_request_retries_total`. */
export type RequestObserver = (request: {
  /** HTTP status, or `<error>` where no answer came. */
  readonly code: string;
  readonly method: string;
  readonly host: string;
  /** 0 for the first of a call; later ones repeat it. */
  readonly attempt: number;
}) => void;
