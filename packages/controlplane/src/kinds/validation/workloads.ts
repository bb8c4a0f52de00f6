import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import { qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { canonicalStruct } from '../canonical.ts';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkIntOrPercent, checkSelector, type Errors, nonNegative, percentOf, selects } from './common.ts';
import { cronProblem } from './cron.ts';
import { validatePodSpec } from './pods.ts';

const spec = FieldPath.of('spec');

/** The selector of a workload, and that its template's labels satisfy it. */
function validateSelection(object: Loose, kind: string, errors: Errors): void {
  const { selector, template } = object.spec ?? {};
  const path = spec.child('selector');
  if (!selector) {
    errors.push(FieldError.required(path));
  } else {
    checkSelector(selector, path, errors);
    if (isEmpty(selector.matchLabels) && isEmpty(selector.matchExpressions)) {
      errors.push(FieldError.invalid(path, shown(selector), `empty selector is invalid for ${kind}`));
    }
  }
  const labels = template?.metadata?.labels ?? {};
  const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
  const expressions: readonly Loose[] = selector?.matchExpressions ?? [];
  if (expressions.some((one) => !operators.includes(one.operator) || qualifiedName(one.key ?? '').length > 0)) {
    errors.push(FieldError.invalid(path, shown(selector), 'invalid label selector'));
    return;
  }
  const selectsAll = selector && isEmpty(selector.matchLabels) && expressions.length === 0;
  if (!selectsAll && !(selector && selects(selector, labels))) {
    const at = spec.child('template', 'metadata', 'labels');
    const why = '`selector` does not match template `labels`';
    errors.push(FieldError.invalid(at, template?.metadata?.labels ?? null, why));
  }
}

/** A selector as messages show it. */
function shown(selector: Loose): unknown {
  return canonicalStruct('meta/v1.LabelSelector', selector);
}

function validateTemplate(object: Loose, owner: string, errors: Errors): void {
  const path = spec.child('template', 'spec');
  const template = object.spec?.template?.spec ?? {};
  validatePodSpec(template, path, errors);
  if (template.restartPolicy && template.restartPolicy !== 'Always') {
    errors.push(FieldError.notSupported(path.child('restartPolicy'), template.restartPolicy, ['Always']));
  }
  if (template.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${owner} is not Supported`;
    errors.push(FieldError.forbidden(path.child('activeDeadlineSeconds'), why));
  }
}

export function validateDeployment(deployment: Loose): Errors {
  const errors: Errors = [];
  const given = deployment.spec ?? {};
  nonNegative(given.replicas, spec.child('replicas'), errors);
  validateSelection(deployment, 'deployment', errors);
  validateTemplate(deployment, 'ReplicaSet', errors);
  validateStrategy(given.strategy ?? {}, spec.child('strategy'), errors);
  nonNegative(given.minReadySeconds, spec.child('minReadySeconds'), errors);
  nonNegative(given.revisionHistoryLimit, spec.child('revisionHistoryLimit'), errors);
  const deadline = given.progressDeadlineSeconds;
  if (deadline !== undefined) {
    nonNegative(deadline, spec.child('progressDeadlineSeconds'), errors);
    if (deadline <= (given.minReadySeconds ?? 0)) {
      const why = 'must be greater than minReadySeconds';
      errors.push(FieldError.invalid(spec.child('progressDeadlineSeconds'), deadline, why));
    }
  }
  return errors;
}

function validateStrategy(strategy: Loose, path: FieldPath, errors: Errors): void {
  if (strategy.type === 'Recreate') {
    if (strategy.rollingUpdate) {
      const why = "may not be specified when strategy `type` is 'Recreate'";
      errors.push(FieldError.forbidden(path.child('rollingUpdate'), why));
    }
    return;
  }
  if (strategy.type !== 'RollingUpdate') {
    const shown = { Type: strategy.type, RollingUpdate: strategy.rollingUpdate ?? null };
    errors.push(FieldError.notSupported(path, shown, ['Recreate', 'RollingUpdate']));
    return;
  }
  const at = path.child('rollingUpdate');
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  if (maxUnavailable !== undefined) checkIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
  if (maxSurge !== undefined) checkIntOrPercent(maxSurge, at.child('maxSurge'), errors);
  const zero = (value: Loose) => value === 0 || percentOf(value) === 0;
  if (zero(maxUnavailable) && zero(maxSurge)) {
    errors.push(FieldError.invalid(at.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  if ((percentOf(maxUnavailable) ?? 0) > 100) {
    errors.push(FieldError.invalid(at.child('maxUnavailable'), maxUnavailable, 'must not be greater than 100%'));
  }
}

export function validateReplicaSet(set: Loose): Errors {
  const errors: Errors = [];
  nonNegative(set.spec?.replicas, spec.child('replicas'), errors);
  nonNegative(set.spec?.minReadySeconds, spec.child('minReadySeconds'), errors);
  validateSelection(set, 'deployment', errors);
  validateTemplate(set, 'ReplicaSet', errors);
  return errors;
}

/** A PodTemplate is checked as a pod is, whatever its restart policy. */
export function validatePodTemplate(template: Loose): Errors {
  const errors: Errors = [];
  validatePodSpec(template.template?.spec ?? {}, FieldPath.of('template', 'spec'), errors);
  return errors;
}

export function validateReplicationController(controller: Loose): Errors {
  const errors: Errors = [];
  const { selector, template, replicas } = controller.spec ?? {};
  nonNegative(replicas, spec.child('replicas'), errors);
  if (isEmpty(selector)) errors.push(FieldError.required(spec.child('selector')));
  if (!template) errors.push(FieldError.required(spec.child('template')));
  else {
    if (!isEmpty(selector) && !selects({ matchLabels: selector }, template.metadata?.labels ?? {})) {
      const why = '`selector` does not match template `labels`';
      const labels = template.metadata?.labels ?? null;
      errors.push(FieldError.invalid(spec.child('template', 'metadata', 'labels'), labels, why));
    }
    validateTemplate(controller, 'ReplicationController', errors);
  }
  return errors;
}

export function validateDaemonSet(set: Loose): Errors {
  const errors: Errors = [];
  validateSelection(set, 'daemonset', errors);
  validateTemplate(set, 'DaemonSet', errors);
  nonNegative(set.spec?.minReadySeconds, spec.child('minReadySeconds'), errors);
  return errors;
}

export function validateStatefulSet(set: Loose): Errors {
  const errors: Errors = [];
  nonNegative(set.spec?.replicas, spec.child('replicas'), errors);
  nonNegative(set.spec?.minReadySeconds, spec.child('minReadySeconds'), errors);
  validateSelection(set, 'statefulset', errors);
  validateTemplate(set, 'StatefulSet', errors);
  return errors;
}

/** The selector of a workload never changes. */
export function validateSelectorUpdate(object: Loose, old: Loose): Errors {
  if (sameSelector(object, old)) return [];
  return [FieldError.invalid(spec.child('selector'), object.spec?.selector ?? null, 'field is immutable')];
}

function sameSelector(object: Loose, old: Loose): boolean {
  return deepEqual(object.spec?.selector ?? null, old.spec?.selector ?? null);
}

const statefulSetWhy =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const statefulSetMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSetUpdate(set: Loose, old: Loose): Errors {
  const fixed = ({ spec: given }: Loose) => {
    const copy = canonicalStruct('apps/v1.StatefulSetSpec', given ?? {});
    for (const name of statefulSetMutable) delete copy[name];
    return copy;
  };
  return deepEqual(fixed(set), fixed(old)) ? [] : [FieldError.forbidden(spec, statefulSetWhy)];
}

export function validateJob(job: Loose): Errors {
  const errors: Errors = [];
  validateGeneratedSelector(job, errors);
  validateJobSpec(job.spec ?? {}, spec, errors);
  if (job.spec?.selector && job.metadata.uid) {
    checkSelector(job.spec.selector, spec.child('selector'), errors);
    const labels = job.spec.template?.metadata?.labels ?? {};
    if (!selects(job.spec.selector, labels)) {
      const at = spec.child('template', 'metadata', 'labels');
      errors.push(FieldError.invalid(at, sortedKeys(labels), '`selector` does not match template `labels`'));
    }
  }
  return errors;
}

/** Without a manual selector the server makes one, and nothing may be added to it. */
function validateGeneratedSelector(job: Loose, errors: Errors): void {
  const { selector, manualSelector } = job.spec ?? {};
  if (manualSelector || !selector || !job.metadata.uid) return;
  const expected = { 'batch.kubernetes.io/controller-uid': job.metadata.uid };
  const { matchLabels, matchExpressions } = selector;
  if (deepEqual(matchLabels, expected) && !matchExpressions?.length) return;
  const value = { ...selector, matchLabels: sortedKeys(matchLabels ?? {}) };
  errors.push(FieldError.invalid(spec.child('selector'), value, '`selector` not auto-generated'));
}

function sortedKeys(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareBytes(a, b)));
}

const completionModes = ['NonIndexed', 'Indexed'];

function validateJobSpec(job: Loose, path: FieldPath, errors: Errors): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
  ]) {
    nonNegative(job[name], path.child(name), errors);
  }
  if (job.completionMode !== undefined && !completionModes.includes(job.completionMode)) {
    errors.push(FieldError.notSupported(path.child('completionMode'), job.completionMode, completionModes));
  }
  if (job.completionMode === 'Indexed' && job.completions === undefined) {
    const why = 'when completion mode is Indexed';
    errors.push(FieldError.required(path.child('completions'), why));
  }
  const template = path.child('template', 'spec');
  const pod = job.template?.spec ?? {};
  validatePodSpec(pod, template, errors);
  if (pod.restartPolicy === 'Always') {
    const at = template.child('restartPolicy');
    errors.push(new FieldError('FieldValueRequired', at, '', 'valid values: "OnFailure", "Never"'));
  }
}

export function validateJobUpdate(job: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const fixed = (name: string, same: boolean) => {
    if (!same) errors.push(FieldError.invalid(spec.child(name), job.spec[name] ?? null, 'field is immutable'));
  };
  const indexed = job.spec.completionMode === 'Indexed' && job.spec.completions === job.spec.parallelism;
  fixed('completions', indexed || deepEqual(job.spec.completions ?? null, old.spec.completions ?? null));
  fixed('selector', deepEqual(job.spec.selector ?? null, old.spec.selector ?? null));
  if (!old.spec.suspend) {
    const template = (one: Loose) => canonicalStruct('core/v1.PodTemplateSpec', one.spec.template ?? {});
    fixed('template', deepEqual(template(job), template(old)));
  }
  fixed('completionMode', job.spec.completionMode === old.spec.completionMode);
  return errors;
}

function timeZoneProblem(zone: string): string | undefined {
  if (zone === '') return 'timeZone must be nil or non-empty string';
  if (zone.toLowerCase() === 'local') {
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return undefined;
  } catch {
    return `unknown time zone ${zone}`;
  }
}

export function validateCronJob(job: Loose): Errors {
  const errors: Errors = [];
  const given = job.spec ?? {};
  const path = spec.child('schedule');
  if (!given.schedule) errors.push(FieldError.required(path));
  else {
    const problem = cronProblem(given.schedule);
    if (problem) errors.push(FieldError.invalid(path, given.schedule, problem));
    if (given.schedule.includes('TZ')) {
      const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
      errors.push(FieldError.invalid(path, given.schedule, why));
    }
  }
  if (given.timeZone !== undefined) {
    const problem = timeZoneProblem(given.timeZone);
    if (problem) errors.push(FieldError.invalid(spec.child('timeZone'), given.timeZone, problem));
  }
  nonNegative(given.startingDeadlineSeconds, spec.child('startingDeadlineSeconds'), errors);
  nonNegative(given.successfulJobsHistoryLimit, spec.child('successfulJobsHistoryLimit'), errors);
  nonNegative(given.failedJobsHistoryLimit, spec.child('failedJobsHistoryLimit'), errors);
  if (job.metadata.name?.length > 52) {
    errors.push(FieldError.invalid('metadata.name', job.metadata.name, 'must be no more than 52 characters'));
  }
  validateJobSpec(given.jobTemplate?.spec ?? {}, spec.child('jobTemplate', 'spec'), errors);
  return errors;
}
