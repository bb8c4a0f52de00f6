import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, unlessTerminating } from '../host/index.ts';
import { sortedByHash } from './hash.ts';
import { addressesOf, hasEndpoints, hostnameOf, isHeadless, isReady, podsOf, targetPort, watchPods } from './pods.ts';
import { planSlices, type SliceGroup } from './slice-plan.ts';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const serviceNameLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const headlessLabel = 'service.kubernetes.io/headless';
const zoneLabel = 'topology.kubernetes.io/zone';
const manager = 'endpointslice-controller.k8s.io';
const reserved = [serviceNameLabel, managedByLabel, headlessLabel];

type Family = 'IPv4' | 'IPv6';

/** Keeps the EndpointSlices of Services that have a selector; with the Service they go by the garbage collector. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  serviceAccount: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  start(context) {
    const services = context.resource('', 'v1', 'services');
    const slices = context.resource('discovery.k8s.io', 'v1', 'endpointslices');
    const times = new TriggerTimes();
    const queue = context.queue((key) => reconcile(context, { services, slices }, times, key));
    context.watch(services, ({ type, key, entry }) => {
      // The server's own selects no pods.
      if (entry.isUntouched) return;
      if (type === 'delete' || (entry.object as MutableObject).spec.selector) queue.add(key);
    });
    watchPods(context, queue);
    context.watch(slices, ({ entry: { object } }) => {
      const { labels = {}, namespace = '' } = object.metadata;
      if (labels[managedByLabel] === manager) queue.add(`${namespace}/${labels[serviceNameLabel] ?? ''}`);
    });
    // Pods on a node that nobody knows are left out.
    context.watch(context.resource('', 'v1', 'nodes'), ({ type }) => {
      if (type === 'update') return;
      for (const { key } of context.collection(services).present().entries('')) queue.add(key);
    });
  },
};

async function reconcile(
  context: ControllerContext,
  { services, slices }: { readonly services: ServedResource; readonly slices: ServedResource },
  times: TriggerTimes,
  key: string,
): Promise<void> {
  const { client } = context;
  const [namespace = '', name = ''] = key.split('/');
  const service = client.get(services, namespace, name) as MutableObject | undefined;
  if (!service) {
    times.forget(key);
    return;
  }
  if (service.spec.type === 'ExternalName' || !service.spec.selector) return;
  const pods = podsOf(context, service);
  const time = times.of(key, service, pods);
  const existing = [...client.list(slices, namespace)]
    .map((slice) => slice as MutableObject)
    .filter(({ metadata: { labels = {}, deletionTimestamp } }) => {
      return !deletionTimestamp && labels[serviceNameLabel] === name && labels[managedByLabel] === manager;
    });
  const families: readonly Family[] = service.spec.ipFamilies ?? ['IPv4'];
  for (const family of families) {
    const plan = planSlices({
      existing: existing.filter((slice) => slice.addressType === family),
      isOwned: (slice) => isOwnedBy(slice, service),
      groups: groupsOf(context, service, pods, family),
      blank: (ports) => newSlice(service, family, ports),
      hasLabels: (slice) => deepEqual(ownLabels(slice), ownLabels(service)),
    });
    if (!service.metadata.deletionTimestamp) {
      for (const slice of plan.create) {
        const annotations = withTriggerTime(undefined, time);
        const metadata = { ...slice.metadata, ...(annotations ? { annotations } : {}) };
        await unlessTerminating(client.create(slices, { ...slice, metadata }));
      }
    }
    for (const { name: slice, endpoints, ports } of plan.update) {
      await client.update(slices, namespace, slice, (object) => {
        const { annotations: before, ...metadata } = object.metadata;
        const annotations = withTriggerTime(before, time);
        const labels = labelsOf(service);
        (object as { metadata: object }).metadata = { ...metadata, labels, ...(annotations ? { annotations } : {}) };
        object.endpoints = endpoints;
        object.ports = ports;
        return true;
      });
    }
    for (const slice of plan.delete) await client.delete(slices, namespace, slice);
  }
  const strangers = existing.filter((slice) => !families.includes(slice.addressType));
  for (const slice of strangers) await client.delete(slices, namespace, slice.metadata.name ?? '');
}

/** The endpoints that there should be, by their ports. */
function groupsOf(
  context: ControllerContext,
  service: MutableObject,
  pods: readonly MutableObject[],
  family: Family,
): SliceGroup[] {
  const nodes = context.resource('', 'v1', 'nodes');
  const groups = new Map<string, { ports: readonly object[]; endpoints: MutableObject[] }>();
  for (const pod of pods) {
    if (!hasEndpoints(pod)) continue;
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    const { nodeName = '' } = pod.spec;
    const node = context.client.get(nodes, '', nodeName);
    if (!node && !service.spec.publishNotReadyAddresses) continue;
    const addresses = addressesOf(pod, family);
    if (addresses.length > 0) group.endpoints.push(endpointOf(pod, service, addresses, node?.metadata.labels));
  }
  return [...groups.values()];
}

function endpointOf(
  pod: MutableObject,
  service: MutableObject,
  addresses: readonly string[],
  nodeLabels: Readonly<Record<string, string>> | undefined,
): MutableObject {
  const { namespace = '', name = '', uid = '', deletionTimestamp } = pod.metadata;
  const serving = isReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(pod, service);
  const zone = nodeLabels?.[zoneLabel];
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  } as unknown as MutableObject;
}

function portsOf(service: MutableObject, pod: MutableObject): readonly object[] {
  const ports = (service.spec.ports ?? []).flatMap((port: MutableObject) => {
    const number = targetPort(pod, port);
    if (number === undefined) return [];
    const { name = '', protocol, appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
  return sortedByHash(ports as SlicePort[], dumpPort);
}

interface SlicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

function dumpPort({ name, port, protocol, appProtocol = '<nil>' }: SlicePort): string {
  return `(v1.EndpointPort){Name:(*string)${name} Protocol:(*v1.Protocol)${protocol} Port:(*int32)${port} AppProtocol:(*string)${appProtocol}}`;
}

function newSlice(service: MutableObject, addressType: Family, ports: readonly object[]): MutableObject {
  const { name = '', namespace = '', uid = '' } = service.metadata;
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: labelsOf(service),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints: [],
    ports,
  } as unknown as MutableObject;
}

function labelsOf(service: MutableObject): Record<string, string> {
  return {
    ...ownLabels(service),
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name ?? '',
    [managedByLabel]: manager,
  };
}

function ownLabels({ metadata }: MutableObject): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => !reserved.includes(key)));
}

function isOwnedBy(slice: MutableObject, service: MutableObject): boolean {
  const { ownerReferences = [] } = slice.metadata;
  return ownerReferences.some((one) => one.uid === service.metadata.uid && one.kind === 'Service');
}
