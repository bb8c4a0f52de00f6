import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkSelector, type Errors } from './common.ts';

const spec = FieldPath.of('spec');
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export function validateClaim(claim: Loose): Errors {
  return validateClaimSpec(claim.spec ?? {}, spec);
}

export function validateClaimSpec(claim: Loose, path: FieldPath): Errors {
  const errors: Errors = [];
  if (isEmpty(claim.accessModes)) {
    errors.push(FieldError.required(path.child('accessModes'), 'at least 1 access mode is required'));
  }
  const known = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
  for (const mode of claim.accessModes ?? []) {
    if (!known.includes(mode)) errors.push(FieldError.notSupported(path.child('accessModes'), mode, known));
  }
  if (claim.selector) checkSelector(claim.selector, path.child('selector'), errors);
  const storage = claim.resources?.requests?.storage;
  const at = path.child('resources').key('storage');
  if (storage === undefined) errors.push(FieldError.required(at));
  else checkPositive(storage, path.child('resources').key('storage'), errors);
  return errors;
}

function checkPositive(quantity: string, path: FieldPath, errors: Errors): void {
  if (compareQuantities(parseQuantity(quantity), parseQuantity('0')) <= 0) {
    errors.push(FieldError.invalid(path, quantity, 'must be greater than zero'));
  }
}

export function validateClaimUpdate(claim: Loose, old: Loose): Errors {
  const errors: Errors = [];
  if (!deepEqual(comparable(claim.spec, claim, old), comparable(old.spec, claim, old))) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(FieldError.forbidden(spec, why));
  }
  const size = (quantity: string | undefined) => parseQuantity(quantity ?? '0');
  const before = size(old.spec.resources?.requests?.storage);
  const after = size(claim.spec.resources?.requests?.storage);
  const got = size(old.status?.capacity?.storage);
  if (compareQuantities(after, before) < 0 && compareQuantities(after, got) <= 0) {
    const path = spec.child('resources').child('requests').child('storage');
    errors.push(FieldError.forbidden(path, 'field can not be less than status.capacity'));
  }
  return errors;
}

/** Without what may change: the volume once, the class where none was said, sizes of a bound claim. */
function comparable(given: Loose, claim: Loose, old: Loose): Loose {
  const { volumeName, storageClassName, resources, volumeAttributesClassName, ...rest } = given;
  const isBound = claim.status?.phase === 'Bound';
  const hadClass = old.spec.storageClassName !== undefined || old.metadata?.annotations?.[classAnnotation];
  const { requests, ...otherResources } = resources ?? {};
  const { storage: _, ...otherRequests } = requests ?? {};
  return {
    ...rest,
    ...(old.spec.volumeName ? { volumeName } : {}),
    ...(hadClass ? { storageClassName } : {}),
    resources: otherResources,
    requests: isBound ? otherRequests : requests,
    ...(isBound ? {} : { volumeAttributesClassName }),
  };
}

export function validateVolume(volume: Loose): Errors {
  const errors: Errors = [];
  if (isEmpty(volume.spec?.accessModes)) errors.push(FieldError.required(spec.child('accessModes')));
  const capacity = volume.spec?.capacity;
  const path = spec.child('capacity');
  if (isEmpty(capacity)) errors.push(FieldError.required(path));
  if (!capacity?.storage || Object.keys(capacity).length > 1) {
    errors.push(FieldError.notSupported(path, capacity ?? null, ['storage']));
  }
  return errors;
}
