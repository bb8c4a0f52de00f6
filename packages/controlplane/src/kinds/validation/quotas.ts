import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import type { Errors } from './common.ts';
import { checkAmount, checkQuotaResourceName, isQuotaResource } from './resource-names.ts';

const spec = FieldPath.of('spec');

export function validateQuota({ spec: given = {} }: Loose): Errors {
  const errors: Errors = [];
  checkAmounts(given.hard, spec.child('hard'), errors);
  checkScopes(given, errors);
  if (given.scopeSelector) checkSelector(given, errors);
  return errors;
}

function checkAmounts(amounts: Loose, path: FieldPath, errors: Errors): void {
  for (const [name, amount] of Object.entries(amounts ?? {}) as [string, string][]) {
    checkQuotaResourceName(name, path.key(name), errors);
    checkAmount(name, amount, path.key(name), errors);
  }
}

const pods = new Set(['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const claims = new Set(['persistentvolumeclaims', 'requests.storage']);
const ofPods = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'];
const known = [...ofPods, 'BestEffort', 'VolumeAttributesClass'];

/** Whether a scope says anything of a resource; one that nobody knows does of all. */
function covers(scope: string, resource: string): boolean {
  if (ofPods.includes(scope)) return pods.has(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  return scope === 'VolumeAttributesClass' ? claims.has(resource) : true;
}

/** Limited resources that a scope says nothing of. */
function uncovered(given: Loose, scope: string): readonly string[] {
  return Object.keys(given.hard ?? {}).filter((name) => isQuotaResource(name) && !covers(scope, name));
}

function conflicts(scopes: readonly string[]): number {
  const both = (one: string, other: string) => scopes.includes(one) && scopes.includes(other);
  return Number(both('BestEffort', 'NotBestEffort')) + Number(both('Terminating', 'NotTerminating'));
}

function checkScopes(given: Loose, errors: Errors): void {
  const scopes: readonly string[] = given.scopes ?? [];
  const refuse = (why: string) => errors.push(FieldError.invalid(spec.child('scopes'), scopes, why));
  for (const scope of scopes) {
    if (!known.includes(scope)) refuse('unsupported scope');
    for (const _ of uncovered(given, scope)) refuse('unsupported scope applied to resource');
  }
  for (let count = conflicts(scopes); count > 0; count--) refuse('conflicting scopes');
}

const mustExist = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];

function checkSelector(given: Loose, errors: Errors): void {
  const path = spec.child('scopeSelector', 'matchExpressions');
  const expressions: readonly Loose[] = given.scopeSelector.matchExpressions ?? [];
  for (const { scopeName = '', operator = '', values } of expressions) {
    const refuse = (member: string, value: unknown, why: string) =>
      errors.push(FieldError.invalid(path.child(member), value, why));
    if (!known.includes(scopeName)) refuse('scopeName', scopeName, 'unsupported scope');
    for (const _ of uncovered(given, scopeName)) {
      const shown = internalStruct('core/v1.ScopeSelector', given.scopeSelector);
      refuse('', shown, 'unsupported scope applied to resource');
    }
    if (mustExist.includes(scopeName) && operator !== 'Exists') {
      const why =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
        'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';
      refuse('operator', operator, why);
    }
    const count = values?.length ?? 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (count > 0) continue;
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errors.push(FieldError.required(path.child('values'), why));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (count === 0) continue;
      refuse('values', values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    } else refuse('operator', operator, 'not a valid selector operator');
  }
  for (let count = conflicts(expressions.map(({ scopeName }) => scopeName)); count > 0; count--) {
    errors.push(FieldError.invalid(path, given.scopes ?? null, 'conflicting scopes'));
  }
}

/** What a quota is about never changes. */
export function validateQuotaUpdate(quota: Loose, old: Loose): Errors {
  const scopes: readonly string[] = quota.spec?.scopes ?? [];
  const before: readonly string[] = old.spec?.scopes ?? [];
  const same = scopes.every((one) => before.includes(one)) && before.every((one) => scopes.includes(one));
  if (same) return [];
  return [FieldError.invalid(spec.child('scopes'), quota.spec?.scopes ?? null, 'field is immutable')];
}

export function validateQuotaStatus({ status = {} }: Loose): Errors {
  const errors: Errors = [];
  for (const name of ['hard', 'used']) checkAmounts(status[name], FieldPath.of('status', name), errors);
  return errors;
}
