import { missingRule } from '../errors/index.ts';
import type { Access, ResourceAccess } from './access.ts';

/** What of an Event of audit.k8s.io/v1 says who asked for what; every level but `None` has it. */
export interface RecordedRequest {
  /** `RequestReceived`, `ResponseStarted`, `ResponseComplete` or `Panic`. */
  readonly stage?: string | undefined;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string | undefined };
  /** Whom it was to be taken to come from. */
  readonly impersonatedUser?: { readonly username?: string | undefined } | undefined;
  /** Missing for paths that name no resource. */
  readonly objectRef?:
    | {
        readonly resource?: string | undefined;
        readonly subresource?: string | undefined;
        readonly apiGroup?: string | undefined;
        readonly namespace?: string | undefined;
        readonly name?: string | undefined;
      }
    | undefined;
  /** Missing before there is an answer. */
  readonly responseStatus?:
    | {
        readonly code?: number | undefined;
        readonly message?: string | undefined;
        readonly reason?: string | undefined;
      }
    | undefined;
  /** `authorization.k8s.io/decision` and `authorization.k8s.io/reason` among them. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Whose rights a request took: those of whom it was to be taken to come from. Undefined: nobody knows. */
export function actorOf({ user, impersonatedUser }: RecordedRequest): string | undefined {
  return impersonatedUser?.username ?? user.username;
}

const decision = 'authorization.k8s.io/decision';

/** To all who are known, as the roles that a cluster begins with say: no role of an operator needs to. */
const openPaths = /^\/(?:api|apis|openapi|healthz|livez|readyz|version)(?:\/|$)/;
const openReviews = /^selfsubject(?:accessreviews|rulesreviews|reviews)$/;
const toEverybody = /to Group "system:(?:authenticated|unauthenticated|serviceaccounts)"$/;
/** Asked to notice that another cluster is there; an operator that may not know does without. */
const dispensable = (access: ResourceAccess) => access.resource === 'namespaces' && access.name === 'kube-system';
/** Over WebSockets these are a `get`, and the server asks for the right to create them, too. */
const streams = /^pods\/(?:exec|attach|portforward)$/;

/**
 * What a request took, beyond what everybody may: usually one access; two for an apply that made its object, which is
 * a patch and a creation, and for a watch; and what was missing where it was refused. Empty, too, for requests of which nothing can be
 * said, such as one that nobody could be found for, and for the refused one that an operator does without.
 */
export function accessesOf(request: RecordedRequest): readonly Access[] {
  const { verb, objectRef, requestURI, responseStatus, annotations = {} } = request;
  if (toEverybody.test(annotations['authorization.k8s.io/reason'] ?? '')) return [];
  if (!objectRef?.resource) {
    const [path = ''] = requestURI.split('?');
    return openPaths.test(path) ? [] : [{ verb, path }];
  }
  const { resource: plural, subresource, apiGroup: group = '', name } = objectRef;
  if (openReviews.test(plural)) return [];
  const resource = subresource ? `${plural}/${subresource}` : plural;
  // A Namespace is taken to be in itself.
  const namespace = plural === 'namespaces' ? undefined : objectRef.namespace || undefined;
  const named = verb === 'create' && !subresource ? undefined : name;
  const access = { verb, group, resource, ...(namespace ? { namespace } : {}), ...(named ? { name: named } : {}) };
  if (responseStatus?.code === 403 && dispensable(access)) return [];
  const accesses: ResourceAccess[] = [access];
  if (responseStatus?.code === 201 && (verb === 'patch' || verb === 'update')) accesses.push(creation(access));
  // Who watches lists, too, where a watch cannot go on from where it ended.
  if (verb === 'watch') accesses.push({ ...access, verb: 'list' });
  if (verb === 'get' && streams.test(resource)) accesses.push({ ...access, verb: 'create' });
  const refused = refusal(request);
  if (refused && !accesses.some((one) => one.verb === refused.verb && one.resource === refused.resource))
    accesses.push(refused);
  return accesses;
}

/** An apply that makes its object asks for its creation, and names it; nothing else can be restricted to names there. */
function creation(access: ResourceAccess): ResourceAccess {
  return { ...access, verb: 'create' };
}

/** What was refused for want of a rule, by the authorizer or by an admission plugin that asked it; empty: nothing was. */
export function refusedAccesses(request: RecordedRequest): readonly Access[] {
  const refused = refusal(request);
  if (!refused && request.annotations?.[decision] !== 'forbid') return [];
  const accesses = accessesOf(request);
  return refused && accesses.length > 0 ? [refused] : accesses;
}

/** What a refusal says that it takes. */
function refusal({ responseStatus }: RecordedRequest): ResourceAccess | undefined {
  if (responseStatus?.code !== 403) return undefined;
  const rule = missingRule(responseStatus.message ?? '');
  if (!rule) return undefined;
  const { verb, group, resource, namespace } = rule;
  return { verb, group, resource, ...(namespace === undefined || resource === 'namespaces' ? {} : { namespace }) };
}
