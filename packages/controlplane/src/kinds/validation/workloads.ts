import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { checkImmutable, checkIntOrPercent, checkShare, countOf, type Errors, nonNegative } from './common.ts';
import { checkChosen, shownSelector, validateLastingTemplate, validateSelector } from './templates.ts';

// Deployments, and the sets of pods that are alike: ReplicaSets, DaemonSets.

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** The selector of a workload, its template, and that the one chooses the other. */
function validateReplicated(given: Loose, errors: Errors): void {
  const path = spec.child('selector');
  if (validateSelector(given.selector, 'deployment', path, errors)) {
    checkChosen(given.selector, given.template, template, errors);
    validateLastingTemplate(given.template, 'ReplicaSet', template, errors);
  } else errors.push(FieldError.invalid(path, shownSelector(given.selector), 'invalid label selector'));
}

export function validateDeployment(deployment: Loose): Errors {
  const errors: Errors = [];
  const given = deployment.spec ?? {};
  nonNegative(given.replicas, spec.child('replicas'), errors);
  validateReplicated(given, errors);
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
    const shown = internalStruct('apps/v1.DeploymentStrategy', strategy);
    if (strategy.rollingUpdate) shown.RollingUpdate = withoutNulls(shown.RollingUpdate);
    errors.push(FieldError.notSupported(path, shown, ['Recreate', 'RollingUpdate']));
    return;
  }
  const at = path.child('rollingUpdate');
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  checkIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
  checkIntOrPercent(maxSurge, at.child('maxSurge'), errors);
  if (countOf(maxUnavailable) === 0 && countOf(maxSurge) === 0) {
    const why = 'may not be 0 when `maxSurge` is 0';
    errors.push(FieldError.invalid(at.child('maxUnavailable'), maxUnavailable ?? 0, why));
  }
  checkShare(maxUnavailable, at.child('maxUnavailable'), errors);
}

/** Inside the server these are no pointers. */
function withoutNulls(shown: Loose): Loose {
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, value ?? 0]));
}

export function validateReplicaSet(set: Loose): Errors {
  const errors: Errors = [];
  nonNegative(set.spec?.replicas, spec.child('replicas'), errors);
  nonNegative(set.spec?.minReadySeconds, spec.child('minReadySeconds'), errors);
  validateReplicated(set.spec ?? {}, errors);
  return errors;
}

export function validateDaemonSet(set: Loose): Errors {
  const errors: Errors = [];
  const given = set.spec ?? {};
  const askable = !given.selector || validateSelector(given.selector, 'daemonset', spec.child('selector'), errors);
  if (askable) checkChosen(given.selector, given.template, template, errors);
  validateLastingTemplate(given.template, 'DaemonSet', template, errors);
  nonNegative(given.minReadySeconds, spec.child('minReadySeconds'), errors);
  validateDaemonStrategy(given.updateStrategy ?? {}, spec.child('updateStrategy'), errors);
  nonNegative(given.revisionHistoryLimit, spec.child('revisionHistoryLimit'), errors);
  return errors;
}

function validateDaemonStrategy(strategy: Loose, path: FieldPath, errors: Errors): void {
  const { type = '', rollingUpdate } = strategy;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    const shown = internalStruct('apps/v1.DaemonSetUpdateStrategy', strategy);
    if (rollingUpdate) shown.RollingUpdate = withoutNulls(shown.RollingUpdate);
    errors.push(FieldError.notSupported(path, shown, ['RollingUpdate', 'OnDelete']));
    return;
  }
  const at = path.child('rollingUpdate');
  if (!rollingUpdate) {
    errors.push(FieldError.required(at));
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
  checkIntOrPercent(maxSurge, at.child('maxSurge'), errors);
  checkShare(maxUnavailable, at.child('maxUnavailable'), errors);
  checkShare(maxSurge, at.child('maxSurge'), errors);
  if (countOf(maxUnavailable) !== 0 && countOf(maxSurge) !== 0) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(FieldError.invalid(at.child('maxSurge'), maxSurge, why));
  } else if (countOf(maxUnavailable) === 0 && countOf(maxSurge) === 0) {
    errors.push(FieldError.required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  }
}

/** The selector of a workload never changes. */
export function validateSelectorUpdate(object: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const selector = (one: Loose) => withoutNothing(shownSelector(one.spec?.selector));
  checkImmutable(selector(object), selector(old), spec.child('selector'), errors);
  return errors;
}

/** Go does not show an empty map. */
function withoutNothing(selector: Loose): Loose {
  if (!selector?.matchLabels || Object.keys(selector.matchLabels).length > 0) return selector;
  const { matchLabels: _, ...rest } = selector;
  return rest;
}
