import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { parseFieldSelector, parseLabelSelector } from '@setpoint/apimachinery/selectors';
import type { Action, ActionRequest, MutableObject, UserInfo } from '../registry/index.ts';
import { badRequest, invalid } from '../status/index.ts';
import { type Attributes, attributesOf } from './attributes.ts';
import type { Authorizer } from './authorizer.ts';
import { validateSelectorAttributes } from './review-selectors.ts';

const apiVersion = 'authorization.k8s.io/v1';

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly { readonly key?: string; readonly operator?: string; readonly values?: string[] }[];
}

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly fieldSelector?: Selector;
  readonly labelSelector?: Selector;
}

interface ReviewSpec {
  readonly user?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

/** What answers the reviews of authorization.k8s.io, by the type of their bodies. */
export function accessReviews(authorizer: Authorizer): Readonly<Record<string, Action>> {
  return {
    'authorization.k8s.io/v1.SubjectAccessReview': {
      run: (review, request) =>
        answerReview(authorizer, review, request, userOf(review), [
          ...specErrors(review.spec ?? {}, true),
          ...metadataErrors(review, []),
        ]),
    },
    'authorization.k8s.io/v1.SelfSubjectAccessReview': {
      run: (review, request) =>
        answerReview(authorizer, review, request, request.user, [
          ...specErrors(review.spec ?? {}, false),
          ...metadataErrors(review, []),
        ]),
    },
    'authorization.k8s.io/v1.LocalSubjectAccessReview': {
      run: (review, request) => answerReview(authorizer, review, request, userOf(review), localErrors(review)),
    },
    'authorization.k8s.io/v1.SelfSubjectRulesReview': {
      run: (review, request) => rulesReview(authorizer, review, request),
    },
  };
}

async function answerReview(
  authorizer: Authorizer,
  review: MutableObject,
  request: ActionRequest,
  user: UserInfo,
  errors: readonly FieldError[],
): Promise<KubeObject> {
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  await request.validate();
  const { attributes, problems } = attributesOfSpec(user, review.spec as ReviewSpec);
  const { allowed, reason } = authorizer.authorize(attributes);
  review.status = {
    allowed,
    ...(reason === '' ? {} : { reason }),
    ...(problems.length === 0 ? {} : { evaluationError: problems.join('; ') }),
  };
  return review;
}

function userOf(review: MutableObject): UserInfo {
  const { user = '', uid, groups = [], extra } = (review.spec ?? {}) as ReviewSpec;
  return { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

function attributesOfSpec(
  user: UserInfo,
  { resourceAttributes: resource, nonResourceAttributes: path = {} }: ReviewSpec,
): { readonly attributes: Attributes; readonly problems: readonly string[] } {
  if (!resource) {
    const { verb = '' } = path;
    return { attributes: attributesOf({ user, verb, resourceRequest: false, path: path.path ?? '' }), problems: [] };
  }
  const { verb = '', namespace = '', group = '', version, name = '', subresource = '' } = resource;
  const selectors = readSelectors(resource);
  const about = { namespace, group, version: version || '*', resource: resource.resource ?? '', subresource, name };
  return { attributes: attributesOf({ user, verb, ...about, ...selectors.read }), problems: selectors.problems };
}

/** Rules name no selectors, so all that matters of them is whether they could be read. */
function readSelectors({ fieldSelector, labelSelector }: ResourceAttributes) {
  const problems: string[] = [];
  const partly = (name: string, some: boolean) =>
    problems.push(`spec.resourceAttributes.${name} ${some ? 'partially ' : ''}ignored due to parse error`);
  const read = (name: string, selector: Selector | undefined, parse: (text: string) => void, operators: Operators) => {
    if (!selector) return;
    const requirements = selector.requirements ?? [];
    const bad = requirements.filter((one) => !operators(one.operator ?? '', one.values ?? []));
    if (bad.length > 0) return partly(name, bad.length < requirements.length);
    try {
      if (selector.rawSelector) parse(selector.rawSelector);
    } catch {
      partly(name, false);
    }
  };
  read('fieldSelector', fieldSelector, parseFieldSelector, (operator, values) =>
    ['In', 'NotIn'].includes(operator) ? values.length === 1 : false,
  );
  read('labelSelector', labelSelector, parseLabelSelector, (operator) =>
    ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator),
  );
  const text = { fieldSelector: fieldSelector?.rawSelector ?? '', labelSelector: labelSelector?.rawSelector ?? '' };
  return { read: text, problems };
}

type Operators = (operator: string, values: readonly string[]) => boolean;

function specErrors(spec: ReviewSpec, ofSomebody: boolean): FieldError[] {
  const { resourceAttributes, nonResourceAttributes, user = '', groups = [] } = spec;
  const errors: FieldError[] = [];
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes';
    errors.push(FieldError.invalid('spec.nonResourceAttributes', inGo(nonResourceAttributes), why));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(FieldError.invalid('spec.resourceAttributes', null, why));
  }
  if (ofSomebody && user === '' && groups.length === 0) {
    errors.push(FieldError.invalid('spec.user', user, 'at least one of user or group must be specified'));
  }
  return [...errors, ...validateSelectorAttributes(resourceAttributes)];
}

/** The server shows its internal struct, whose members have Go's names. */
function inGo({ path = '', verb = '' }: NonNullable<ReviewSpec['nonResourceAttributes']>) {
  return { Path: path, Verb: verb };
}

function metadataErrors({ metadata }: MutableObject, allowed: readonly string[]): FieldError[] {
  const { managedFields: _managedFields, ...rest } = metadata as Record<string, unknown>;
  const said = Object.fromEntries(Object.entries(rest).filter(([name]) => !allowed.includes(name)));
  if (deepEqual(said, {})) return [];
  const why = allowed.length === 0 ? 'must be empty' : `must be empty except for ${allowed.join()}`;
  return [FieldError.invalid('metadata', metadata, why)];
}

function localErrors(review: MutableObject): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = (review.spec ?? {}) as ReviewSpec;
  const errors = [...specErrors(review.spec ?? {}, true), ...metadataErrors(review, ['namespace'])];
  const namespace = resourceAttributes?.namespace ?? '';
  if (resourceAttributes && namespace !== (review.metadata.namespace ?? '')) {
    errors.push(FieldError.invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'));
  }
  if (nonResourceAttributes) {
    const why = 'disallowed on this kind of request';
    errors.push(FieldError.invalid('spec.nonResourceAttributes', inGo(nonResourceAttributes), why));
  }
  return errors;
}

async function rulesReview(authorizer: Authorizer, review: MutableObject, request: ActionRequest): Promise<KubeObject> {
  const namespace = (review.spec as { namespace?: string } | undefined)?.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  await request.validate();
  const { rules, error } = authorizer.rulesFor(request.user, namespace);
  const resourceRules = rules
    .filter((rule) => (rule.resources?.length ?? 0) > 0)
    .map(({ verbs = [], apiGroups, resources, resourceNames }) => ({
      verbs,
      ...(apiGroups ? { apiGroups } : {}),
      resources,
      ...(resourceNames ? { resourceNames } : {}),
    }));
  const nonResourceRules = rules
    .filter((rule) => (rule.nonResourceURLs?.length ?? 0) > 0)
    .map(({ verbs = [], nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  const status = { resourceRules, nonResourceRules, incomplete: false, ...(error ? { evaluationError: error } : {}) };
  const answer = { kind: 'SelfSubjectRulesReview', apiVersion, metadata: {}, spec: {}, status };
  return answer;
}
