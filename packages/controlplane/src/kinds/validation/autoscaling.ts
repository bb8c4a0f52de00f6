import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, pathSegmentName, qualifiedName } from '@setpoint/apimachinery/names';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors, nonNegative } from './common.ts';

const spec = FieldPath.of('spec');

/** An autoscaler of autoscaling/v2; what was wrong before an update may stay in some places. */
export function validateAutoscaler(autoscaler: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics = [], behavior } = autoscaler.spec ?? {};
  const least = old?.spec?.minReplicas === 0 ? 0 : 1;
  if (minReplicas !== undefined && minReplicas < least) {
    const why = `must be greater than or equal to ${least}`;
    errors.push(FieldError.invalid(spec.child('minReplicas'), minReplicas, why));
  }
  const path = spec.child('maxReplicas');
  if (maxReplicas === 0) errors.push(FieldError.required(path, 'must be set and greater than 0'));
  else if (maxReplicas < 0) errors.push(FieldError.invalid(path, maxReplicas, 'must be greater than or equal to 1'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(FieldError.invalid(path, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  const before = old?.spec?.scaleTargetRef;
  const sameTarget =
    before !== undefined && before.apiVersion === scaleTargetRef.apiVersion && before.kind === scaleTargetRef.kind;
  const group = scaleTargetRef.kind === 'ReplicationController' ? 'any' : 'named';
  checkReference(scaleTargetRef, spec.child('scaleTargetRef'), sameTarget ? 'unchecked' : group, errors);
  const wrongBefore = (old?.spec?.metrics ?? []).some(
    (one: Loose) => one.type === 'Object' && one.object && versionProblem(one.object.describedObject ?? {}, 'any'),
  );
  metrics.forEach((metric: Loose, index: number) => {
    checkMetric(metric, spec.child('metrics').index(index), wrongBefore ? 'unchecked' : 'any', errors);
  });
  const fromZero = metrics.some(({ type }: Loose) => type === 'Object' || type === 'External');
  if (minReplicas === 0 && !fromZero) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(FieldError.forbidden(spec.child('metrics'), why));
  }
  for (const way of ['scaleUp', 'scaleDown']) {
    if (behavior?.[way]) checkRules(behavior[way], spec.child('behavior', way), errors);
  }
  return errors;
}

export function validateAutoscalerStatus({ status = {} }: Loose): Errors {
  const errors: Errors = [];
  for (const member of ['currentReplicas', 'desiredReplicas']) {
    nonNegative(status[member], FieldPath.of('status', member), errors);
  }
  return errors;
}

/** Which groups an apiVersion may name: one, none as well, or whatever it says. */
type Group = 'named' | 'any' | 'unchecked';

function checkReference(reference: Loose, path: FieldPath, group: Group, errors: Errors): void {
  for (const member of ['kind', 'name']) {
    const value = reference[member] ?? '';
    if (value === '') errors.push(FieldError.required(path.child(member)));
    else all(pathSegmentName(value), path.child(member), value, errors);
  }
  const problem = versionProblem(reference, group);
  if (problem) errors.push(FieldError.invalid(path.child('apiVersion'), reference.apiVersion ?? '', problem));
}

function versionProblem({ apiVersion = '' }: Loose, group: Group): string | undefined {
  if (group === 'unchecked') return undefined;
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`;
  const hasGroup = slashes === 1 && !apiVersion.startsWith('/');
  return group === 'named' && !hasGroup ? 'apiVersion must specify API group' : undefined;
}

const sources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const;
const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

function checkMetric(metric: Loose, path: FieldPath, group: Group, errors: Errors): void {
  const type = metric.type ?? '';
  const known = Object.hasOwn(sources, type);
  const unknown = () => errors.push(FieldError.notSupported(path.child('type'), type, sourceTypes));
  if (type === '') errors.push(FieldError.required(path.child('type'), 'must specify a metric source type'));
  if (!known) unknown();
  const present = Object.values(sources).filter((name) => metric[name]);
  const [first] = present;
  if (first) checkSource(first, metric[first], path.child(first), group, errors);
  const expected = known ? sources[type as keyof typeof sources] : undefined;
  if (expected === undefined) unknown();
  else if (!metric[expected]) {
    errors.push(FieldError.required(path.child(expected), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const name of present) {
    if (name === expected) continue;
    errors.push(FieldError.forbidden(path.child(name), 'must populate the given metric source only'));
  }
}

function checkSource(source: string, given: Loose, path: FieldPath, group: Group, errors: Errors): void {
  const target = given.target ?? {};
  const at = path.child('target');
  const require = (member: string, why: string) => errors.push(FieldError.required(at.child(member), why));
  const noValue = target.value === undefined && target.averageValue === undefined;
  if (source === 'object') checkReference(given.describedObject ?? {}, path.child('describedObject'), group, errors);
  if (source === 'resource' || source === 'containerResource') {
    checkResource(source, given, path, errors);
    checkTarget(target, at, errors);
    if (target.averageUtilization === undefined && target.averageValue === undefined) {
      require('averageUtilization', 'must set either a target raw value or a target utilization');
    }
    if (target.averageUtilization !== undefined && target.averageValue !== undefined) {
      const why = 'may not set both a target raw value and a target utilization';
      errors.push(FieldError.forbidden(at.child('averageValue'), why));
    }
    return;
  }
  const name = given.metric?.name ?? '';
  const named = path.child('metric', 'name');
  if (name === '') errors.push(FieldError.required(named, 'must specify a metric name'));
  else all(pathSegmentName(name), named, name, errors);
  checkTarget(target, at, errors);
  if (source === 'object' && noValue) require('averageValue', 'must set either a target value or averageValue');
  if (source === 'external' && noValue) {
    require('averageValue', 'must set either a target value for metric or a per-pod target');
  }
  if (source === 'external' && target.value !== undefined && target.averageValue !== undefined) {
    const why = 'may not set both a target value for metric and a per-pod target';
    errors.push(FieldError.forbidden(at.child('value'), why));
  }
  if (source === 'pods' && target.averageValue === undefined) {
    require('averageValue', 'must specify a positive target averageValue');
  }
}

function checkResource(source: string, { name = '', container = '' }: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('name');
  if (name === '') errors.push(FieldError.required(at, 'must specify a resource name'));
  if (source === 'resource') return;
  if (name !== '') {
    all(qualifiedName(name), at, name, errors);
    const standard = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');
    if (!name.includes('/') && !standard) {
      if (qualifiedName(name).length === 0) {
        errors.push(FieldError.invalid(at, name, 'must be a standard resource type or fully qualified'));
      }
      errors.push(FieldError.invalid(at, name, 'must be a standard resource for containers'));
    }
  }
  if (container === '') errors.push(FieldError.required(path.child('container'), 'must specify a container'));
  else all(dns1123Label(container), path.child('container'), container, errors);
}

const isPositive = (quantity: string) => compareQuantities(parseQuantity(quantity), parseQuantity('0')) > 0;

function checkTarget(target: Loose, path: FieldPath, errors: Errors): void {
  const { type = '', averageUtilization: utilization } = target;
  if (type === '') errors.push(FieldError.required(path.child('type'), 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(FieldError.invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const member of ['value', 'averageValue']) {
    const quantity = target[member];
    if (quantity === undefined || isPositive(quantity)) continue;
    errors.push(FieldError.invalid(path.child(member), quantity, 'must be positive'));
  }
  if (utilization !== undefined && utilization < 1) {
    errors.push(FieldError.invalid(path.child('averageUtilization'), utilization, 'must be greater than 0'));
  }
}

const longestWindow = 3600;
const longestPeriod = 1800;

function checkRules(rules: Loose, path: FieldPath, errors: Errors): void {
  const { stabilizationWindowSeconds: window, selectPolicy, policies, tolerance } = rules;
  const at = path.child('stabilizationWindowSeconds');
  if (window < 0) errors.push(FieldError.invalid(at, window, 'must be greater than or equal to zero'));
  if (window > longestWindow) {
    errors.push(FieldError.invalid(at, window, `must be less than or equal to ${longestWindow}`));
  }
  const known = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !known.includes(selectPolicy)) {
    errors.push(FieldError.notSupported(path.child('selectPolicy'), selectPolicy, known));
  }
  if (isEmpty(policies)) errors.push(FieldError.required(path.child('policies'), 'must specify at least one Policy'));
  (policies ?? []).forEach((policy: Loose, index: number) => {
    checkPolicy(policy, path.child('policies').index(index), errors);
  });
  if (tolerance !== undefined && compareQuantities(parseQuantity(tolerance), parseQuantity('0')) < 0) {
    errors.push(FieldError.invalid(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'));
  }
}

function checkPolicy({ type = '', value = 0, periodSeconds = 0 }: Loose, path: FieldPath, errors: Errors): void {
  const known = ['Percent', 'Pods'];
  if (!known.includes(type)) errors.push(FieldError.notSupported(path.child('type'), type, known));
  if (value <= 0) errors.push(FieldError.invalid(path.child('value'), value, 'must be greater than zero'));
  const at = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(FieldError.invalid(at, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > longestPeriod) {
    errors.push(FieldError.invalid(at, periodSeconds, `must be less than or equal to ${longestPeriod}`));
  }
}
