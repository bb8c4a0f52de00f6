/**
 * What can go wrong, as classes with a `code` and a sentence that says what to do, and guards for each.
 *
 * @module setpoint/errors
 */

export {
  ApiError,
  type ApiErrorCode,
  apiErrorCode,
  describeRequest,
  ignoreNotFound,
  isAlreadyExists,
  isApiError,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isGone,
  isInternalError,
  isInvalid,
  isMethodNotAllowed,
  isNotAcceptable,
  isNotFound,
  isNotImplemented,
  isServerTimeout,
  isServiceUnavailable,
  isTooLarge,
  isTooManyRequests,
  isUnauthorized,
  isUnsupportedMediaType,
  type RequestDescription,
} from './api-error.ts';
export {
  ConfigError,
  type ConfigErrorCode,
  ConnectionError,
  type ConnectionErrorCode,
  isConfigError,
  isConnectionError,
  isUnknownOutcome,
  isWatchIdle,
  RequestError,
  UnknownOutcomeError,
  WatchIdleError,
} from './client-errors.ts';
export { SetpointError } from './family.ts';
export { type MissingRule, missingRule } from './missing-rule.ts';
export {
  isLeaseLost,
  isPassRevoked,
  isTerminal,
  LeaseLost,
  PassRevoked,
  RetryError,
  TerminalError,
} from './reconcile-errors.ts';
