import { goQuote } from '@setpoint/apimachinery/errors';
import { formatApiVersion, type KubeObject, parseApiVersion, type Status } from '@setpoint/apimachinery/meta';
import type { AdmissionAttributes, GroupVersionKind } from '../../verbs/index.ts';
import type { Invocation } from '../match.ts';

const group = 'admission.k8s.io';

/** The first version of AdmissionReview that a webhook takes and this server knows. */
export function reviewVersion(accepted: readonly string[] = []): 'v1' | 'v1beta1' | undefined {
  return accepted.find((version) => version === 'v1' || version === 'v1beta1') as 'v1' | 'v1beta1' | undefined;
}

/** What a webhook is asked. Members stand in the order in which the real server writes them. */
export function admissionReview(
  version: 'v1' | 'v1beta1',
  uid: string,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
): object {
  const { dryRun, options, ...request } = requestOf(uid, attributes, invocation);
  return {
    kind: 'AdmissionReview',
    apiVersion: `${group}/${version}`,
    request: { ...request, object: object ?? null, oldObject: oldObject ?? null, dryRun, options },
  };
}

/** An AdmissionRequest without its objects. */
export function requestOf(uid: string, attributes: AdmissionAttributes, invocation: Invocation) {
  const { kind, resource, subresource, name, namespace, user, operation } = attributes;
  return {
    uid,
    kind: kindOf(invocation.kind),
    resource: resourceOf(invocation.resource),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(kind),
    requestResource: resourceOf(resource),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      ...(user.name === '' ? {} : { username: user.name }),
      ...(user.uid ? { uid: user.uid } : {}),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
    },
    dryRun: attributes.dryRun,
    options: optionsOf(attributes),
  };
}

function kindOf({ group, version, kind }: GroupVersionKind) {
  return { group, version, kind };
}

function resourceOf({ group, version, resource }: Invocation['resource']) {
  return { group, version, resource };
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The options of a connection are of as many kinds as there are connections; those this server has take none. */
function optionsOf({ operation, options }: AdmissionAttributes): object | null {
  if (operation === 'CONNECT') return null;
  return { kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1', ...options };
}

/** A verdict, once it has been checked. */
export interface Verdict {
  readonly allowed: boolean;
  readonly result?: Partial<Status> | undefined;
  /** The text of a JSON patch; empty without one. */
  readonly patch: string;
  readonly patchType: string;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

interface Response {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** @throws Error whose message says what is wrong with the answer */
export function readVerdict(
  version: 'v1' | 'v1beta1',
  uid: string,
  mutating: boolean,
  review: Readonly<Record<string, unknown>>,
): Verdict {
  const response = review.response as Response | undefined | null;
  if (!response) throw new Error('webhook response was absent');
  if (version === 'v1') checkResponse(uid, mutating, review, response);
  const patch = Buffer.from(response.patch ?? '', 'base64').toString('utf8');
  return {
    allowed: response.allowed === true,
    result: response.status ?? undefined,
    patch: mutating ? patch : '',
    // The older version says nothing of it, and there is no other.
    patchType: version === 'v1beta1' ? 'JSONPatch' : (response.patchType ?? ''),
    warnings: response.warnings ?? [],
    auditAnnotations: response.auditAnnotations ?? {},
  };
}

function checkResponse(
  uid: string,
  mutating: boolean,
  review: Readonly<Record<string, unknown>>,
  { uid: given = '', patch, patchType }: Response,
): void {
  if (given !== uid) throw new Error(`expected response.uid=${goQuote(uid)}, got ${goQuote(given)}`);
  const { kind = '', apiVersion = '' } = review as { kind?: string; apiVersion?: string };
  const wanted = formatApiVersion(group, 'v1');
  if (kind !== 'AdmissionReview' || apiVersion !== wanted) {
    const given = parseApiVersion(apiVersion);
    const got = `${given.group}/${given.version}, Kind=${kind}`;
    throw new Error(`expected webhook response of ${wanted}, Kind=AdmissionReview, got ${got}`);
  }
  const hasPatch = Boolean(patch);
  const hasType = patchType !== undefined && patchType !== null;
  if (!mutating) {
    if (hasPatch) throw new Error('validating webhook may not return response.patch');
    if (hasType) throw new Error('validating webhook may not return response.patchType');
    return;
  }
  if (hasPatch && !hasType) throw new Error('webhook returned response.patch but not response.patchType');
  if (!hasPatch && hasType) throw new Error('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
}
