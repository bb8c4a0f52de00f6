import { type ApiError, describeRequest, isApiError, type RequestDescription } from './api-error.ts';
import { brandClass, isBranded, SetpointError } from './family.ts';

/**
 * A write was sent and its answer was lost: it may or may not have happened.
 * Whoever gets this reads the present state before acting again.
 */
export class UnknownOutcomeError extends SetpointError {
  readonly code = 'UnknownOutcome';
  readonly request: RequestDescription;

  constructor(request: RequestDescription, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super('UnknownOutcomeError', `cannot tell whether ${describeRequest(request)} happened: ${why}`, { cause });
    this.request = request;
  }
}

brandClass(UnknownOutcomeError, 'UnknownOutcomeError');

/** Whether a write that failed with `error` may have happened all the same: its answer was lost, or was a 5xx. */
export function isUnknownOutcome(error: unknown): error is UnknownOutcomeError | ApiError {
  return isBranded(error, 'UnknownOutcomeError') || (isApiError(error) && error.outcome === 'unknown');
}

/** How a connection failed, for programs; stable across releases. */
export type ConnectionErrorCode =
  /** No connection: refused, unreachable, name not found. */
  | 'ConnectFailed'
  /** The server's certificate is not trusted, or it refused ours. */
  | 'TlsFailed'
  /** The connection ended under the request. */
  | 'ConnectionLost'
  /** No answer within the request's time-out. */
  | 'RequestTimeout'
  /** What came back is not what an API server sends. */
  | 'InvalidAnswer'
  /** The client was closed. */
  | 'Closed';

/** No answer came, for a reason below HTTP. */
export class ConnectionError extends SetpointError {
  readonly code: ConnectionErrorCode;
  /** Whether the server may have acted on the request; false only where that is certain. */
  readonly requestSent: boolean;

  constructor(
    code: ConnectionErrorCode,
    message: string,
    options: { readonly requestSent: boolean; readonly cause?: unknown },
  ) {
    super('ConnectionError', message, options);
    this.code = code;
    this.requestSent = options.requestSent;
  }
}

brandClass(ConnectionError, 'ConnectionError');

/** Whether the server was not reached, or the connection failed; also for errors of another copy of the package. */
export function isConnectionError(error: unknown): error is ConnectionError {
  return isBranded(error, 'ConnectionError');
}

/** A request that was never sent because it cannot mean anything: no name, a bad name, no selector. */
export class RequestError extends SetpointError {
  readonly code = 'InvalidRequest';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('RequestError', message, options);
  }
}

brandClass(RequestError, 'RequestError');

/** Why there is no usable configuration, for programs; stable across releases. */
export type ConfigErrorCode =
  | 'NoConfiguration'
  | 'FileMissing'
  | 'FileUnreadable'
  | 'NoContext'
  | 'UnknownContext'
  | 'UnknownCluster'
  | 'UnknownUser'
  | 'InvalidConfiguration'
  | 'CredentialsFailed';

/** How to reach the cluster could not be found out; the message is one sentence that names the file or entry. */
export class ConfigError extends SetpointError {
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super('ConfigError', message, options);
    this.code = code;
  }
}

brandClass(ConfigError, 'ConfigError');

/**
 * Whether a kubeconfig or in-cluster configuration is missing or wrong; also for errors of another copy of the package.
 */
export function isConfigError(error: unknown): error is ConfigError {
  return isBranded(error, 'ConfigError');
}

/** A watch brought no byte, not even a bookmark, for its idle deadline; it may be dead. Watch again from the last revision. */
export class WatchIdleError extends SetpointError {
  readonly code = 'WatchIdle';

  constructor(what: string, idleMilliseconds: number) {
    super('WatchIdleError', `${what} was silent for ${Math.round(idleMilliseconds / 1000)} s and was given up`);
  }
}

brandClass(WatchIdleError, 'WatchIdleError');

/** Whether a watch brought no byte for its idle time; also for errors of another copy of the package. */
export function isWatchIdle(error: unknown): error is WatchIdleError {
  return isBranded(error, 'WatchIdleError');
}
