import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import type { Loose } from '../walk.ts';
import { checkIntOrPercent, checkSelector, checkShare, type Errors } from './common.ts';

const spec = FieldPath.of('spec');

export function validateLease(lease: Loose): Errors {
  const errors: Errors = [];
  const seconds = lease.spec?.leaseDurationSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.push(FieldError.invalid(spec.child('leaseDurationSeconds'), seconds, 'must be greater than 0'));
  }
  const transitions = lease.spec?.leaseTransitions;
  if (transitions !== undefined && transitions < 0) {
    errors.push(FieldError.invalid(spec.child('leaseTransitions'), transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function validateBudget(budget: Loose): Errors {
  const errors: Errors = [];
  const { minAvailable, maxUnavailable, selector } = budget.spec ?? {};
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(
      FieldError.invalid(spec, budgetInGo(budget.spec), 'minAvailable and maxUnavailable cannot be both set'),
    );
  }
  if (minAvailable !== undefined) checkIntOrPercent(minAvailable, spec.child('minAvailable'), errors);
  if (maxUnavailable !== undefined) checkIntOrPercent(maxUnavailable, spec.child('maxUnavailable'), errors);
  checkShare(minAvailable, spec.child('minAvailable'), errors);
  checkShare(maxUnavailable, spec.child('maxUnavailable'), errors);
  if (selector) checkSelector(selector, spec.child('selector'), errors);
  return errors;
}

/** The server shows its internal struct, whose members have Go's names. */
function budgetInGo({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: Loose) {
  return {
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  };
}
