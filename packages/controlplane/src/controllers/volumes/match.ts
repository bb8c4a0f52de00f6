import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { MutableObject } from '../../registry/index.ts';

/** The older way to say it comes first. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export function classOf({ metadata, spec }: MutableObject): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '';
}

/** Bound to this claim, or meant for it by name. */
export function isFor(volume: MutableObject, claim: MutableObject): boolean {
  const { claimRef } = volume.spec;
  const { namespace, name, uid } = claim.metadata;
  if (claimRef?.namespace !== namespace || claimRef?.name !== name) return false;
  return !claimRef?.uid || claimRef.uid === uid;
}

/**
 * The volume that fits a claim best: one meant for it, else the smallest of those with the fewest access modes beyond
 * what is asked for.
 *
 * @param delayed the class binds when there is a consumer: only volumes meant for the claim count
 */
export function bestMatch(
  claim: MutableObject,
  volumes: readonly MutableObject[],
  delayed: boolean,
): MutableObject | undefined {
  const selects = claim.spec.selector ? labelSelectorOf(claim.spec.selector) : undefined;
  const fitting = volumes
    .filter((volume) => hasModes(volume, claim) && isBigEnough(volume, claim))
    .filter((volume) => modeOf(volume) === modeOf(claim) && !volume.metadata.deletionTimestamp)
    .filter((volume) => (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? ''))
    .sort((a, b) => a.spec.accessModes.length - b.spec.accessModes.length || compareQuantities(sizeOf(a), sizeOf(b)));
  const meant = fitting.find((volume) => isFor(volume, claim));
  if (meant || delayed) return meant;
  return fitting.find(
    (volume) =>
      !volume.spec.claimRef &&
      volume.status?.phase === 'Available' &&
      classOf(volume) === classOf(claim) &&
      (selects?.matches(volume.metadata.labels ?? {}) ?? true),
  );
}

/** Why a volume that a claim names cannot be its. */
export function mismatch(volume: MutableObject, claim: MutableObject): string | undefined {
  if (volume.metadata.deletionTimestamp) {
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  }
  if (!isBigEnough(volume, claim)) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if ((volume.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '')) {
    return 'volumeAttributesClassName does not match';
  }
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

export function modeOf({ spec }: MutableObject): string {
  return spec.volumeMode ?? 'Filesystem';
}

function sizeOf(volume: MutableObject) {
  return parseQuantity(volume.spec.capacity?.storage ?? '0');
}

function isBigEnough(volume: MutableObject, claim: MutableObject): boolean {
  const wanted = parseQuantity(claim.spec.resources?.requests?.storage ?? '0');
  return compareQuantities(sizeOf(volume), wanted) >= 0;
}

function hasModes(volume: MutableObject, claim: MutableObject): boolean {
  const modes: readonly string[] = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((mode: string) => modes.includes(mode));
}
