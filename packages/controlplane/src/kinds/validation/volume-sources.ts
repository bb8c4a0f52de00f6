import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { validateOldSources } from './old-volume-sources.ts';
import { checkMode } from './pod-details.ts';
import { checkDescending } from './pod-security.ts';
import { validateClaimSpec } from './storage.ts';

/** What is wrong with where a volume comes from, beyond what the tables say. */
export function validateVolumeSource(volume: Loose, path: FieldPath, errors: Errors): void {
  const { hostPath, secret, configMap, nfs, projected, csi, ephemeral, downwardAPI } = volume;
  if (hostPath?.path?.split('/').includes('..')) {
    errors.push(FieldError.invalid(path.child('hostPath', 'path'), hostPath.path, "must not contain '..'"));
  }
  if (hostPath?.path && hostPath.type && !hostPathTypes.includes(hostPath.type)) {
    errors.push(FieldError.notSupported(path.child('hostPath', 'type'), hostPath.type, hostPathTypes));
  }
  if (secret) checkItems(secret.items, path.child('secret', 'items'), errors);
  if (configMap) checkItems(configMap.items, path.child('configMap', 'items'), errors);
  if (nfs) {
    if (!nfs.server) errors.push(FieldError.required(path.child('nfs', 'server')));
    if (!nfs.path) errors.push(FieldError.required(path.child('nfs', 'path')));
    if (!nfs.path?.startsWith('/')) {
      errors.push(FieldError.invalid(path.child('nfs', 'path'), nfs.path ?? '', 'must be an absolute path'));
    }
  }
  if (projected) checkProjected(projected, path.child('projected'), errors);
  if (csi) checkDriver(csi, path.child('csi'), errors);
  if (ephemeral) checkEphemeral(ephemeral, path.child('ephemeral'), errors);
  if (downwardAPI) {
    for (const item of downwardAPI.items ?? []) checkDownwardFile(item, path.child('downwardAPI'), errors);
  }
  validateOldSources(volume, path, errors);
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** A path below the volume: it neither leaves it nor is called like what the kubelet makes for itself. */
function checkFile(path: string, at: FieldPath, errors: Errors): void {
  const before = errors.length;
  checkDescending(path, at, errors);
  if (path.startsWith('..') && errors.length === before) {
    errors.push(FieldError.invalid(at, path, "must not start with '..'"));
  }
}

function checkItems(items: readonly Loose[] | undefined, path: FieldPath, errors: Errors): void {
  (items ?? []).forEach((item, index) => {
    const at = path.index(index);
    if (!item.key) errors.push(FieldError.required(at.child('key')));
    if (!item.path) errors.push(FieldError.required(at.child('path')));
    else checkFile(item.path, at.child('path'), errors);
    checkMode(item.mode, at.child('mode'), errors);
  });
}

const shortestToken = 600;
const longestToken = 2 ** 32;

function checkProjected(projected: Loose, path: FieldPath, errors: Errors): void {
  const files = new Set<string>();
  const place = (file: string | undefined, shown: string) => {
    if (!file) return;
    if (files.has(file)) errors.push(FieldError.invalid(path, shown, 'conflicting duplicate paths'));
    files.add(file);
  };
  (projected.sources ?? []).forEach((source: Loose, index: number) => {
    const at = path.child('sources').index(index);
    const given = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'];
    const present = given.filter((one) => source[one]);
    for (const _ of present.slice(1)) {
      errors.push(FieldError.forbidden(at, 'may not specify more than 1 volume type per source'));
    }
    for (const kind of ['secret', 'configMap']) {
      const one = source[kind];
      if (!one) continue;
      if (!one.name) errors.push(FieldError.required(at.child(kind, 'name')));
      checkItems(one.items, at.child(kind, 'items'), errors);
      for (const item of one.items ?? []) place(item.path, one.name ?? '');
    }
    for (const item of source.downwardAPI?.items ?? []) {
      checkDownwardFile(item, at.child('downwardAPI'), errors);
      place(item.path, item.path);
    }
    if (source.serviceAccountToken) checkToken(source.serviceAccountToken, at, path, errors);
    place(source.serviceAccountToken?.path, source.serviceAccountToken?.path);
  });
}

function checkToken(token: Loose, path: FieldPath, volume: FieldPath, errors: Errors): void {
  const at = path.child('serviceAccountToken', 'expirationSeconds');
  const seconds = token.expirationSeconds ?? 3600;
  const refuse = (why: string) => errors.push(FieldError.invalid(at, seconds, why));
  if (seconds < shortestToken) refuse('may not specify a duration less than 10 minutes');
  if (seconds > longestToken) refuse('may not specify a duration larger than 2^32 seconds');
  if (!token.path) errors.push(FieldError.required(volume.child('path')));
  else checkFile(token.path, volume.child('path'), errors);
}

function checkDownwardFile(item: Loose, path: FieldPath, errors: Errors): void {
  if (!item.path) errors.push(FieldError.required(path.child('path')));
  else checkFile(item.path, path.child('path'), errors);
  const { fieldRef, resourceFieldRef } = item;
  if (fieldRef) {
    checkOwnField(fieldRef.fieldPath ?? '', path.child('fieldRef'), errors);
    if (resourceFieldRef) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(FieldError.invalid(path, 'resource', why));
    }
  } else if (!resourceFieldRef) {
    errors.push(FieldError.required(path, 'one of fieldRef and resourceFieldRef is required'));
  } else if (!resourceFieldRef.containerName) {
    errors.push(FieldError.required(path.child('resourceFieldRef', 'containerName')));
  } else if (!resourceFieldRef.resource) {
    errors.push(FieldError.required(path.child('resourceFieldRef', 'resource')));
  }
  checkMode(item.mode, path.child('mode'), errors);
}

const ownFields = ['annotations', 'labels', 'name', 'namespace', 'uid'].map((name) => `metadata.${name}`);
const known = [
  ...ownFields,
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function checkOwnField(field: string, path: FieldPath, errors: Errors): void {
  const at = path.child('fieldPath');
  if (field === '') errors.push(FieldError.required(at));
  else if (/^metadata\.(labels|annotations)\['.*'\]$/.test(field) || ownFields.includes(field)) return;
  else if (known.includes(field)) errors.push(FieldError.notSupported(at, field, ownFields));
  else {
    const why = `error converting fieldPath: field label not supported: ${field}`;
    errors.push(FieldError.invalid(at, field, why));
  }
}

function checkDriver({ driver = '', nodePublishSecretRef: secret }: Loose, path: FieldPath, errors: Errors): void {
  if (driver === '') errors.push(FieldError.required(path.child('driver')));
  else {
    if (driver.length > 63) errors.push(FieldError.tooLong(path.child('driver'), '', 63));
    all(dns1123Subdomain(driver.toLowerCase()), path.child('driver'), driver, errors);
  }
  if (secret && !secret.name) errors.push(FieldError.required(path.child('nodePublishSecretRef', 'name')));
}

function checkEphemeral({ volumeClaimTemplate: template }: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('volumeClaimTemplate');
  if (!template) {
    errors.push(FieldError.required(at));
    return;
  }
  for (const member of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'finalizers']) {
    if (isEmpty(template.metadata?.[member]) || template.metadata?.[member] === undefined) continue;
    errors.push(FieldError.forbidden(at.child('metadata', member), 'cannot be set'));
  }
  errors.push(...validateClaimSpec(template.spec ?? {}, at.child('spec')));
}
