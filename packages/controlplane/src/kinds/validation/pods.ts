import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { parseQuantity } from '@setpoint/apimachinery/quantity';
import { canonicalStruct } from '../canonical.ts';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkLegacyAddress } from './addresses.ts';
import { all, type Errors } from './common.ts';
import { type PodScope, validateContainer, validateResources } from './containers.ts';
import { checkMode, forbidEphemeral, validatePodDetails } from './pod-details.ts';
import { validateVolumeSource } from './volume-sources.ts';

export function validatePod(pod: Loose): Errors {
  const errors: Errors = [];
  validatePodSpec(pod.spec ?? {}, FieldPath.of('spec'), errors);
  const isNew = !pod.metadata?.resourceVersion;
  if (isNew) forbidEphemeral(pod.spec ?? {}, FieldPath.of('spec'), 'cannot be set on create', errors);
  if (!pod.spec?.serviceAccountName) forbidTokens(pod.spec?.volumes ?? [], errors);
  return errors;
}

/** A token is of a service account; a pod without one gets none. */
function forbidTokens(volumes: readonly Loose[], errors: Errors): void {
  volumes.forEach((volume, index) => {
    (volume.projected?.sources ?? []).forEach((source: Loose, position: number) => {
      if (!source.serviceAccountToken) return;
      const path = FieldPath.of('spec', 'volumes').index(index).child('projected', 'sources').index(position);
      const why = 'must not be specified when serviceAccountName is not set';
      errors.push(FieldError.forbidden(path.child('serviceAccountToken'), why));
    });
  });
}

/** The rules of a pod's spec, in a Pod and in a template. */
export function validatePodSpec(spec: Loose, path: FieldPath, errors: Errors): void {
  const volumes = validateVolumes(spec.volumes ?? [], path.child('volumes'), errors);
  const scope: PodScope = { names: new Set(), volumes, spec };
  if (isEmpty(spec.containers)) errors.push(FieldError.required(path.child('containers')));
  (spec.containers ?? []).forEach((container: Loose, index: number) => {
    validateContainer(container, path.child('containers').index(index), scope, errors);
  });
  (spec.initContainers ?? []).forEach((container: Loose, index: number) => {
    const at = path.child('initContainers').index(index);
    validateContainer(container, at, scope, errors);
    checkInit(container, at, errors);
  });
  checkHostPorts(spec.containers ?? [], path.child('containers'), errors);
  const policies = ['Always', 'OnFailure', 'Never'];
  if (!spec.restartPolicy) errors.push(FieldError.required(path.child('restartPolicy')));
  else if (!policies.includes(spec.restartPolicy)) {
    errors.push(FieldError.notSupported(path.child('restartPolicy'), spec.restartPolicy, policies));
  }
  if (spec.terminationGracePeriodSeconds < 0) {
    const at = path.child('terminationGracePeriodSeconds');
    errors.push(FieldError.invalid(at, spec.terminationGracePeriodSeconds, 'must be greater than or equal to 0'));
  }
  validatePodDetails(spec, path, errors);
  if (spec.overhead) validateResources({ limits: spec.overhead }, path.child('overhead'), errors);
  const name = (field: string, check: (text: string) => readonly string[]) => {
    if (spec[field]) all(check(spec[field]), path.child(field), spec[field], errors);
  };
  name('serviceAccountName', dns1123Subdomain);
  name('nodeName', dns1123Subdomain);
  name('hostname', dns1123Label);
  name('subdomain', dns1123Label);
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1) {
    const at = path.child('activeDeadlineSeconds');
    errors.push(FieldError.invalid(at, spec.activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive'));
  }
}

/** A port of the node goes to one container. */
function checkHostPorts(containers: readonly Loose[], path: FieldPath, errors: Errors): void {
  const taken = new Set<string>();
  containers.forEach(({ ports }, index) => {
    (ports ?? []).forEach(({ hostPort, hostIP = '', protocol = '' }: Loose, position: number) => {
      if (!hostPort) return;
      const place = `${protocol}/${hostIP}/${hostPort}`;
      const at = path.index(index).child('ports').index(position).child('hostPort');
      if (taken.has(place)) errors.push(FieldError.duplicate(at, place));
      taken.add(place);
    });
  });
}

/** What runs before the others and ends is not asked whether it lives. */
function checkInit(container: Loose, path: FieldPath, errors: Errors): void {
  if (container.restartPolicy === 'Always') return;
  for (const member of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (!container[member]) continue;
    const why = 'may not be set for init containers without restartPolicy=Always';
    errors.push(FieldError.forbidden(path.child(member), why));
  }
}

/** Checks the volumes of a pod and answers with their names. */
function validateVolumes(volumes: readonly Loose[], path: FieldPath, errors: Errors): Set<string> {
  const names = new Set<string>();
  volumes.forEach((volume, index) => {
    const at = path.index(index);
    const name = volume.name ?? '';
    const before = errors.length;
    const given = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== undefined);
    // The server looks at emptyDir first, then in the order of the struct.
    const sources = given.includes('emptyDir') ? ['emptyDir', ...given.filter((key) => key !== 'emptyDir')] : given;
    if (sources.length === 0) errors.push(FieldError.required(at, 'must specify a volume type'));
    if (volume.emptyDir?.sizeLimit !== undefined && parseQuantity(volume.emptyDir.sizeLimit).unscaled < 0n) {
      const why = 'SizeLimit field must be a valid resource quantity';
      errors.push(FieldError.forbidden(at.child('emptyDir', 'sizeLimit'), why));
    }
    for (const source of sources.slice(1)) {
      errors.push(FieldError.forbidden(at.child(source), 'may not specify more than 1 volume type'));
    }
    if (name === '') errors.push(FieldError.required(at.child('name')));
    else all(dns1123Label(name), at.child('name'), name, errors);
    if (names.has(name)) errors.push(FieldError.duplicate(at.child('name'), name));
    for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
      checkMode(volume[source]?.defaultMode, at.child(source, 'defaultMode'), errors);
    }
    if (volume.secret && !volume.secret.secretName) errors.push(FieldError.required(at.child('secret', 'secretName')));
    if (volume.configMap && !volume.configMap.name) errors.push(FieldError.required(at.child('configMap', 'name')));
    if (volume.hostPath && !volume.hostPath.path) errors.push(FieldError.required(at.child('hostPath', 'path')));
    if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName) {
      errors.push(FieldError.required(at.child('persistentVolumeClaim', 'claimName')));
    }
    validateVolumeSource(volume, at, errors);
    // A wrong volume is none that could be mounted.
    if (errors.length === before) names.add(name);
  });
  return names;
}

const ownConditions = ['PodScheduled', 'Ready', 'Initialized'];

/** Conditions of others are named as labels are. */
export function validatePodStatus(pod: Loose): Errors {
  const errors: Errors = [];
  (pod.status?.conditions ?? []).forEach(({ type = '' }: Loose, index: number) => {
    const field = FieldPath.of('status', 'conditions').index(index).child('Type');
    if (!ownConditions.includes(type)) all(qualifiedName(type), field, type, errors);
  });
  checkAddresses(pod.status ?? {}, errors);
  return errors;
}

/** The addresses of a pod: of each family one at most, and each once. */
function checkAddresses({ podIPs = [], hostIPs = [] }: Loose, errors: Errors): void {
  const lists = [
    ['podIPs', podIPs],
    ['hostIPs', hostIPs],
  ] as const;
  for (const [name, list] of lists) {
    const path = FieldPath.of('status', name);
    list.forEach(({ ip = '' }: Loose, index: number) => {
      checkLegacyAddress(ip, path.index(index), undefined, errors);
    });
  }
}

const mutable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod keeps its spec, but for images, a deadline, more tolerations and fewer scheduling gates. */
export function validatePodUpdate(pod: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const count = (object: Loose, list: string) => object.spec?.[list]?.length ?? 0;
  for (const list of ['containers', 'initContainers']) {
    if (count(pod, list) !== count(old, list)) {
      errors.push(FieldError.forbidden(FieldPath.of('spec', list), 'pod updates may not add or remove containers'));
    }
  }
  if (errors.length > 0) return errors;
  const butSeconds = ({ tolerationSeconds: _, ...rest }: Loose) => rest;
  const wanted: readonly Loose[] = (pod.spec?.tolerations ?? []).map(butSeconds);
  for (const toleration of old.spec?.tolerations ?? []) {
    if (wanted.some((one) => deepEqual(one, butSeconds(toleration)))) continue;
    const why = 'existing toleration can not be modified except its tolerationSeconds';
    return [FieldError.forbidden('spec.tolerations', why)];
  }
  if (!deepEqual(withoutMutable(pod.spec), withoutMutable(old.spec))) {
    errors.push(FieldError.forbidden('spec', mutable));
  }
  return errors;
}

function withoutMutable(spec: Loose): Loose {
  const copy: Loose = canonicalStruct('core/v1.PodSpec', spec);
  delete copy.activeDeadlineSeconds;
  delete copy.tolerations;
  delete copy.schedulingGates;
  const withoutImage = ({ image: _, ...rest }: Loose) => rest;
  copy.containers = copy.containers?.map(withoutImage);
  if (copy.initContainers) copy.initContainers = copy.initContainers.map(withoutImage);
  return copy;
}
