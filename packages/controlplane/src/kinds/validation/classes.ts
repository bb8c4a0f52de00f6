import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  pathSegmentName,
  portNumber,
  qualifiedName,
} from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { systemPriorityClasses } from '../priority-classes.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { validateResources } from './containers.ts';
import { validateToleration } from './pod-details.ts';

const highestPriority = 1_000_000_000;

export function validatePriorityClass(priorityClass: Loose): Errors {
  const errors: Errors = [];
  const { name = '' } = priorityClass.metadata;
  const { value = 0, preemptionPolicy } = priorityClass;
  if (name.startsWith('system-')) {
    const problem = systemClassProblem(name, priorityClass);
    if (problem !== undefined) {
      const why = "priority class names with 'system-' prefix are reserved for system use only. error: ";
      errors.push(FieldError.forbidden('metadata.name', why + problem));
    }
  } else if (value > highestPriority) {
    const why = `maximum allowed value of a user defined priority is ${highestPriority}`;
    errors.push(FieldError.forbidden('value', why));
  }
  const policies = ['Never', 'PreemptLowerPriority'];
  if (preemptionPolicy === '') errors.push(FieldError.required('preemptionPolicy'));
  else if (preemptionPolicy !== undefined && !policies.includes(preemptionPolicy)) {
    errors.push(FieldError.notSupported('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never']));
  }
  return errors;
}

function systemClassProblem(name: string, { value = 0, globalDefault = false }: Loose): string | undefined {
  const wanted = systemPriorityClasses.find((one) => one.name === name)?.value;
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClassUpdate(next: Loose, old: Loose): Errors {
  const errors: Errors = [];
  if ((next.value ?? 0) !== (old.value ?? 0)) {
    errors.push(FieldError.forbidden('value', 'may not be changed in an update.'));
  }
  if (next.preemptionPolicy !== old.preemptionPolicy) {
    errors.push(FieldError.invalid('preemptionPolicy', next.preemptionPolicy ?? null, 'field is immutable'));
  }
  return errors;
}

export function validateRuntimeClass(runtimeClass: Loose): Errors {
  const errors: Errors = [];
  const { handler = '', overhead, scheduling } = runtimeClass;
  if (handler === '') errors.push(FieldError.required('handler'));
  else all(dns1123Label(handler), FieldPath.of('handler'), handler, errors);
  if (overhead) validateResources({ limits: overhead.podFixed }, FieldPath.of('overhead'), errors);
  if (!scheduling) return errors;
  const path = FieldPath.of('scheduling');
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {}) as [string, string][]) {
    all(qualifiedName(key), path.child('nodeSelector'), key, errors);
    all(labelValue(value), path.child('nodeSelector'), value, errors);
  }
  const tolerations: readonly Loose[] = scheduling.tolerations ?? [];
  tolerations.forEach((toleration, index) => {
    validateToleration(toleration, path.child('tolerations').index(index), errors);
  });
  const seen: Loose[] = [];
  tolerations.forEach((toleration, index) => {
    const { tolerationSeconds: _, ...key } = toleration;
    if (seen.some((one) => deepEqual(one, key))) {
      const { key: name = '', operator = '', value = '', effect = '', tolerationSeconds = null } = toleration;
      const shown = {
        Key: name,
        Operator: operator,
        Value: value,
        Effect: effect,
        TolerationSeconds: tolerationSeconds,
      };
      errors.push(FieldError.duplicate(path.child('tolerations').index(index), shown));
    } else seen.push(key);
  });
  return errors;
}

export function validateRuntimeClassUpdate(next: Loose, old: Loose): Errors {
  if (next.handler === old.handler) return [];
  return [FieldError.invalid('handler', next.handler ?? '', 'field is immutable')];
}

/** Labels of nodes that have other names now. */
const deprecatedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

export function runtimeClassWarnings({ scheduling }: Loose): readonly string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const said = deprecatedLabels[key];
    return said === undefined ? [] : [`scheduling.nodeSelector: ${said}`];
  });
}

const spec = FieldPath.of('spec');

export function validateApiService(service: Loose): Errors {
  const errors: Errors = [];
  const given = service.spec ?? {};
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = given;
  const { name = '' } = service.metadata;
  if (name !== '') {
    const wanted = `${version}.${group}`;
    const problems = pathSegmentName(name);
    if (problems.length === 0 && name !== wanted) {
      problems.push(`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`);
    }
    all(problems, FieldPath.of('metadata', 'name'), name, errors);
  }
  if (group === '' && version !== 'v1') {
    const why = 'only v1 may have an empty group and it better be legacy kube';
    errors.push(FieldError.required(spec.child('group'), why));
  }
  if (group !== '') all(dns1123Subdomain(group), spec.child('group'), group, errors);
  all(dns1035Label(version), spec.child('version'), version, errors);
  const inside = (value: number, most: number) => value > 0 && value <= most;
  if (!inside(groupPriorityMinimum, 20_000)) {
    const why = 'must be positive and less than 20000';
    errors.push(FieldError.invalid(spec.child('groupPriorityMinimum'), groupPriorityMinimum, why));
  }
  if (!inside(versionPriority, 1000)) {
    const why = 'must be positive and less than 1000';
    errors.push(FieldError.invalid(spec.child('versionPriority'), versionPriority, why));
  }
  checkWhere(given, errors);
  return errors;
}

function checkWhere({ service, caBundle, insecureSkipTLSVerify }: Loose, errors: Errors): void {
  const skip = spec.child('insecureSkipTLSVerify');
  if (!service) {
    if (caBundle) {
      const shown = `${Buffer.byteLength(caBundle, 'base64')} bytes`;
      errors.push(FieldError.invalid(spec.child('caBundle'), shown, 'local APIServices may not have a caBundle'));
    }
    if (insecureSkipTLSVerify) {
      errors.push(FieldError.invalid(skip, true, 'local APIServices may not have insecureSkipTLSVerify'));
    }
    return;
  }
  const at = spec.child('service');
  if (!service.namespace) errors.push(FieldError.required(at.child('namespace')));
  if (!service.name) errors.push(FieldError.required(at.child('name')));
  const port = service.port ?? 0;
  const problems = portNumber(port);
  if (problems.length > 0) {
    errors.push(FieldError.invalid(at.child('port'), port, `port is not valid: ${problems.join(', ')}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(FieldError.invalid(skip, true, 'may not be true if caBundle is present'));
  }
}

export function validateApiServiceStatus({ status }: Loose): Errors {
  const known = ['True', 'False', 'Unknown'];
  return (status?.conditions ?? []).flatMap((condition: Loose, index: number) =>
    known.includes(condition.status)
      ? []
      : [FieldError.notSupported(`status.conditions[${index}].status`, condition.status ?? '', known)],
  );
}
