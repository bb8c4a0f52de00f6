import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { canonicalStruct } from '../canonical.ts';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { all, checkIntOrPercent, checkShare, countOf, type Errors, nonNegative } from './common.ts';
import { validateClaimSpec } from './storage.ts';
import {
  checkChosen,
  checkLasting,
  shownSelector,
  validateSelector,
  validateTemplate,
  validateTemplateMeta,
} from './templates.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

export function validateNewStatefulSet(set: Loose): Errors {
  const errors: Errors = [];
  const { serviceName, volumeClaimTemplates = [] } = set.spec ?? {};
  volumeClaimTemplates.forEach((claim: Loose, index: number) => {
    const path = spec.child('volumeClaimTemplates').index(index).child('spec');
    errors.push(...validateClaimSpec(claim.spec ?? {}, path));
  });
  if (serviceName) all(dns1123Label(serviceName), spec.child('serviceName'), serviceName, errors);
  return errors;
}

export function validateStatefulSet(set: Loose): Errors {
  const errors: Errors = [];
  const given = set.spec ?? {};
  checkManagement(given.podManagementPolicy ?? '', spec.child('podManagementPolicy'), errors);
  checkUpdateStrategy(given.updateStrategy ?? {}, spec.child('updateStrategy'), errors);
  const retention = given.persistentVolumeClaimRetentionPolicy;
  for (const member of retention ? ['whenDeleted', 'whenScaled'] : []) {
    if (['Retain', 'Delete'].includes(retention[member])) continue;
    const path = spec.child('persistentVolumeClaimRetentionPolicy', member);
    errors.push(FieldError.notSupported(path, retention[member] ?? '', ['Retain', 'Delete']));
  }
  nonNegative(given.replicas, spec.child('replicas'), errors);
  nonNegative(given.minReadySeconds, spec.child('minReadySeconds'), errors);
  nonNegative(given.ordinals?.start, spec.child('ordinals.start'), errors);
  const path = spec.child('selector');
  if (validateSelector(given.selector, 'statefulset', path, errors)) {
    const made = asMade(given);
    checkChosen(given.selector, made, template, errors);
    validateTemplate(made, template, errors);
    validateTemplateMeta(made, template, errors);
  } else errors.push(FieldError.invalid(path, shownSelector(given.selector), ''));
  checkLasting(given.template, 'StatefulSet', template, errors);
  return errors;
}

function checkManagement(policy: string, path: FieldPath, errors: Errors): void {
  if (policy === '') errors.push(FieldError.required(path));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(FieldError.invalid(path, policy, "must be 'OrderedReady' or 'Parallel'"));
  }
}

function checkUpdateStrategy(strategy: Loose, path: FieldPath, errors: Errors): void {
  const { type = '', rollingUpdate } = strategy;
  const at = path.child('rollingUpdate');
  if (type === '') errors.push(FieldError.required(path));
  else if (type === 'OnDelete') {
    if (!rollingUpdate) return;
    const shown = internalStruct('apps/v1.RollingUpdateStatefulSetStrategy', { partition: 0, ...rollingUpdate });
    errors.push(FieldError.invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type === 'RollingUpdate') {
    if (!rollingUpdate) return;
    nonNegative(rollingUpdate.partition, at.child('partition'), errors);
    const most = rollingUpdate.maxUnavailable;
    if (most === undefined) return;
    checkIntOrPercent(most, at.child('maxUnavailable'), errors);
    if (countOf(most) === 0) errors.push(FieldError.invalid(at.child('maxUnavailable'), most, 'cannot be 0'));
    checkShare(most, at.child('maxUnavailable'), errors);
  } else {
    const shown = internalStruct('apps/v1.StatefulSetUpdateStrategy', strategy);
    errors.push(FieldError.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

/** The template as the controller makes pods of it: names are its own, and claims are volumes that come first. */
function asMade(given: Loose): Loose {
  const claims: readonly Loose[] = given.volumeClaimTemplates ?? [];
  const pod = given.template?.spec ?? {};
  if (!pod.subdomain && !pod.hostname && claims.length === 0) return given.template;
  const { subdomain: _, hostname: __, ...rest } = pod;
  const names = new Set(claims.map(({ metadata }) => metadata?.name ?? ''));
  const volumes = [
    ...[...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(pod.volumes ?? []).filter(({ name }: Loose) => !names.has(name ?? '')),
  ];
  return { ...given.template, spec: { ...rest, ...(volumes.length > 0 ? { volumes } : {}) } };
}

const why =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSetUpdate(set: Loose, old: Loose): Errors {
  const fixed = ({ spec: given }: Loose) => {
    const copy = canonicalStruct('apps/v1.StatefulSetSpec', given ?? {});
    for (const name of mutable) delete copy[name];
    return copy;
  };
  return deepEqual(fixed(set), fixed(old)) ? [] : [FieldError.forbidden(spec, why)];
}
