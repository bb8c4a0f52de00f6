import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import type { Change } from '../../store/index.ts';
import type { ControllerContext, WorkQueue } from '../host/index.ts';

/** Adds the Services whose selector chooses the pod, before or after a change that endpoints show. */
export function watchPods(context: ControllerContext, queue: WorkQueue): void {
  const services = context.collection(context.resource('', 'v1', 'services'));
  context.watch(context.resource('', 'v1', 'pods'), (change) => {
    if (!concernsEndpoints(change)) return;
    const { namespace = '' } = change.entry.object.metadata;
    const labels = change.entry.object.metadata.labels ?? {};
    const before = change.previous?.object.metadata.labels ?? labels;
    for (const { key, object } of services.present().entries(`${namespace}/`)) {
      const selector = (object as MutableObject).spec?.selector;
      if (selector && (selects(selector, labels) || selects(selector, before))) queue.add(key);
    }
  });
}

/** The pods that a Service chooses; none for one without a selector. */
export function podsOf(context: ControllerContext, service: MutableObject): MutableObject[] {
  const { selector } = service.spec;
  if (!selector) return [];
  const pods = context.collection(context.resource('', 'v1', 'pods'));
  const entries = pods.present().entries(`${service.metadata.namespace}/`);
  return Array.from(
    Iterator.from(entries)
      .map((entry) => entry.object as MutableObject)
      .filter((pod) => selects(selector, pod.metadata.labels ?? {})),
  );
}

export function isReady(pod: MutableObject): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** When the pod has become ready or not ready, in milliseconds; undefined: it has never said. */
export function readySince(pod: MutableObject): number | undefined {
  const since = readyCondition(pod)?.lastTransitionTime;
  return since === undefined ? undefined : Date.parse(since);
}

/** Finished pods and those without an address are nobody's endpoints. */
export function hasEndpoints(pod: MutableObject): boolean {
  const { phase, podIP, podIPs = [] } = pod.status ?? {};
  return phase !== 'Failed' && phase !== 'Succeeded' && Boolean(podIP || podIPs.length > 0);
}

/** The pod's addresses of that family. */
export function addressesOf(pod: MutableObject, family: 'IPv4' | 'IPv6'): string[] {
  const addresses: readonly string[] = (pod.status?.podIPs ?? []).map((one: { ip?: string }) => one.ip ?? '');
  return addresses.filter((one) => one !== '' && one.includes(':') === (family === 'IPv6'));
}

/** The number of the port in this pod that a port of a Service leads to. */
export function targetPort(pod: MutableObject, port: MutableObject): number | undefined {
  const target: number | string = port.targetPort;
  if (typeof target === 'number') return target;
  const sidecars = (pod.spec.initContainers ?? []).filter((one: MutableObject) => one.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const one of container.ports ?? []) {
      if (one.name === target && one.protocol === port.protocol) return one.containerPort;
    }
  }
  return undefined;
}

/** A pod in a subdomain is known by its name to the headless Service of that name. */
export function hostnameOf(pod: MutableObject, service: MutableObject): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace
    ? hostname
    : undefined;
}

export function isHeadless(service: MutableObject): boolean {
  const { clusterIP, type } = service.spec;
  return type === 'ExternalName' || !clusterIP || clusterIP === 'None';
}

function readyCondition(pod: MutableObject): { status?: string; lastTransitionTime?: string } | undefined {
  return pod.status?.conditions?.find((one: { type?: string }) => one.type === 'Ready');
}

function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function concernsEndpoints({ type, entry, previous }: Change): boolean {
  if (type !== 'update' || !previous) return true;
  return !deepEqual(projection(entry.object as MutableObject), projection(previous.object as MutableObject));
}

function projection({ metadata, spec, status }: MutableObject): unknown {
  const { phase, podIP, podIPs, conditions } = status ?? {};
  const ready = conditions?.find((one: { type?: string }) => one.type === 'Ready')?.status;
  const { labels, deletionTimestamp } = metadata;
  return { labels, deletionTimestamp, node: spec.nodeName, hostname: spec.hostname, phase, podIP, podIPs, ready };
}
