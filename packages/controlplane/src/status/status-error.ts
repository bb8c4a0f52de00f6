import { type FieldError, formatFieldErrors, goQuote } from '@setpoint/apimachinery/errors';
import { groupResource, type Status, type StatusCause, type StatusDetails } from '@setpoint/apimachinery/meta';

/** What an error of the API server is about: a group and a plural, or for Invalid a group and a kind. */
export interface GroupAndResource {
  readonly group: string;
  readonly resource: string;
}
export interface GroupAndKind {
  readonly group: string;
  readonly kind: string;
}

/**
 * A refusal with the Status that goes over the wire. Thrown by whatever finds the reason, caught once, where
 * requests are answered.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status & { readonly code: number };

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    metadata: Status['metadata'] = {},
  ) {
    super(message);
    this.status = statusObject('Failure', message, reason, details, code, metadata);
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string | undefined {
    return this.status.reason;
  }
}

/** Members in the order in which the server writes them; empty ones left out, as its omitempty does. */
function statusObject(
  status: 'Failure',
  message: string,
  reason: string,
  details: StatusDetails | undefined,
  code: number,
  metadata: Status['metadata'],
): Status & { readonly code: number } {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status,
    ...(message === '' ? {} : { message }),
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details: detailsObject(details) }),
    code,
  };
}

function detailsObject(details: StatusDetails): StatusDetails {
  return {
    ...(details.name ? { name: details.name } : {}),
    ...(details.group ? { group: details.group } : {}),
    ...(details.kind ? { kind: details.kind } : {}),
    ...(details.uid ? { uid: details.uid } : {}),
    ...(details.causes && details.causes.length > 0 ? { causes: details.causes } : {}),
    ...(details.retryAfterSeconds ? { retryAfterSeconds: details.retryAfterSeconds } : {}),
  };
}

/** The answer to a deletion that left nothing behind. */
export function deletedStatus(of: GroupAndResource, name: string, uid: string): Status {
  const details = detailsObject({ name, group: of.group, kind: of.resource, uid });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function about(of: GroupAndResource, name: string): StatusDetails {
  return { name, group: of.group, kind: of.resource };
}

function qualified(of: GroupAndResource): string {
  return groupResource(of.group, of.resource);
}

export function notFound(of: GroupAndResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(of)} ${goQuote(name)} not found`, about(of, name));
}

/** The path is right but what it names is not served: an unknown subresource, a version that went away. */
export function resourceNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(of: GroupAndResource, name: string, terminating = false): StatusError {
  const text = `${qualified(of)} ${goQuote(name)} already exists`;
  return new StatusError(
    409,
    'AlreadyExists',
    terminating ? `object is being deleted: ${text}` : text,
    about(of, name),
  );
}

export function generateNameConflict(of: GroupAndResource, name: string): StatusError {
  const text = `${qualified(of)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`;
  return new StatusError(409, 'AlreadyExists', text, { ...about(of, name), retryAfterSeconds: 1 });
}

export const objectModified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(of: GroupAndResource, name: string, why: string = objectModified): StatusError {
  const text = `Operation cannot be fulfilled on ${qualified(of)} ${goQuote(name)}: ${why}`;
  return new StatusError(409, 'Conflict', text, about(of, name));
}

/** `of` is a kind for objects; the server names a resource in its place where an update lacks its resourceVersion. */
export function invalid(of: GroupAndKind, name: string, errors: readonly FieldError[]): StatusError {
  const causes: StatusCause[] = errors.map((error) => ({
    reason: error.type,
    message: error.body,
    ...(error.field === '' ? {} : { field: error.field }),
  }));
  const head = `${groupResource(of.group, of.kind)} ${goQuote(name)} is invalid`;
  const text = errors.length === 0 ? head : `${head}: ${formatFieldErrors(errors)}`;
  return new StatusError(422, 'Invalid', text, { name, group: of.group, kind: of.kind, causes });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(
  of: GroupAndResource,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): StatusError {
  const head =
    of.resource === '' ? 'forbidden' : `${qualified(of)}${name === '' ? '' : ` ${goQuote(name)}`} is forbidden`;
  return new StatusError(403, 'Forbidden', `${head}: ${why}`, { ...about(of, name), causes });
}

export function methodNotAllowed(): StatusError {
  const text = 'the server does not allow this method on the requested resource';
  return new StatusError(405, 'MethodNotAllowed', text, {});
}

export function methodNotSupported(of: GroupAndResource, action: string): StatusError {
  const text = `${action} is not supported on resources of kind ${goQuote(qualified(of))}`;
  return new StatusError(405, 'MethodNotAllowed', text, { group: of.group, kind: of.resource });
}

/** `continueToken` lets a client go on with its list from where it was, on newer objects. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, 'Expired', message, undefined, continueToken ? { continue: continueToken } : {});
}

export function tooLargeResourceVersion(wanted: string, current: string): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** `detail` follows the text: ` - ` and why. */
export function requestTimeout(detail: string): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: request did not complete within requested timeout${detail}`, {});
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function requestEntityTooLarge(why: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${why}`);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const text = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', text);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An error of the server that carries no reason: what a plain Go error becomes. */
export function plainServerError(message: string): StatusError {
  return new StatusError(500, '', message);
}

/** What this server knows that it cannot do. `what` reads as the subject: `server-side apply`. */
export function notImplemented(what: string): StatusError {
  return new StatusError(501, 'NotImplemented', `${what} is not implemented by this control plane`);
}
