import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

/** What a pod asks of devices: each claim by one name, of itself or of a template. */
export function validateClaims(claims: readonly Loose[], path: FieldPath, errors: Errors): void {
  const names = new Set<string>();
  claims.forEach((claim, index) => {
    const at = path.index(index);
    const { name = '', resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (name === '') errors.push(FieldError.required(at.child('name')));
    else if (names.has(name)) errors.push(FieldError.duplicate(at.child('name'), name));
    else all(dns1123Label(name), at.child('name'), name, errors);
    names.add(name);
    const shown = () => internalStruct('core/v1.PodResourceClaim', claim);
    if (own !== undefined && template !== undefined) {
      const why = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(FieldError.invalid(at, shown(), why));
    }
    if (own === undefined && template === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(FieldError.invalid(at, shown(), why));
    }
    if (own !== undefined) all(dns1123Subdomain(own), at.child('resourceClaimName'), own, errors);
    if (template !== undefined)
      all(dns1123Subdomain(template), at.child('resourceClaimTemplateName'), template, errors);
  });
}

const ofPod = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'];
const ofContext = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
];
const ofContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** What Windows does not know. */
export function validateWindows(spec: Loose, path: FieldPath, errors: Errors): void {
  const forbid = (owner: Loose, members: readonly string[], at: FieldPath) => {
    for (const member of members) {
      const value = owner?.[member];
      const flag = member === 'hostPID' || member === 'hostIPC';
      if (value === undefined || (flag && !value) || (Array.isArray(value) && isEmpty(value))) continue;
      errors.push(FieldError.forbidden(at.child(member), 'cannot be set for a windows pod'));
    }
  };
  forbid(spec, ofPod, path);
  forbid(spec.securityContext, ofContext, path.child('securityContext'));
  for (const list of ['initContainers', 'containers']) {
    (spec[list] ?? []).forEach((container: Loose, index: number) => {
      forbid(container.securityContext, ofContainer, path.child(list).index(index).child('securityContext'));
    });
  }
}
