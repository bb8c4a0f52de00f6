import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Selector } from '@setpoint/apimachinery/selectors';
import type { ServedResource } from '../registry/index.ts';
import { notFound } from '../status/index.ts';
import { type AdmissionAttributes, type GroupVersionKind, isNamespace } from '../verbs/index.ts';
import type { Rule } from './webhook/configuration.ts';

/** How a hook or a policy is to see a request: in its own version, or in an equivalent one. */
export interface Invocation {
  readonly resource: ServedResource;
  readonly kind: GroupVersionKind;
}

export interface MatchCriteria {
  readonly rules: readonly Rule[];
  readonly excludeRules?: readonly Rule[];
  readonly matchPolicy: 'Exact' | 'Equivalent';
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
  /** No rules at all match every request. */
  readonly matchesWithoutRules?: boolean;
}

/** What configures admission is never subject to it, so that nobody is locked out for good. */
export function isExempt({ kind }: AdmissionAttributes): boolean {
  return kind.group === 'admissionregistration.k8s.io' && exempt.has(kind.kind);
}

const exempt = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/**
 * Whether and how a request is subject to these criteria; undefined: not at all.
 * @throws StatusError 404 where the namespace is not there whose labels decide
 */
export function matchRequest(
  criteria: MatchCriteria,
  attributes: AdmissionAttributes,
  object: KubeObject | undefined = attributes.object,
): Invocation | undefined {
  const inNamespace = matchesNamespace(criteria.namespaceSelector, attributes);
  if (inNamespace === false) return undefined;
  if (!matchesObject(criteria.objectSelector, object, attributes.oldObject)) return undefined;
  if (criteria.excludeRules && matchRules(criteria.excludeRules, criteria.matchPolicy, attributes)) return undefined;
  const everything = criteria.matchesWithoutRules && criteria.rules.length === 0;
  const invocation = everything
    ? { resource: attributes.resource, kind: attributes.kind }
    : matchRules(criteria.rules, criteria.matchPolicy, attributes);
  if (invocation && inNamespace === 'missing') {
    throw notFound({ group: '', resource: 'namespaces' }, attributes.namespace);
  }
  return invocation;
}

function matchesNamespace(selector: Selector, attributes: AdmissionAttributes): boolean | 'missing' {
  const { namespace, resource } = attributes;
  if (namespace === '' && !isNamespace(resource)) return true;
  if (selector.empty) return true;
  const labels = namespaceLabels(attributes);
  return labels === undefined ? 'missing' : selector.matches(labels);
}

/** Those that a namespace is going to have, or those of the namespace that the object is in. */
function namespaceLabels(attributes: AdmissionAttributes): Readonly<Record<string, string>> | undefined {
  const { resource, subresource, operation, object } = attributes;
  if (isNamespace(resource) && subresource === '' && object && (operation === 'CREATE' || operation === 'UPDATE')) {
    return object.metadata.labels ?? {};
  }
  const namespace = namespaceObject(attributes);
  return namespace && (namespace.metadata.labels ?? {});
}

/** The namespace of the request as it is stored. */
export function namespaceObject({ backend, namespace }: AdmissionAttributes): KubeObject | undefined {
  return backend.store.collection('/namespaces').get(namespace)?.object;
}

function matchesObject(selector: Selector, object: KubeObject | undefined, old: KubeObject | undefined): boolean {
  if (selector.empty) return true;
  const matches = (one: KubeObject | undefined) =>
    one?.metadata !== undefined && selector.matches(one.metadata.labels ?? {});
  return matches(object) || matches(old);
}

function matchRules(
  rules: readonly Rule[],
  matchPolicy: 'Exact' | 'Equivalent',
  attributes: AdmissionAttributes,
): Invocation | undefined {
  const { resource, kind } = attributes;
  if (rules.some((rule) => matchesRule(rule, attributes, resource))) return { resource, kind };
  if (matchPolicy === 'Exact') return undefined;
  const equivalents = equivalentResources(attributes);
  for (const rule of rules) {
    const found = equivalents.find((one) => matchesRule(rule, attributes, one));
    // A subresource with a kind of its own has it in every version.
    if (found) return { resource: found, kind: kind === resource ? found : kind };
  }
  return undefined;
}

/** Other versions and groups under which the same objects are served. */
function equivalentResources({ backend, resource, subresource }: AdmissionAttributes): ServedResource[] {
  return backend.registry
    .list()
    .filter((one) => one !== resource && one.storageKey === resource.storageKey && has(one, subresource));
}

function has(resource: ServedResource, subresource: string): boolean {
  if (subresource === 'status') return resource.subresources.status;
  if (subresource === 'scale') return resource.subresources.scale !== undefined;
  return true;
}

function matchesRule(rule: Rule, attributes: AdmissionAttributes, resource: ServedResource): boolean {
  return (
    matchesScope(rule.scope, attributes, resource) &&
    contains(rule.operations, attributes.operation) &&
    contains(rule.apiGroups, resource.group) &&
    contains(rule.apiVersions, resource.version) &&
    rule.resources.some((one) => matchesResource(one, resource.resource, attributes.subresource)) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

function matchesScope(
  scope: string | undefined,
  { namespace }: AdmissionAttributes,
  resource: ServedResource,
): boolean {
  if (scope === undefined || scope === '*') return true;
  // Requests for a namespace carry its name as their namespace.
  const cluster = isNamespace(resource) || namespace === '';
  return scope === 'Cluster' ? cluster : scope === 'Namespaced' && !cluster;
}

function contains(items: readonly string[], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted);
}

/** Either part of `pods/status` may be a star; without a slash the object itself is meant. */
function matchesResource(pattern: string, resource: string, subresource: string): boolean {
  const slash = pattern.indexOf('/');
  const wanted = slash < 0 ? pattern : pattern.slice(0, slash);
  const part = slash < 0 ? '' : pattern.slice(slash + 1);
  return (wanted === '*' || wanted === resource) && (part === '*' || part === subresource);
}
