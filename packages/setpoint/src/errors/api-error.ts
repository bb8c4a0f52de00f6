import type { Status } from '@setpoint/apimachinery/meta';
import { brandClass, isBranded, SetpointError } from './family.ts';
import { describeMissingRule, type MissingRule, missingRule } from './missing-rule.ts';

/** The reasons of meta/v1 that an API server answers with; `Unknown` where it gave none and its HTTP status says nothing. */
export type ApiErrorCode =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'NotImplemented'
  | 'ServiceUnavailable'
  | 'ServerTimeout'
  | 'Timeout'
  | 'StorageReadError'
  | 'Unknown';

const byHttpStatus: Readonly<Record<number, ApiErrorCode>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const known: ReadonlySet<string> = new Set<ApiErrorCode>([
  ...Object.values(byHttpStatus),
  'AlreadyExists',
  'Expired',
  'ServerTimeout',
  'StorageReadError',
]);

/** What was asked when the error came; it names the request in the error's sentence. */
export interface RequestDescription {
  /** As in RBAC rules: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  /** `Foo.tutorial.my.domain`, or a path where no kind is involved. */
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Such as `status`. */
  readonly subresource?: string | undefined;
}

/** `patch Foo.tutorial.my.domain default/foo-1 (status)`. */
export function describeRequest({ verb, kind, namespace, name, subresource }: RequestDescription): string {
  const object = name ? (namespace ? `${namespace}/${name}` : name) : namespace ? `in namespace ${namespace}` : '';
  return [verb, kind, object, subresource ? `(${subresource})` : ''].filter((part) => part !== '').join(' ');
}

/**
 * The API server answered a request with an error.
 *
 * `code` decides what to do (see the guards `isNotFound`, `isConflict`, …), `reason` is the server's own word,
 * `status` its whole answer; for an answer that was no Status (a proxy's error page) one is made from the HTTP status.
 */
export class ApiError extends SetpointError {
  readonly code: ApiErrorCode;
  /** The reason as the server wrote it; empty if it gave none. */
  readonly reason: string;
  /** HTTP status, or the Status object's `code` in a watch. */
  readonly httpStatus: number;
  readonly status: Status;
  /** Seconds that the server asked to wait, from the Retry-After header or the Status. */
  readonly retryAfterSeconds: number | undefined;
  readonly request: RequestDescription;
  /**
   * `unknown` if this answered a write and the server does not say whether it happened (5xx);
   * `refused` if it surely did not.
   */
  readonly outcome: 'refused' | 'unknown';
  /** Of a request that the server's authorizer refused: the rule of RBAC that would have allowed it, and to whom. */
  readonly missingRule: MissingRule | undefined;

  constructor(options: {
    readonly request: RequestDescription;
    readonly httpStatus: number;
    readonly status: Status;
    readonly retryAfterSeconds?: number | undefined;
    readonly outcome?: 'refused' | 'unknown';
    readonly cause?: unknown;
  }) {
    const { request, httpStatus, status } = options;
    const reason = status.reason ?? '';
    const code = apiErrorCode(reason, httpStatus);
    const text = status.message || 'the server gave no message';
    const missing = code === 'Forbidden' ? missingRule(text) : undefined;
    const todo = missing ? `; ${describeMissingRule(missing)}` : '';
    super('ApiError', `cannot ${describeRequest(request)}: ${text} (${httpStatus} ${reason || code})${todo}`, options);
    this.code = code;
    this.reason = reason;
    this.httpStatus = httpStatus;
    this.status = status;
    this.retryAfterSeconds = options.retryAfterSeconds ?? status.details?.retryAfterSeconds;
    this.request = request;
    this.outcome = options.outcome ?? 'refused';
    this.missingRule = missing;
  }
}

brandClass(ApiError, 'ApiError');

/** The reason if it is a known one, else what the HTTP status means. */
export function apiErrorCode(reason: string, httpStatus: number): ApiErrorCode {
  if (known.has(reason)) return reason as ApiErrorCode;
  return byHttpStatus[httpStatus] ?? 'Unknown';
}

/** Whether the API server answered with an error, whichever. */
export function isApiError(error: unknown): error is ApiError {
  return isBranded(error, 'ApiError');
}

function has(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
  return isApiError(error) && codes.includes(error.code);
}

/** 404: no such object, or no such resource on this server. */
export const isNotFound = (error: unknown): error is ApiError => has(error, 'NotFound');
/**
 * What the request answers, or undefined where it is a 404: no such object, or no such resource on this server.
 *
 * @example
 * const secret = await ignoreNotFound(client.get(Secret, key));
 */
export async function ignoreNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
/** 409 on an update: the object changed since it was read. Read again and repeat. */
export const isConflict = (error: unknown): error is ApiError => has(error, 'Conflict');
/** 409 on a create: an object of that name is there already. */
export const isAlreadyExists = (error: unknown): error is ApiError => has(error, 'AlreadyExists');
/** 403: the user may not do this, or an admission rule is against it. */
export const isForbidden = (error: unknown): error is ApiError => has(error, 'Forbidden');
/** 401: the credentials were not accepted (after one refresh). */
export const isUnauthorized = (error: unknown): error is ApiError => has(error, 'Unauthorized');
/** 422: the object breaks rules of its kind; `status.details.causes` names the fields. */
export const isInvalid = (error: unknown): error is ApiError => has(error, 'Invalid');
/** 400: the request itself is malformed. */
export const isBadRequest = (error: unknown): error is ApiError => has(error, 'BadRequest');
/** 405: the resource does not have this verb. */
export const isMethodNotAllowed = (error: unknown): error is ApiError => has(error, 'MethodNotAllowed');
/** 406: the server cannot answer in the form that was asked for. */
export const isNotAcceptable = (error: unknown): error is ApiError => has(error, 'NotAcceptable');
/** 415: the server does not read this content type, such as a strategic merge patch of a custom resource. */
export const isUnsupportedMediaType = (error: unknown): error is ApiError => has(error, 'UnsupportedMediaType');
/** 413: the object is too large. */
export const isTooLarge = (error: unknown): error is ApiError => has(error, 'RequestEntityTooLarge');
/** 410 for any reason: the revision or continue token is no longer served. List again. */
export const isGone = (error: unknown): error is ApiError => has(error, 'Gone', 'Expired');
/** 410 with the reason Expired: a revision or a continue token is too old. */
export const isExpired = (error: unknown): error is ApiError => has(error, 'Expired');
/** 429: the server is busy; `retryAfterSeconds` says for how long. The client has already repeated the request. */
export const isTooManyRequests = (error: unknown): error is ApiError => has(error, 'TooManyRequests');
/** 500. */
export const isInternalError = (error: unknown): error is ApiError => has(error, 'InternalError');
/** 501: the embedded control plane does not do this yet; the message names what. */
export const isNotImplemented = (error: unknown): error is ApiError => has(error, 'NotImplemented');
/** 503. */
export const isServiceUnavailable = (error: unknown): error is ApiError => has(error, 'ServiceUnavailable');
/** 504: the server, or what stands behind it, did not answer in time. */
export const isServerTimeout = (error: unknown): error is ApiError => has(error, 'Timeout', 'ServerTimeout');
