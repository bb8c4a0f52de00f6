import { isJsonObject, parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import { internalStruct } from './internal-struct.ts';
import type { Loose } from './walk.ts';

// An autoscaler of autoscaling/v1 knows one target, of processors; the others travel in annotations, as in Kubernetes.

const prefix = 'autoscaling.alpha.kubernetes.io/';
const metricsKey = `${prefix}metrics`;
const behaviorKey = `${prefix}behavior`;
const statusesKey = `${prefix}current-metrics`;
const conditionsKey = `${prefix}conditions`;
const roundTrip = [
  'metrics',
  'behavior',
  'scale-down-tolerance',
  'scale-up-tolerance',
  'current-metrics',
  'conditions',
];

/** Annotations that stand for members of the spec, and of the status. */
export const specAnnotations: readonly string[] = [metricsKey, behaviorKey];
export const statusAnnotations: readonly string[] = [statusesKey, conditionsKey];

/** An autoscaler of v1 as one of v2, which is how both are kept. */
export function autoscalerToV2(given: Loose): Loose {
  const { annotations = {} } = given.metadata;
  const { targetCPUUtilizationPercentage: target, ...spec } = given.spec ?? {};
  const own =
    target === undefined ? [] : [cpu('resource', { target: { type: 'Utilization', averageUtilization: target } })];
  const others = listOf(annotations[metricsKey]);
  const metrics = [...(others ?? []).map(metricToV2), ...own];
  const behavior = behaviorOf(annotations[behaviorKey]);
  const usual = cpu('resource', { target: { type: 'Utilization', averageUtilization: 80 } });
  return {
    ...given,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(given.metadata, annotations, {}),
    spec: { ...spec, metrics: metrics.length > 0 ? metrics : [usual], ...(behavior ? { behavior } : {}) },
    ...(given.status ? { status: statusToV2(given.status, annotations) } : {}),
  };
}

/** The opposite. */
export function autoscalerToV1(given: Loose): Loose {
  const { metrics: targets, behavior, ...spec } = given.spec ?? {};
  const { currentMetrics: measured, conditions, ...status } = given.status ?? {};
  // Go writes a list that is not there as null.
  const metrics: Loose[] = targets ?? [];
  const currentMetrics: Loose[] = measured ?? [];
  const target = metrics.find(isTarget)?.resource.target.averageUtilization;
  const others = metrics.filter((one: Loose) => !isTarget(one)).map(metricToV1);
  const current = currentMetrics.findLast(
    (one: Loose) => isCpu(one) && one.resource.current?.averageUtilization !== undefined,
  )?.resource.current.averageUtilization;
  const encoded: Record<string, string> = {};
  if (others.length > 0) encoded[metricsKey] = stringifyJson(others);
  if (currentMetrics.length > 0) encoded[statusesKey] = stringifyJson(currentMetrics.map(metricStatusToV1));
  if (behavior) {
    encoded[behaviorKey] = stringifyJson(internalStruct('autoscaling/v2.HorizontalPodAutoscalerBehavior', behavior));
  }
  if (conditions?.length > 0) encoded[conditionsKey] = stringifyJson(conditions);
  return {
    ...given,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(given.metadata, given.metadata.annotations ?? {}, encoded),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    ...(given.status
      ? { status: { ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) } }
      : {}),
  };
}

function withAnnotations(metadata: Loose, annotations: Loose, encoded: Readonly<Record<string, string>>): Loose {
  const kept = Object.entries(annotations).filter(
    ([key]) => !roundTrip.includes(key.slice(prefix.length)) || !key.startsWith(prefix),
  );
  const all = [...kept, ...Object.entries(encoded)];
  const { annotations: _, ...rest } = metadata;
  return all.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(all) };
}

function statusToV2(given: Loose, annotations: Loose): Loose {
  const { currentCPUUtilizationPercentage: current, ...status } = given;
  const own = current === undefined ? undefined : [cpu('resource', { current: { averageUtilization: current } })];
  const currentMetrics = listOf(annotations[statusesKey])?.map(metricStatusToV2) ?? own;
  const conditions = listOf(annotations[conditionsKey]);
  return { ...status, ...(currentMetrics ? { currentMetrics } : {}), ...(conditions ? { conditions } : {}) };
}

function cpu(member: string, rest: object): Loose {
  return { type: 'Resource', [member]: { name: 'cpu', ...rest } };
}

function isCpu({ type, resource }: Loose): boolean {
  return type === 'Resource' && resource?.name === 'cpu';
}

function isTarget(metric: Loose): boolean {
  return isCpu(metric) && metric.resource.target?.averageUtilization !== undefined;
}

/** What cannot be read is not heard. */
function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return parseJson(Buffer.from(text));
  } catch {
    return undefined;
  }
}

function listOf(text: unknown): Loose[] | undefined {
  const list = parsed(text);
  return Array.isArray(list) && list.every(isJsonObject) ? list : undefined;
}

/** Go reads members whatever the case of their letters; it writes them with a capital. */
function behaviorOf(text: unknown): Loose | undefined {
  const found = lowerCase(parsed(text));
  return isJsonObject(found) && Object.keys(found).length > 0 ? found : undefined;
}

function lowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCase);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    members.map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), lowerCase(member)]),
  );
}

const said = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));

function metricToV2(metric: Loose): Loose {
  const { type, object, pods, resource, containerResource, external } = metric;
  return said({
    type,
    object: object && {
      describedObject: object.target,
      metric: said({ name: object.metricName, selector: object.selector }),
      target: objectTarget(object),
    },
    pods: pods && {
      metric: said({ name: pods.metricName, selector: pods.selector }),
      target: said({ type: 'AverageValue', averageValue: pods.targetAverageValue }),
    },
    resource: resource && { name: resource.name, target: resourceTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: resourceTarget(containerResource),
    },
    external: external && {
      metric: said({ name: external.metricName, selector: external.metricSelector }),
      target: said({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

/** v1 cannot leave out the value; beside an average, zero is none. */
function objectTarget({ targetValue, averageValue }: Loose): Loose {
  if (averageValue === undefined) return said({ type: 'Value', value: targetValue });
  return said({ type: 'AverageValue', value: targetValue === '0' ? undefined : targetValue, averageValue });
}

function resourceTarget({ targetAverageUtilization, targetAverageValue }: Loose): Loose {
  return said({
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: targetAverageValue,
    averageUtilization: targetAverageUtilization,
  });
}

function metricToV1(metric: Loose): Loose {
  const { type, object, pods, resource, containerResource, external } = metric;
  return said({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      targetValue: object.target?.value ?? '0',
      ...said({ selector: object.metric?.selector, averageValue: object.target?.averageValue }),
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      targetAverageValue: pods.target?.averageValue ?? '0',
      ...said({ selector: pods.metric?.selector }),
    },
    resource: resource && { name: resource.name ?? '', ...targetOfResource(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      ...targetOfResource(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      ...said({
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
    },
  });
}

function targetOfResource({ target }: Loose): Loose {
  return said({ targetAverageUtilization: target?.averageUtilization, targetAverageValue: target?.averageValue });
}

function metricStatusToV2(metric: Loose): Loose {
  const { type, object, pods, resource, containerResource, external } = metric;
  const ofResource = (one: Loose) =>
    one && {
      ...said({ name: one.name, container: one.container }),
      current: said({ averageValue: one.currentAverageValue, averageUtilization: one.currentAverageUtilization }),
    };
  return said({
    type,
    object: object && {
      metric: said({ name: object.metricName, selector: object.selector }),
      current: said({ value: object.currentValue, averageValue: object.averageValue }),
      describedObject: object.target,
    },
    pods: pods && {
      metric: said({ name: pods.metricName, selector: pods.selector }),
      current: said({ averageValue: pods.currentAverageValue }),
    },
    resource: ofResource(resource),
    containerResource: ofResource(containerResource),
    external: external && {
      metric: said({ name: external.metricName, selector: external.metricSelector }),
      current: said({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  });
}

function metricStatusToV1(metric: Loose): Loose {
  const { type, object, pods, resource, containerResource, external } = metric;
  const current = (one: Loose) => ({
    ...said({ currentAverageUtilization: one.current?.averageUtilization }),
    currentAverageValue: one.current?.averageValue ?? '0',
  });
  return said({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      currentValue: object.current?.value ?? '0',
      ...said({ selector: object.metric?.selector, averageValue: object.current?.averageValue }),
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      currentAverageValue: pods.current?.averageValue ?? '0',
      ...said({ selector: pods.metric?.selector }),
    },
    resource: resource && { name: resource.name ?? '', ...current(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      ...current(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      ...said({ metricSelector: external.metric?.selector }),
      currentValue: external.current?.value ?? '0',
      ...said({ currentAverageValue: external.current?.averageValue }),
    },
  });
}
