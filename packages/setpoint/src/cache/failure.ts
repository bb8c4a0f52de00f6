import type { Status } from '@setpoint/apimachinery/meta';
import {
  ApiError,
  type ApiErrorCode,
  isApiError,
  isConfigError,
  isConnectionError,
  isGone,
  isWatchIdle,
  missingRule,
  RequestError,
} from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { Trouble } from './types.ts';

/** Why a list or a watch stopped, as the watch protocol sees it. */
export interface Failure {
  readonly reason: Trouble['reason'] | 'expired' | 'idle' | 'unsupported';
  /** One sentence: kind, verb, who, and what to do. */
  readonly message: string;
  /** How long the server asked to be left alone. */
  readonly retryAfter?: number | undefined;
}

/** What was tried, for messages. */
export interface Attempt {
  readonly kind: AnyKind;
  readonly verb: 'list' | 'watch';
  readonly namespace?: string | undefined;
}

/** What a server answers that knows lists but not watches that begin with the present state. */
const notServed: ReadonlySet<ApiErrorCode> = new Set([
  'BadRequest',
  'Invalid',
  'MethodNotAllowed',
  'NotAcceptable',
  'NotImplemented',
]);

/** Reads an error that ended a list or a watch. */
export function failureOf(error: unknown, attempt: Attempt, options: { readonly watchList?: boolean } = {}): Failure {
  if (isWatchIdle(error)) return { reason: 'idle', message: error.message };
  if (isApiError(error)) return apiFailure(error, attempt, options.watchList ?? false);
  const text = error instanceof Error ? error.message : String(error);
  // The client's own sentences often begin so already.
  const message = text.startsWith('cannot ') ? text : `cannot ${attempt.verb} ${resourceText(attempt)}: ${text}`;
  if (isConnectionError(error)) return { reason: 'unreachable', message };
  if (isConfigError(error)) return { reason: 'unauthorized', message };
  // Of a kind that may be absent, the client knows before it asks.
  const reason = attempt.kind.dynamic && error instanceof RequestError ? 'missing' : 'refused';
  return { reason, message };
}

/** Reads the ERROR event of a watch. */
export function failureOfStatus(status: Status, attempt: Attempt): Failure {
  const request = { verb: attempt.verb, kind: resourceText(attempt) };
  return failureOf(new ApiError({ request, httpStatus: status.code ?? 0, status }), attempt);
}

function apiFailure(error: ApiError, attempt: Attempt, watchList: boolean): Failure {
  const resource = resourceText(attempt);
  const said = error.status.message || error.message;
  const what = `cannot ${attempt.verb} ${resource}`;
  const { code } = error;
  if (isGone(error)) return { reason: 'expired', message: `${what}: ${said}` };
  if (watchList && notServed.has(code)) return { reason: 'unsupported', message: `${what}: ${said}` };
  switch (code) {
    case 'Forbidden':
      return {
        reason: 'forbidden',
        message: `${what}: ${forbidden(attempt, said)}`,
      };
    case 'NotFound':
      return { reason: 'missing', message: `${what}: the server does not have this resource. ${remedy(attempt)}` };
    case 'Unauthorized':
      return { reason: 'unauthorized', message: `${what}: ${said}. Check the credentials of the kubeconfig` };
    case 'TooManyRequests':
      return { reason: 'throttled', message: `${what}: ${said}`, retryAfter: seconds(error) };
    case 'ServiceUnavailable':
    case 'Timeout':
    case 'ServerTimeout':
      return { reason: 'unreachable', message: `${what}: ${said}`, retryAfter: seconds(error) };
    default:
      return { reason: 'refused', message: `${what}: ${said}`, retryAfter: seconds(error) };
  }
}

/** Who may not, and the rule that is missing: what a person has to type. */
function forbidden({ kind, namespace }: Attempt, said: string): string {
  const missing = missingRule(said);
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(missing?.user ?? '');
  const who = account ? `the ServiceAccount ${account[1]}/${account[2]} may not` : said;
  const [plural = kind.plural] = missing?.resource.split('/') ?? [];
  const rule = `{ apiGroups: ["${missing?.group ?? kind.group}"], resources: ["${plural}"], verbs: ["list", "watch"] }`;
  const where = namespace ? `a Role in namespace ${namespace} (or a ClusterRole)` : 'a ClusterRole';
  return `${who}. Add the rule ${rule} to ${where} that is bound to it; it is tried again until then`;
}

function seconds(error: ApiError): number | undefined {
  return error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000;
}

function remedy({ kind }: Attempt): string {
  const served = `${kind.group === '' ? 'v1' : `${kind.group}/${kind.version}`} ${kind.plural}`;
  return kind.group.includes('.') && !kind.group.endsWith('.k8s.io')
    ? `Install the CustomResourceDefinition ${kind.plural}.${kind.group} that serves ${kind.version} (setpoint install); it is tried again until then`
    : `Check that this version of Kubernetes serves ${served}; it is tried again until then`;
}

/** `foos.tutorial.my.domain in namespace default`, as the API server words it. */
export function resourceText({ kind, namespace }: Pick<Attempt, 'kind' | 'namespace'>): string {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  const where = kind.cluster === undefined ? '' : ` of cluster ${kind.cluster}`;
  return `${resource}${namespace ? ` in namespace ${namespace}` : ''}${where}`;
}
