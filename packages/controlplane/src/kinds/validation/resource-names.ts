import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { all, type Errors } from './common.ts';

const computed = ['cpu', 'memory', 'ephemeral-storage'];
const ofContainers = new Set(computed);
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const ofQuotas = new Set([
  ...computed,
  ...computed.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...counted,
]);
const standard = new Set([...ofQuotas, 'storage']);

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** A resource is one that the server knows, or has a domain before its name. */
export function checkResourceName(name: string, path: FieldPath, errors: Errors): void {
  const problems = qualifiedName(name);
  all(problems, path, name, errors);
  if (problems.length > 0 || name.includes('/')) return;
  if (standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return;
  errors.push(FieldError.invalid(path, name, 'must be a standard resource type or fully qualified'));
}

/** Of what containers ask for. */
export function checkContainerResourceName(name: string, path: FieldPath, errors: Errors): void {
  checkResourceName(name, path, errors);
  if (!name.includes('/')) {
    if (ofContainers.has(name) || isHugePages(name)) return;
    errors.push(FieldError.invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) {
    errors.push(FieldError.invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

/** Of what quotas limit. */
export function checkQuotaResourceName(name: string, path: FieldPath, errors: Errors): void {
  checkResourceName(name, path, errors);
  if (name.includes('/') || isQuotaResource(name)) return;
  errors.push(FieldError.invalid(path, name, 'must be a standard resource for quota'));
}

export function isQuotaResource(name: string): boolean {
  return ofQuotas.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

/** What there is one of, or two, and never a half. */
export function isWhole(name: string): boolean {
  return counted.includes(name) || isExtended(name);
}

/** Amounts are not negative, and of some whole. */
export function checkAmount(name: string, amount: string, path: FieldPath, errors: Errors): void {
  const quantity = parseQuantity(amount);
  if (compareQuantities(quantity, parseQuantity('0')) < 0) {
    errors.push(FieldError.invalid(path, amount, 'must be greater than or equal to 0'));
  }
  if (isWhole(name) && !isInteger(amount)) errors.push(FieldError.invalid(path, amount, 'must be an integer'));
}

function isInteger(amount: string): boolean {
  const { unscaled, scale } = parseQuantity(amount);
  return scale >= 0 || unscaled % 10n ** BigInt(-scale) === 0n;
}

/** What may be promised more often than it is there. */
export function mayOvercommit(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}
