import type { Clock } from '@setpoint/apimachinery/clock';
import { FieldError, formatFieldErrors, goQuote } from '@setpoint/apimachinery/errors';
import { stringifyJson } from '@setpoint/apimachinery/json';
import { groupResource, type KubeObject, type Status } from '@setpoint/apimachinery/meta';
import { createJsonPatch } from '@setpoint/apimachinery/patch';
import { isApiError } from '../errors/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import { type Log, messageOf, problemsFound } from '../reconcile/index.ts';
import { type AdmissionResponse, type AnsweredReview, type ReadReview, readReview } from './review.ts';
import type { AdmissionContext, Hook } from './types.ts';

/** What a question is answered with the help of. */
export interface AdmissionEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly handles: MetricHandles;
  /** A function of the operator threw what is no answer. */
  readonly panicked: () => void;
}

/**
 * Answers an AdmissionReview as a hook's functions decide. What they throw is their own failure and answered with a 500;
 * other requests never notice.
 *
 * @throws BadReview for what is no AdmissionReview about the hook's kind
 */
export async function admit(hook: Hook, review: unknown, environment: AdmissionEnvironment): Promise<AnsweredReview> {
  const read = readReview(review, hook.kind as never);
  const { name, namespace, uid, user, operation } = read.request;
  const log = environment.log.child({ webhook: hook.path, namespace, name, requestID: uid, user: user.name });
  const warnings: string[] = [];
  const context: AdmissionContext = {
    request: read.request,
    warn: (text) => void warnings.push(text),
    signal: environment.signal,
    clock: environment.clock,
    log,
    metrics: environment.handles,
    ...(operation === 'UPDATE' ? { old: read.oldObject } : {}),
  };
  let verdict: Verdict;
  try {
    verdict = await (hook.type === 'mutating' ? fillIn : examine)(hook, read, context);
  } catch (error) {
    verdict = failure(error, log, environment.panicked);
  }
  const response: AdmissionResponse = { uid, ...verdict, ...(warnings.length > 0 ? { warnings: [...warnings] } : {}) };
  return { apiVersion: read.apiVersion, kind: 'AdmissionReview', response };
}

type Verdict = Omit<AdmissionResponse, 'uid' | 'warnings'>;

const allowed: Verdict = { allowed: true, status: { code: 200 } };

async function fillIn({ webhook }: Hook, { request, object }: ReadReview, context: AdmissionContext): Promise<Verdict> {
  const fill = webhook.default;
  // Nothing can be filled into what goes away.
  if (!fill || !object || request.operation === 'DELETE' || spared(webhook, object)) return allowed;
  const draft = structuredClone(object);
  await fill(draft, context);
  const patch = createJsonPatch(object, draft);
  if (patch.length === 0) return allowed;
  return { ...allowed, patch: Buffer.from(stringifyJson(patch)).toString('base64'), patchType: 'JSONPatch' };
}

async function examine({ webhook }: Hook, review: ReadReview, context: AdmissionContext): Promise<Verdict> {
  const { request, oldObject } = review;
  const object = request.operation === 'DELETE' ? oldObject : review.object;
  if (!webhook.validate || !object || request.operation === 'CONNECT' || spared(webhook, object)) return allowed;
  const found = problemsFound<string | FieldError>(await webhook.validate(object, context));
  if (found.length === 0) return allowed;
  return { allowed: false, status: refusal(object, request.name, found) };
}

function spared({ sparesDeleted }: Hook['webhook'], { metadata }: KubeObject): boolean {
  return sparesDeleted && typeof metadata.deletionTimestamp === 'string';
}

/** Errors of fields are told as the API server tells its own; a sentence is a refusal. */
function refusal(object: KubeObject, requested: string, found: readonly (string | FieldError)[]): Partial<Status> {
  const errors = found.filter((one) => one instanceof FieldError);
  if (errors.length < found.length) {
    return { status: 'Failure', code: 403, reason: 'Forbidden', message: found.map(String).join('; ') };
  }
  const { kind = '', apiVersion = '' } = object;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '';
  const name = object.metadata.name ?? requested;
  return {
    status: 'Failure',
    code: 422,
    reason: 'Invalid',
    message: `${groupResource(group, kind)} ${goQuote(name)} is invalid: ${formatFieldErrors(errors)}`,
    details: {
      name,
      group,
      kind,
      causes: errors.map(({ type, body, field }) => ({ reason: type, message: body, field })),
    },
  };
}

function failure(error: unknown, log: Log, panicked: () => void): Verdict {
  if (isApiError(error)) return { allowed: false, status: { ...error.status, code: error.httpStatus } };
  panicked();
  log.error({ err: error }, `the webhook has failed: ${messageOf(error)}`);
  const status = { status: 'Failure', code: 500, message: `panic: ${messageOf(error)} [recovered]` } as const;
  return { allowed: false, status };
}
