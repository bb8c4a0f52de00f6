import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, checkImmutable, checkSelector, type Errors } from './common.ts';

const spec = FieldPath.of('spec');
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export function validateClaim(claim: Loose): Errors {
  return validateClaimSpec(claim.spec ?? {}, spec);
}

const volumeModes = ['Block', 'Filesystem'];

export function validateClaimSpec(claim: Loose, path: FieldPath): Errors {
  const errors: Errors = [];
  if (isEmpty(claim.accessModes)) {
    errors.push(FieldError.required(path.child('accessModes'), 'at least 1 access mode is required'));
  }
  const known = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
  for (const mode of claim.accessModes ?? []) {
    if (!known.includes(mode)) errors.push(FieldError.notSupported(path.child('accessModes'), mode, known));
  }
  const modes: readonly string[] = claim.accessModes ?? [];
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && known.includes(mode))) {
    const why = 'may not use ReadWriteOncePod with other access modes';
    errors.push(FieldError.forbidden(path.child('accessModes'), why));
  }
  if (claim.selector) checkSelector(claim.selector, path.child('selector'), errors);
  for (const name of ['storageClassName', 'volumeAttributesClassName']) {
    if (claim[name]) all(dns1123Subdomain(claim[name]), path.child(name), claim[name], errors);
  }
  const { volumeMode } = claim;
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(FieldError.notSupported(path.child('volumeMode'), volumeMode, volumeModes));
  }
  for (const name of ['dataSource', 'dataSourceRef']) {
    if (claim[name]) checkSource(claim[name], path.child(name), errors);
  }
  const storage = claim.resources?.requests?.storage;
  const at = path.child('resources').key('storage');
  if (storage === undefined) errors.push(FieldError.required(at));
  else checkPositive(storage, path.child('resources').key('storage'), errors);
  return errors;
}

/** What the volume is to be filled from. */
function checkSource({ apiGroup, kind = '', name = '', namespace }: Loose, path: FieldPath, errors: Errors): void {
  if (name === '') errors.push(FieldError.required(path.child('name')));
  if (kind === '') errors.push(FieldError.required(path.child('kind')));
  if (apiGroup) all(dns1123Subdomain(apiGroup), path.child('apiGroup'), apiGroup, errors);
  else if (kind !== 'PersistentVolumeClaim') {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(FieldError.invalid(path, kind, why));
  }
  if (namespace) all(dns1123Label(namespace), path.child('namespace'), namespace, errors);
}

/** The older way to say it knows two kinds of sources only; either way says what the other says. */
export function normaliseSources(spec: Loose): void {
  const { dataSource } = spec;
  if (dataSource) {
    const { apiGroup, kind } = dataSource;
    const isClaim = !apiGroup && kind === 'PersistentVolumeClaim';
    if (!isClaim && !(apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot')) delete spec.dataSource;
  }
  // Behind a gate that is closed by default: sources of other namespaces.
  if (spec.dataSourceRef?.namespace) delete spec.dataSourceRef;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource) {
    const { namespace: _, ...rest } = spec.dataSourceRef;
    spec.dataSource = rest;
  }
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
  checkImmutable(claim.spec.volumeMode, old.spec.volumeMode, FieldPath.of('volumeMode'), errors);
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
