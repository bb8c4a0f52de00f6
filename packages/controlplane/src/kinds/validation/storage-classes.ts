import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import type { Loose } from '../walk.ts';
import { all, checkImmutable, checkSelector, type Errors, nonNegative } from './common.ts';

const spec = FieldPath.of('spec');
const mostParameters = 512;
/** Of keys and values together. */
const mostParameterBytes = 256 * 1024;

export function validateNewStorageClass(storageClass: Loose): Errors {
  const errors: Errors = [];
  checkProvisioner(storageClass.provisioner ?? '', FieldPath.of('provisioner'), errors);
  checkParameters(storageClass.parameters ?? {}, FieldPath.of('parameters'), errors);
  const policy = storageClass.reclaimPolicy;
  if (policy && policy !== 'Delete' && policy !== 'Retain') {
    errors.push(FieldError.notSupported('reclaimPolicy', policy, ['Delete', 'Retain']));
  }
  checkTopologies(storageClass.allowedTopologies ?? [], FieldPath.of('allowedTopologies'), errors);
  return errors;
}

export function validateStorageClassUpdate(next: Loose, old: Loose): Errors {
  const errors: Errors = [];
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
    checkImmutable(next[field], old[field], FieldPath.of(field), errors);
  }
  return errors;
}

function checkProvisioner(name: string, path: FieldPath, errors: Errors): void {
  if (name === '') errors.push(FieldError.required(path));
  else all(qualifiedName(name.toLowerCase()), path, name.toLowerCase(), errors);
}

function checkParameters(parameters: Readonly<Record<string, string>>, path: FieldPath, errors: Errors): void {
  const entries = Object.entries(parameters);
  if (entries.length > mostParameters) {
    errors.push(FieldError.tooLong(path, '', mostParameters));
    return;
  }
  for (const [key] of entries) if (key === '') errors.push(FieldError.invalid(path, key, 'field can not be empty.'));
  if (bytesOf(entries) > mostParameterBytes) errors.push(FieldError.tooLong(path, '', mostParameterBytes));
}

function bytesOf(entries: readonly (readonly [string, string])[]): number {
  return entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}

function checkTopologies(terms: readonly Loose[], path: FieldPath, errors: Errors): void {
  const seen: object[] = [];
  terms.forEach((term, index) => {
    const at = path.index(index).child('matchLabelExpressions');
    const keys: Record<string, readonly string[]> = {};
    (term.matchLabelExpressions ?? []).forEach((expression: Loose, position: number) => {
      const { key = '', values = [] } = expression;
      const list = at.index(position).child('values');
      if (values.length === 0) errors.push(FieldError.required(list));
      values.forEach((value: string, place: number) => {
        if (values.indexOf(value) < place) errors.push(FieldError.duplicate(list.index(place), value));
      });
      all(qualifiedName(key), at.index(position).child('key'), key, errors);
      if (Object.hasOwn(keys, key)) errors.push(FieldError.duplicate(at.index(position).child('key'), key));
      keys[key] = [...new Set<string>(values)].sort();
    });
    if (seen.some((one) => deepEqual(one, keys))) errors.push(FieldError.duplicate(at, ''));
    seen.push(keys);
  });
}

export function validateVolumeAttributesClass(attributesClass: Loose): Errors {
  const errors: Errors = [];
  const { driverName = '', parameters = {} } = attributesClass;
  checkProvisioner(driverName, FieldPath.of('driverName'), errors);
  checkParameters(parameters, FieldPath.of('parameters'), errors);
  if (Object.keys(parameters).length === 0) {
    errors.push(FieldError.required('parameters', 'must contain at least one key/value pair'));
  }
  return errors;
}

export function validateVolumeAttributesClassUpdate(next: Loose, old: Loose): Errors {
  return ['driverName', 'parameters'].flatMap((field) =>
    deepEqual(next[field] ?? null, old[field] ?? null)
      ? []
      : [FieldError.forbidden(field, `updates to ${field} are forbidden.`)],
  );
}

export function validateDriver(driver: Loose): Errors {
  const errors: Errors = [];
  const { tokenRequests = [], nodeAllocatableUpdatePeriodSeconds: period, ...given } = driver.spec ?? {};
  const audiences = new Set<string>();
  (tokenRequests as Loose[]).forEach(({ audience = '', expirationSeconds: seconds }, index) => {
    const at = spec.child('tokenRequests').index(index);
    if (audiences.has(audience)) errors.push(FieldError.duplicate(at.child('audience'), audience));
    else if (seconds < 600) {
      const why = 'may not specify a duration less than 10 minutes';
      errors.push(FieldError.invalid(at.child('expirationSeconds'), seconds, why));
    } else if (seconds > 2 ** 32) {
      const why = 'may not specify a duration larger than 2^32 seconds';
      errors.push(FieldError.invalid(at.child('expirationSeconds'), seconds, why));
    }
    audiences.add(audience);
  });
  const { fsGroupPolicy: policy, volumeLifecycleModes: modes = [] } = given;
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(FieldError.notSupported(spec.child('fsGroupPolicy'), policy, policies));
  }
  const knownModes = ['Persistent', 'Ephemeral'];
  for (const mode of modes) {
    if (knownModes.includes(mode)) continue;
    errors.push(FieldError.notSupported(spec.child('volumeLifecycleModes'), mode, knownModes));
  }
  if (period < 10) {
    const path = spec.child('nodeAllocatableUpdatePeriodSeconds');
    errors.push(FieldError.invalid(path, period, 'must be greater than or equal to 10 seconds'));
  }
  const inSecrets = given.serviceAccountTokenInSecrets;
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(FieldError.invalid(spec.child('serviceAccountTokenInSecrets'), inSecrets, why));
  }
  return errors;
}

/** Unlike the other kinds' generation this one begins with the first change. */
export function countDriverChanges(next: Loose, old: Loose): void {
  if (!deepEqual(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

export function validateDriverUpdate(next: Loose, old: Loose): Errors {
  const errors: Errors = [];
  // The real server's own slip of the pen.
  checkImmutable(next.spec.attachRequired, old.spec.attachRequired, spec.child('attachedRequired'), errors);
  const modes = spec.child('volumeLifecycleModes');
  checkImmutable(next.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, modes, errors);
  return errors;
}

function checkDriverName(name: string, path: FieldPath, errors: Errors): void {
  if (name === '') {
    errors.push(FieldError.required(path));
    return;
  }
  if (name.length > 63) errors.push(FieldError.tooLong(path, '', 63));
  all(dns1123Subdomain(name.toLowerCase()), path, name, errors);
}

export function validateAttachment(attachment: Loose): Errors {
  const errors: Errors = [];
  const { attacher = '', source = {}, nodeName = '' } = attachment.spec ?? {};
  checkDriverName(attacher, spec.child('attacher'), errors);
  const path = spec.child('source');
  const { inlineVolumeSpec: inline, persistentVolumeName: volume } = source;
  const why = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (!inline && volume === undefined) errors.push(FieldError.required(path, why));
  else if (inline && volume !== undefined) errors.push(FieldError.forbidden(path, why));
  else if (volume === '') {
    errors.push(FieldError.required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'));
  }
  all(dns1123Subdomain(nodeName), spec.child('nodeName'), nodeName, errors);
  if (volume !== undefined) all(dns1123Subdomain(volume), path.child('persistentVolumeName'), volume, errors);
  return errors;
}

export function validateAttachmentUpdate(next: Loose, old: Loose): Errors {
  if (deepEqual(next.spec, old.spec)) return [];
  const { attacher, source = {}, nodeName } = next.spec ?? {};
  const { persistentVolumeName = null, inlineVolumeSpec = null } = source;
  const shown = { PersistentVolumeName: persistentVolumeName, InlineVolumeSpec: inlineVolumeSpec };
  return [FieldError.invalid(spec, { Attacher: attacher, Source: shown, NodeName: nodeName }, 'field is immutable')];
}

export function validateNodeDrivers(node: Loose): Errors {
  const errors: Errors = [];
  const names = new Set<string>();
  (node.spec?.drivers ?? []).forEach((driver: Loose, index: number) => {
    const at = spec.child('drivers').index(index);
    const { name = '', nodeID = '', allocatable, topologyKeys = [] } = driver;
    checkDriverName(name, at.child('name'), errors);
    if (nodeID === '') errors.push(FieldError.required(at.child('nodeID')));
    if (nodeID.length > 256) {
      errors.push(FieldError.invalid(at.child('nodeID'), nodeID, 'must be 256 characters or less'));
    }
    nonNegative(allocatable?.count, at.child('allocatable', 'count'), errors);
    if (names.has(name)) errors.push(FieldError.duplicate(at.child('name'), name));
    names.add(name);
    (topologyKeys as string[]).forEach((key, position) => {
      if (key === '') errors.push(FieldError.required(at));
      if (topologyKeys.indexOf(key) < position) errors.push(FieldError.duplicate(at, key));
      all(qualifiedName(key), at, key, errors);
    });
  });
  return errors;
}

export function validateCapacity(capacity: Loose): Errors {
  const errors: Errors = [];
  if (capacity.nodeTopology) checkSelector(capacity.nodeTopology, FieldPath.of('nodeTopology'), errors);
  const { storageClassName = '', capacity: size } = capacity;
  all(dns1123Subdomain(storageClassName), FieldPath.of('storageClassName'), storageClassName, errors);
  if (size !== undefined && compareQuantities(parseQuantity(size), parseQuantity('0')) < 0) {
    errors.push(FieldError.invalid('capacity', size, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function validateCapacityUpdate(next: Loose, old: Loose): Errors {
  const errors: Errors = [];
  checkImmutable(next.storageClassName, old.storageClassName, FieldPath.of('storageClassName'), errors);
  return errors;
}
