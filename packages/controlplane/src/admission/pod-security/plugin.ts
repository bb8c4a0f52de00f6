import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { forbidden, internalError, invalid } from '../../status/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import { namespaceObject } from '../match.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { warningsOfNamespace } from './namespace.ts';
import type { Container, PodLike } from './pod.ts';
import { compareLevels, equalStandards, formatStandard, type Policy, policyOf, type Standard } from './policy.ts';
import { detailsOf, violationsOf } from './standards.ts';

const annotation = 'pod-security.kubernetes.io/';

/** Where kinds keep the pod, or the template of one. */
const templates: Readonly<Record<string, readonly string[]>> = {
  '/pods': [],
  '/podtemplates': ['template'],
  '/replicationcontrollers': ['spec', 'template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
};

const ignoredSubresources: readonly string[] = [
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
];

/**
 * The Pod Security Standards as the labels of namespaces ask for them: pods that violate what is enforced are refused;
 * of what violates what is warned of, the template of a pod too, its writer is told.
 */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  handles({ group, resource, subresource, operation }) {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
    if (group === '' && resource === 'pods') return !ignoredSubresources.includes(subresource);
    const isNamespace = group === '' && resource === 'namespaces';
    return subresource === '' && (isNamespace || Object.hasOwn(templates, `${group}/${resource}`));
  },
  validate(attributes) {
    const { object, resource } = attributes;
    if (!object) return undefined;
    if (resource.group === '' && resource.resource === 'namespaces') validateNamespace(attributes, object);
    else if (resource.group === '' && resource.resource === 'pods') validatePod(attributes, object);
    else validateTemplate(attributes, object);
    return undefined;
  },
};

function validateNamespace(attributes: AdmissionAttributes, object: KubeObject): void {
  const { name, oldObject, resource } = attributes;
  const { policy, errors } = policyOf(object.metadata.labels);
  const old = oldObject && policyOf(oldObject.metadata.labels);
  const wrong = errors.length > 0 && (!old || String(errors) !== String(old.errors));
  if (wrong) throw invalid(resource, name, errors);
  if (!old) return;
  const [before, after] = [old.policy.enforce, policy.enforce];
  if (after.level === 'privileged' || equalStandards(before, after)) return;
  if (before.version === after.version && compareLevels(after.level, before.level) <= 0) return;
  for (const text of warningsOfNamespace(attributes.backend.store, name, after)) attributes.warn(text);
}

function policyFor(attributes: AdmissionAttributes): { readonly policy: Policy; readonly error: string } | undefined {
  const namespace = namespaceObject(attributes);
  if (!namespace) return undefined;
  const { policy, errors } = policyOf(namespace.metadata.labels);
  const texts = errors.map(String);
  return { policy, error: texts.length > 1 ? `[${texts.join(', ')}]` : texts.join() };
}

function validatePod(attributes: AdmissionAttributes, object: KubeObject): void {
  const found = policyFor(attributes);
  if (!found) throw internalError(`failed to lookup namespace ${goQuote(attributes.namespace)}`);
  const { policy, error } = found;
  const isOpen = [policy.enforce, policy.audit, policy.warn].every(({ level }) => level === 'privileged');
  if (error === '' && isOpen) {
    attributes.annotate(`${annotation}enforce-policy`, 'privileged:latest');
    return;
  }
  const pod = object as KubeObject & PodLike;
  const old = attributes.oldObject as (KubeObject & PodLike) | undefined;
  if (old && !isSignificant(pod, old)) return;
  attributes.annotate(`${annotation}enforce-policy`, formatStandard(policy.enforce));
  const refusal = said('violates', policy.enforce, pod);
  tell(attributes, policy, error, pod, refusal === undefined);
  if (refusal !== undefined) throw forbidden(attributes.resource, attributes.name, refusal);
}

function validateTemplate(attributes: AdmissionAttributes, object: KubeObject): void {
  const found = policyFor(attributes);
  if (!found) return;
  const { policy, error } = found;
  if (error === '' && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
  const { group, resource } = attributes.resource;
  let template: unknown = object;
  for (const member of templates[`${group}/${resource}`] ?? []) {
    template = (template as Readonly<Record<string, unknown>> | undefined)?.[member];
  }
  const pod = template as PodLike | undefined;
  if (pod) tell(attributes, policy, error, { ...pod, spec: pod.spec ?? {} }, true);
}

/** What does not end the request. */
function tell(attributes: AdmissionAttributes, policy: Policy, error: string, pod: PodLike, warns: boolean): void {
  if (error !== '') attributes.annotate(`${annotation}error`, `Failed to parse policy: ${error}`);
  const audited = said('would violate', policy.audit, pod);
  if (audited !== undefined) attributes.annotate(`${annotation}audit-violations`, audited);
  const warning = warns ? said('would violate', policy.warn, pod) : undefined;
  if (warning !== undefined) attributes.warn(warning);
}

function said(verb: string, standard: Standard, pod: PodLike): string | undefined {
  const violations = violationsOf(standard, pod);
  if (violations.length === 0) return undefined;
  return `${verb} PodSecurity ${goQuote(formatStandard(standard))}: ${detailsOf(violations)}`;
}

/** Of what the standards are about, only images and further containers can come later. */
function isSignificant({ spec }: PodLike, { spec: old }: PodLike): boolean {
  const changed = (now: readonly Container[] = [], before: readonly Container[] = []) =>
    now.length !== before.length || now.some(({ image }, index) => image !== before[index]?.image);
  if (changed(spec.containers, old.containers) || changed(spec.initContainers, old.initContainers)) return true;
  const before = new Map((old.ephemeralContainers ?? []).map((one) => [one.name, one]));
  return (spec.ephemeralContainers ?? []).some(
    ({ name, image }) => !before.has(name) || before.get(name)?.image !== image,
  );
}
