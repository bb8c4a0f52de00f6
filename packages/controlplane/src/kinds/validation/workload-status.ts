import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import type { Loose } from '../walk.ts';
import { type Errors, nonNegative } from './common.ts';

const status = FieldPath.of('status');

/** Counts must not be negative, and parts not more than the whole. */
function validateCounts(object: Loose, counts: readonly string[], parts: readonly string[], readyText: string): Errors {
  const errors: Errors = [];
  const given = object.status ?? {};
  const count = (name: string): number => given[name] ?? 0;
  const invalid = (name: string, why: string) => errors.push(FieldError.invalid(status.child(name), count(name), why));
  for (const name of ['replicas', 'observedGeneration', ...counts, ...parts]) {
    nonNegative(given[name], status.child(name), errors);
  }
  for (const name of parts) {
    if (count(name) > count('replicas')) invalid(name, 'cannot be greater than status.replicas');
  }
  if (count('availableReplicas') > count('readyReplicas')) invalid('availableReplicas', readyText);
  return errors;
}

export function validateDeploymentStatus(deployment: Loose, old: Loose): Errors {
  const counts = ['unavailableReplicas', 'terminatingReplicas', 'collisionCount'];
  const parts = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];
  const errors = validateCounts(deployment, counts, parts, 'cannot be greater than readyReplicas');
  const [now, before] = [deployment.status?.collisionCount ?? 0, old.status?.collisionCount ?? 0];
  if (now < before) errors.push(FieldError.invalid(status.child('collisionCount'), now, 'cannot be decremented'));
  return errors;
}

export function validateReplicaSetStatus(set: Loose): Errors {
  const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
  return validateCounts(set, ['terminatingReplicas'], parts, 'cannot be greater than readyReplicas');
}

export function validateStatefulSetStatus(set: Loose, old: Loose): Errors {
  const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  const errors = validateCounts(set, ['collisionCount'], parts, 'cannot be greater than status.readyReplicas');
  const [now, before] = [set.status?.collisionCount ?? 0, old.status?.collisionCount ?? 0];
  if (now < before) errors.push(FieldError.invalid(status.child('collisionCount'), now, 'cannot be decremented'));
  return errors;
}
