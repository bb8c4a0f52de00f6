import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, unlessTerminating } from '../host/index.ts';
import { addressesOf, hasEndpoints, hostnameOf, isHeadless, isReady, podsOf, targetPort, watchPods } from './pods.ts';
import { type Address, repackSubsets, type Subset } from './subsets.ts';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const managedBy = 'endpoints.kubernetes.io/managed-by';
const manager = 'endpoint-controller';
const headlessLabel = 'service.kubernetes.io/headless';

/** Keeps the Endpoints of Services that have a selector. */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  serviceAccount: 'endpoint-controller',
  component: 'endpoint-controller',
  start(context) {
    const services = context.resource('', 'v1', 'services');
    const endpoints = context.resource('', 'v1', 'endpoints');
    const times = new TriggerTimes();
    const queue = context.queue((key) => reconcile(context, { services, endpoints }, times, key));
    context.watch(services, ({ type, key, entry }) => {
      // The server's own selects no pods.
      if (entry.isUntouched) return;
      if (type === 'delete' || (entry.object as MutableObject).spec.selector) queue.add(key);
    });
    watchPods(context, queue);
    context.watch(endpoints, ({ type, key }) => {
      if (type === 'delete') queue.add(key);
    });
  },
};

async function reconcile(
  context: ControllerContext,
  { services, endpoints }: { readonly services: ServedResource; readonly endpoints: ServedResource },
  times: TriggerTimes,
  key: string,
): Promise<void> {
  const { client } = context;
  const [namespace = '', name = ''] = key.split('/');
  const service = client.get(services, namespace, name) as MutableObject | undefined;
  const present = client.get(endpoints, namespace, name) as MutableObject | undefined;
  if (!service) {
    times.forget(key);
    if (present) await client.delete(endpoints, namespace, name);
    return;
  }
  if (service.spec.type === 'ExternalName' || !service.spec.selector) return;
  const pods = podsOf(context, service);
  const time = times.of(key, service, pods);
  const subsets = subsetsOf(service, pods);
  const labels = labelsOf(service);
  if (!present) {
    const annotations = withTriggerTime(undefined, time);
    const metadata = { name, namespace, labels, ...(annotations ? { annotations } : {}) };
    await unlessTerminating(client.create(endpoints, { metadata, subsets }));
    return;
  }
  if (deepEqual(present.subsets ?? [], subsets) && deepEqual(present.metadata.labels, labels)) return;
  await client.update(endpoints, namespace, name, (object) => {
    const { annotations: before, ...metadata } = object.metadata;
    const annotations = withTriggerTime(before, time);
    (object as { metadata: object }).metadata = { ...metadata, labels, ...(annotations ? { annotations } : {}) };
    if (subsets.length > 0) object.subsets = subsets;
    else delete object.subsets;
    return true;
  });
}

function labelsOf(service: MutableObject): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return { ...labels, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}), [managedBy]: manager };
}

/** One subset for each pod and port, repacked. */
function subsetsOf(service: MutableObject, pods: readonly MutableObject[]): Subset[] {
  const { ports = [], ipFamilies = ['IPv4'], publishNotReadyAddresses } = service.spec;
  const subsets: Subset[] = [];
  for (const pod of pods) {
    if (!hasEndpoints(pod) || (pod.metadata.deletionTimestamp && !publishNotReadyAddresses)) continue;
    const [ip] = addressesOf(pod, ipFamilies[0]);
    if (ip === undefined) continue;
    const address = addressOf(pod, service, ip);
    const ready = publishNotReadyAddresses || isReady(pod);
    const where = ready ? { addresses: [address] } : { notReadyAddresses: [address] };
    if (ports.length === 0 && service.spec.clusterIP === 'None') subsets.push(where);
    for (const port of ports) {
      const number = targetPort(pod, port);
      if (number === undefined) continue;
      const { name, protocol, appProtocol } = port;
      subsets.push({
        ...where,
        ports: [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }],
      });
    }
  }
  return repackSubsets(subsets);
}

function addressOf(pod: MutableObject, service: MutableObject, ip: string): Address {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const hostname = hostnameOf(pod, service);
  return {
    ip,
    ...(hostname ? { hostname } : {}),
    nodeName: pod.spec.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}
