import type { KubeObject } from '@setpoint/apimachinery/meta';
import {
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isZeroQuantity,
  parseQuantity,
  type Quantity,
  quantityToNumber,
} from '@setpoint/apimachinery/quantity';
import { podAmounts } from '../quota/index.ts';
import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { refused } from './refusal.ts';

type Amounts = Readonly<Record<string, string>>;

interface Limit {
  readonly type: string;
  readonly min?: Amounts;
  readonly max?: Amounts;
  readonly default?: Amounts;
  readonly defaultRequest?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
}

interface Resources {
  readonly requests: ReadonlyMap<string, Quantity>;
  readonly limits: ReadonlyMap<string, Quantity>;
}

const annotation = 'kubernetes.io/limit-ranger';

/** Fills in what a namespace's LimitRanges say for containers that say nothing, and refuses what is out of range. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: ({ group, resource, subresource, operation }) =>
    group === '' &&
    subresource === '' &&
    ((resource === 'pods' && operation === 'CREATE') ||
      (resource === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE'))),
  admit(attributes) {
    if (attributes.resource.resource !== 'pods' || !attributes.object?.spec) return undefined;
    for (const limits of limitsOf(attributes)) fillIn(attributes.object, limits);
    return undefined;
  },
  validate(attributes) {
    if (!attributes.object || attributes.oldObject?.metadata.deletionTimestamp) return undefined;
    for (const limits of limitsOf(attributes)) {
      const errors = [...new Set(check(attributes.object, attributes.resource.resource, limits))];
      if (errors.length > 0)
        throw refused(attributes, errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`);
    }
    return undefined;
  },
};

function limitsOf({ backend, namespace }: AdmissionAttributes): readonly (readonly Limit[])[] {
  const collection = backend.store.collection('/limitranges');
  if (collection.size === 0) return [];
  return Array.from(
    collection.present().entries(`${namespace}/`),
    ({ object }) => (object as KubeObject & { spec?: { limits?: readonly Limit[] } }).spec?.limits ?? [],
  );
}

function fillIn(pod: MutableObject, limits: readonly Limit[]): void {
  const ofContainers = limits.filter(({ type }) => type === 'Container');
  const requests: Amounts = Object.assign({}, ...ofContainers.map((limit) => limit.defaultRequest ?? {}));
  const maximums: Amounts = Object.assign({}, ...ofContainers.map((limit) => limit.default ?? {}));
  const told: string[] = [];
  const merge = (container: MutableObject, word: string) => {
    container.resources ??= {};
    const set = (member: 'requests' | 'limits', defaults: Amounts, what: string) => {
      const own: Amounts = container.resources[member] ?? {};
      const missing = Object.keys(defaults).filter((name) => own[name] === undefined);
      if (missing.length === 0) return;
      container.resources[member] = { ...own, ...Object.fromEntries(missing.map((name) => [name, defaults[name]])) };
      told.push(`${missing.sort().join(', ')} ${what} for ${word} ${container.name}`);
    };
    set('requests', requests, 'request');
    set('limits', maximums, 'limit');
  };
  for (const container of pod.spec.containers ?? []) merge(container, 'container');
  for (const container of pod.spec.initContainers ?? []) merge(container, 'init container');
  if (told.length === 0) return;
  const metadata = pod.metadata as { annotations?: Record<string, string> };
  metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` };
}

function check(object: MutableObject, resource: string, limits: readonly Limit[]): string[] {
  if (resource === 'persistentvolumeclaims') {
    const { requests } = resourcesOf(object.spec);
    return limits
      .filter(({ type }) => type === 'PersistentVolumeClaim')
      .flatMap(({ type, min = {}, max = {} }) => [
        ...each(min, (name, bound) => below(type, name, bound, requests, new Map())),
        ...each(max, (name, bound) => requestAbove(type, name, bound, requests)),
      ]);
  }
  const containers: MutableObject[] = [...(object.spec?.containers ?? []), ...(object.spec?.initContainers ?? [])];
  return limits.flatMap((limit) => {
    if (limit.type === 'Container') return containers.flatMap((one) => checkRange(limit, resourcesOf(one)));
    return limit.type === 'Pod' ? checkRange(limit, podResources(object.spec)) : [];
  });
}

function checkRange({ type, min = {}, max = {}, maxLimitRequestRatio = {} }: Limit, own: Resources): string[] {
  const { requests, limits } = own;
  return [
    ...each(min, (name, bound) => below(type, name, bound, requests, limits)),
    ...each(max, (name, bound) => above(type, name, bound, requests, limits)),
    ...each(maxLimitRequestRatio, (name, bound) => ratio(type, name, bound, requests, limits)),
  ];
}

function each(bounds: Amounts, judge: (name: string, bound: Quantity) => string | undefined): string[] {
  return Object.keys(bounds)
    .sort()
    .flatMap((name) => judge(name, parseQuantity(bounds[name] as string)) ?? []);
}

type Map2 = ReadonlyMap<string, Quantity>;

function below(type: string, name: string, bound: Quantity, requests: Map2, limits: Map2): string | undefined {
  const head = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!request) return `${head}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${head}, but request is ${formatQuantity(request)}`;
  return limit && compareQuantities(limit, bound) < 0 ? `${head}, but limit is ${formatQuantity(limit)}` : undefined;
}

function above(type: string, name: string, bound: Quantity, requests: Map2, limits: Map2): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!limit) return `${head}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${head}, but limit is ${formatQuantity(limit)}`;
  return request && compareQuantities(request, bound) > 0
    ? `${head}, but request is ${formatQuantity(request)}`
    : undefined;
}

function requestAbove(type: string, name: string, bound: Quantity, requests: Map2): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const request = requests.get(name);
  if (!request) return `${head}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${head}, but request is ${formatQuantity(request)}` : undefined;
}

function ratio(type: string, name: string, bound: Quantity, requests: Map2, limits: Map2): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!request || isZeroQuantity(request)) return `${head}, but no request is specified or request is 0`;
  if (!limit || isZeroQuantity(limit)) return `${head}, but no limit is specified or limit is 0`;
  const found = quantityToNumber(limit) / quantityToNumber(request);
  return found > quantityToNumber(bound) ? `${head}, but provided ratio is ${found.toFixed(6)}` : undefined;
}

function resourcesOf(container: MutableObject | undefined): Resources {
  const read = (amounts: Amounts | undefined) =>
    new Map(
      Object.entries(amounts ?? {}).map(([name, amount]) => [name, parseQuantity(canonicalQuantity(String(amount)))]),
    );
  return { requests: read(container?.resources?.requests), limits: read(container?.resources?.limits) };
}

function podResources(spec: MutableObject['spec']): Resources {
  const of = spec ?? {};
  return { requests: podAmounts(of, 'requests'), limits: podAmounts(of, 'limits') };
}
