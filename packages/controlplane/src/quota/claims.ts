import type { KubeObject } from '@setpoint/apimachinery/meta';
import { compareQuantities, parseQuantity, type Quantity, quantityFromNumber } from '@setpoint/apimachinery/quantity';
import { one, type ResourceList } from './amounts.ts';
import type { Evaluator, ScopeRequirement } from './evaluator.ts';
import { matchesValues } from './scope.ts';

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly resources?: { readonly requests?: ResourceList };
  };
  readonly status?: {
    readonly allocatedResources?: ResourceList;
    readonly currentVolumeAttributesClassName?: string;
    readonly modifyVolumeStatus?: { readonly targetVolumeAttributesClassName?: string };
  };
}

const ofClass = '.storageclass.storage.k8s.io/';
const names: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];

export const claimEvaluator: Evaluator = {
  counts: (name) =>
    name === 'count/persistentvolumeclaims' ||
    names.includes(name) ||
    names.some((each) => name.endsWith(`${ofClass}${each}`)),
  usage(object) {
    const claim = object as Claim;
    const storageClass =
      claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
    const used = new Map([
      ['persistentvolumeclaims', one],
      ['count/persistentvolumeclaims', one],
    ]);
    const storage = storageOf(claim);
    if (storage) used.set('requests.storage', storage);
    if (storageClass === '') return used;
    used.set(`${storageClass}${ofClass}persistentvolumeclaims`, one);
    if (storage) used.set(`${storageClass}${ofClass}requests.storage`, storage);
    return used;
  },
  matchesScope: (object, scope) => matchesAttributes(object as Claim, scope),
  handlesUpdate: (_object, _old, subresource) => subresource === '' || subresource === 'status',
  givesBack: () => true,
};

/** Whole bytes; what has been allocated counts where it is more than what is asked for. */
function storageOf({ spec, status }: Claim): Quantity | undefined {
  const asked = spec?.resources?.requests?.storage;
  if (asked === undefined) return undefined;
  const request = wholeBytes(parseQuantity(asked));
  const allocated = status?.allocatedResources?.storage;
  if (allocated === undefined) return request;
  const given = wholeBytes(parseQuantity(allocated));
  return compareQuantities(given, request) > 0 ? given : request;
}

function wholeBytes(amount: Quantity): Quantity {
  if (amount.scale >= 0) return amount;
  const divisor = 10n ** BigInt(-amount.scale);
  if (amount.unscaled % divisor === 0n) return amount;
  return quantityFromNumber(amount.unscaled / divisor + 1n, amount.format);
}

function matchesAttributes({ spec, status }: Claim, scope: ScopeRequirement): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const classes = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== '');
  if (classes.length === 0) return matchesValues(undefined, scope);
  return classes.some((name) => matchesValues(name, scope));
}
