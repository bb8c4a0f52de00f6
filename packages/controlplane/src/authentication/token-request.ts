import type { Clock, Random } from '@setpoint/apimachinery/clock';
import { FieldError } from '@setpoint/apimachinery/errors';
import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import type { Action, ActionRequest, MutableObject } from '../registry/index.ts';
import { badRequest, conflict, invalid, notFound } from '../status/index.ts';
import type { Store } from '../store/index.ts';
import type { Reference } from './service-account.ts';
import type { ServiceAccountTokens } from './tokens.ts';

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** What a kubelet asks for. A token of that length stays good for a year, and its use is noted once the time is over. */
const lengthThatIsExtended = 60 * 60 + 7;
const extendedLength = 365 * 24 * 60 * 60;

export interface TokenRequestOptions {
  readonly tokens: ServiceAccountTokens;
  readonly store: () => Store;
  readonly clock: Clock;
  readonly random: Random;
  newUid(random: Random): string;
}

interface Spec {
  audiences?: readonly string[];
  expirationSeconds?: number;
  boundObjectRef?: {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly name?: string;
    readonly uid?: string;
  } | null;
}

/** POST of `serviceaccounts/x/token`. */
export function tokenRequest(options: TokenRequestOptions): Action {
  return { keepsSystemFields: true, run: (body, request) => answer(options, body, request) };
}

async function answer(options: TokenRequestOptions, body: MutableObject, request: ActionRequest): Promise<KubeObject> {
  const { tokens, clock } = options;
  const { name, namespace } = request;
  const metadata = body.metadata as { name?: string; namespace?: string; uid?: string; creationTimestamp?: string };
  refuseOtherTarget(metadata, request);
  const account = options.store().collection('/serviceaccounts').get(`${namespace}/${name}`)?.object;
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name);
  const uid = account.metadata.uid ?? '';
  if (metadata.uid && metadata.uid !== uid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
    throw conflict({ group: kind.group, resource: kind.kind }, name, why);
  }
  const spec = (body.spec ?? {}) as Spec;
  const audiences = spec.audiences?.length ? spec.audiences : tokens.audiences;
  const { expirationSeconds = 3600 } = spec;
  const now = Math.floor(clock.now() / 1000);
  refuseLength(expirationSeconds);
  Object.assign(metadata, { name, namespace, uid, creationTimestamp: timestamp(now) });
  await request.validate();
  const bound = boundObject(options.store(), spec, request);
  const extended =
    bound.pod && expirationSeconds === lengthThatIsExtended && audiences.every((one) => tokens.audiences.includes(one));
  const token = tokens.issue({
    namespace,
    account: { name, uid },
    ...bound,
    audiences,
    expiresIn: extended ? extendedLength : expirationSeconds,
    ...(extended ? { warnAfter: expirationSeconds } : {}),
    id: issueId(options, request),
  });
  const { boundObjectRef = null } = spec;
  return {
    kind: kind.kind,
    apiVersion: `${kind.group}/v1`,
    metadata: body.metadata,
    spec: { audiences, expirationSeconds, boundObjectRef },
    status: { token, expirationTimestamp: timestamp(now + expirationSeconds) },
  } as MutableObject;
}

function issueId({ random, newUid }: TokenRequestOptions, request: ActionRequest): string {
  const id = newUid(random);
  request.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`);
  return id;
}

function refuseOtherTarget(
  metadata: { readonly name?: string; readonly namespace?: string },
  { name, namespace }: ActionRequest,
): void {
  const refuse = (field: 'name' | 'namespace') => {
    const why = `must match the service account ${field} if specified`;
    throw invalid(kind, name, [FieldError.invalid(`metadata.${field}`, metadata[field], why)]);
  };
  if (metadata.name && metadata.name !== name) refuse('name');
  if (metadata.namespace && metadata.namespace !== namespace) refuse('namespace');
}

function refuseLength(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const refuse = (why: string) => {
    throw invalid(kind, '', [FieldError.invalid(field, seconds, why)]);
  };
  if (seconds < 600) refuse('may not specify a duration less than 10 minutes');
  if (seconds > 2 ** 32) refuse('may not specify a duration larger than 2^32 seconds');
}

interface Bound {
  readonly pod?: Reference;
  readonly secret?: Reference;
  readonly node?: Partial<Reference>;
}

/** What the token ends with. */
function boundObject(
  store: Store,
  { boundObjectRef: wanted }: Spec,
  { name: account, namespace }: ActionRequest,
): Bound {
  if (!wanted) return {};
  const { kind: word = '', apiVersion = '', name = '', uid = '' } = wanted;
  const { group, version } = parseApiVersion(apiVersion);
  const find = (resource: string, key: string) => {
    const object = store.collection(`/${resource}`).get(key)?.object;
    if (!object) throw notFound({ group: '', resource }, name);
    return object;
  };
  const checked = (object: KubeObject): Reference => {
    const actual = object.metadata.uid ?? '';
    if (uid !== '' && uid !== actual) {
      const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
      throw conflict({ group: '', resource: word }, name, why);
    }
    return { name, uid: actual };
  };
  if (group === '' && word === 'Secret') return { secret: checked(find('secrets', `${namespace}/${name}`)) };
  if (group === '' && word === 'Node') return { node: checked(find('nodes', name)) };
  if (group !== '' || word !== 'Pod') {
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${word}`);
  }
  const pod = find('pods', `${namespace}/${name}`) as KubeObject & {
    readonly spec?: { readonly serviceAccountName?: string; readonly nodeName?: string };
  };
  if (pod.spec?.serviceAccountName !== account) {
    const why = `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`;
    throw badRequest(why);
  }
  const { nodeName } = pod.spec;
  const nodeUid = nodeName ? store.collection('/nodes').get(nodeName)?.object.metadata.uid : undefined;
  const node = nodeName ? { node: { name: nodeName, ...(nodeUid ? { uid: nodeUid } : {}) } } : {};
  return { pod: checked(pod), ...node };
}

function timestamp(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
