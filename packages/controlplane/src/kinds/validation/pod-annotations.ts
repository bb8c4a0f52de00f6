import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { checkDescending } from './pod-security.ts';

const mostBytes = 256 * 1024;

/** Annotations outside of an object's own metadata. */
export function checkAnnotations(annotations: Loose, path: FieldPath, errors: Errors): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {}) as [string, string][]) {
    all(qualifiedName(key.toLowerCase()), path, key, errors);
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > mostBytes) errors.push(FieldError.tooLong(path, '', mostBytes));
}

const mirror = 'kubernetes.io/config.mirror';
const cost = 'controller.kubernetes.io/pod-deletion-cost';
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** What annotations of pods may say, where the server itself reads them. */
export function checkPodAnnotations(annotations: Loose, spec: Loose, path: FieldPath, errors: Errors): void {
  for (const [key, value] of Object.entries(annotations) as [string, string][]) {
    if (key === mirror && !spec.nodeName) {
      errors.push(FieldError.invalid(path.key(key), value, 'must set spec.nodeName if mirror pod annotation is set'));
    } else if (key === cost && !isSmallInteger(value)) {
      errors.push(FieldError.invalid(path.key(key), value, 'must be a 32bit integer'));
    } else if (key === seccomp || key.startsWith(containerSeccomp)) {
      checkSeccomp(value, path.child(key), errors);
    } else if (key.startsWith(appArmor)) {
      checkAppArmor(key.slice(appArmor.length), value, spec, path.key(key), errors);
    }
  }
}

function isSmallInteger(text: string): boolean {
  return /^(0|-\d+|[1-9]\d*)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;
}

function checkSeccomp(profile: string, path: FieldPath, errors: Errors): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return;
  if (profile.startsWith('localhost/')) checkDescending(profile.slice('localhost/'.length), path, errors);
  else errors.push(FieldError.invalid(path, profile, 'must be a valid seccomp profile'));
}

function checkAppArmor(container: string, profile: string, spec: Loose, path: FieldPath, errors: Errors): void {
  const containers: readonly Loose[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  if (!containers.some(({ name }) => name === container)) {
    errors.push(FieldError.invalid(path, container, 'container not found'));
  }
  if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')) return;
  errors.push(FieldError.invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
}
