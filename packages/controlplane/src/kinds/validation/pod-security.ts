import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import type { Errors } from './common.ts';

const largestId = 2147483647;

function checkId(id: Loose, path: FieldPath, errors: Errors): void {
  if (id === undefined || (id >= 0 && id <= largestId)) return;
  errors.push(FieldError.invalid(path, id, `must be between 0 and ${largestId}, inclusive`));
}

/** As whom a pod runs. */
export function validatePodSecurity(spec: Loose, path: FieldPath, errors: Errors): void {
  const context: Loose = spec.securityContext ?? {};
  const at = path.child('securityContext');
  for (const member of ['fsGroup', 'runAsUser', 'runAsGroup']) checkId(context[member], at.child(member), errors);
  (context.supplementalGroups ?? []).forEach((group: number, index: number) => {
    checkId(group, at.child('supplementalGroups').index(index), errors);
  });
  if (spec.shareProcessNamespace && spec.hostPID) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(FieldError.invalid(at.child('shareProcessNamespace'), true, why));
  }
  checkSysctls(context.sysctls ?? [], spec, at.child('sysctls'), errors);
  checkProfiles(context, at, errors);
}

const sysctl = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlText = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';

function checkSysctls(list: readonly Loose[], spec: Loose, path: FieldPath, errors: Errors): void {
  const seen = new Set<string>();
  list.forEach(({ name = '' }, index) => {
    const at = path.index(index).child('name');
    if (name === '') errors.push(FieldError.required(at));
    else if (name.length > 253 || !sysctl.test(name)) {
      errors.push(FieldError.invalid(at, name, `must have at most 253 characters and match regex ${sysctlText}`));
    } else if (seen.has(name)) errors.push(FieldError.duplicate(at, name));
    const ofNetwork = /^net[./]/.test(name);
    const ofMessages = /^(kernel[./](shm|msg|sem)|fs[./]mqueue[./])/.test(name);
    if (spec.hostNetwork && ofNetwork) {
      errors.push(FieldError.invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && ofMessages) {
      errors.push(FieldError.invalid(at, name, "may not be specified when 'hostIPC' is true"));
    }
    seen.add(name);
  });
}

/** What confines a pod, or one of its containers. */
function checkProfiles(context: Loose, path: FieldPath, errors: Errors): void {
  if (context.seccompProfile) checkSeccomp(context.seccompProfile, path.child('seccompProfile'), errors);
  if (context.appArmorProfile) checkAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors);
}

function checkSeccomp(profile: Loose, path: FieldPath, errors: Errors): void {
  const { type = '', localhostProfile: local } = profile;
  const at = path.child('localhostProfile');
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  if (type === '') errors.push(FieldError.required(path.child('type'), 'type is required when seccompProfile is set'));
  else if (!known.includes(type)) errors.push(FieldError.notSupported(path.child('type'), type, known));
  if (type !== 'Localhost') {
    if (local === undefined) return;
    const shown = internalStruct('core/v1.SeccompProfile', profile);
    errors.push(FieldError.invalid(at, shown, 'can only be set when seccomp type is Localhost'));
  } else if (local === undefined) {
    errors.push(FieldError.required(at, 'must be set when seccomp type is Localhost'));
  } else checkDescending(local, at, errors);
}

const longestProfile = 4095;

function checkAppArmor({ type = '', localhostProfile: local }: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('localhostProfile');
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  if (type === '') errors.push(FieldError.required(path.child('type'), 'type is required when appArmorProfile is set'));
  else if (!known.includes(type)) errors.push(FieldError.notSupported(path.child('type'), type, known));
  if (type !== 'Localhost') {
    if (local === undefined) return;
    errors.push(FieldError.invalid(at, local, 'can only be set when AppArmor type is Localhost'));
  } else if (local === undefined || local.trim() === '') {
    errors.push(FieldError.required(at, 'must be set when AppArmor type is Localhost'));
  } else {
    if (local !== local.trim()) {
      errors.push(FieldError.invalid(at, local, 'must not be padded with whitespace'));
    }
    if (local.length > longestProfile) errors.push(FieldError.tooLong(at, '', longestProfile));
  }
}

/** A path below another one, which it does not leave. */
export function checkDescending(path: string, at: FieldPath, errors: Errors): void {
  if (path.startsWith('/')) errors.push(FieldError.invalid(at, path, 'must be a relative path'));
  if (path.split('/').includes('..')) errors.push(FieldError.invalid(at, path, "must not contain '..'"));
}

/** As whom one container runs. */
export function validateContainerSecurity(context: Loose, spec: Loose, path: FieldPath, errors: Errors): void {
  for (const member of ['runAsUser', 'runAsGroup']) checkId(context[member], path.child(member), errors);
  if (context.procMount === 'Unmasked' && spec.hostUsers !== false) {
    const why = '`hostUsers` must be false to use `Unmasked`';
    errors.push(FieldError.invalid(path.child('procMount'), context.procMount, why));
  }
  checkProfiles(context, path, errors);
  if (context.allowPrivilegeEscalation !== false) return;
  const shown = internalStruct('core/v1.SecurityContext', context);
  const refuse = (why: string) => errors.push(FieldError.invalid(path, shown, why));
  if (context.privileged) refuse('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    refuse('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
}
