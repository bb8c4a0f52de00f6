import { formatQuantity, parseQuantity, type Quantity } from '@setpoint/apimachinery/quantity';
import type { Loose, Visitors } from '../walk.ts';

/** Sets a member that is absent; empty texts count as absent, as Go's zero value does. */
export function fill(object: Loose, name: string, value: unknown): void {
  const present = object[name];
  if (present === undefined || present === null || present === '') object[name] = value;
}

/** Sets a member that Go has behind a pointer: an empty text was given on purpose. */
export function fillAbsent(object: Loose, name: string, value: unknown): void {
  object[name] ??= value;
}

/** Defaults of the core group, by type, as pkg/apis/core/v1 of Kubernetes sets them. */
export const coreDefaults: Visitors = {
  ResourceList: roundToMilli,
  'core/v1.Pod': defaultPod,
  'core/v1.PodSpec': (spec) => {
    fill(spec, 'dnsPolicy', 'ClusterFirst');
    fill(spec, 'restartPolicy', 'Always');
    fill(spec, 'securityContext', {});
    fill(spec, 'terminationGracePeriodSeconds', 30);
    fill(spec, 'schedulerName', 'default-scheduler');
  },
  'core/v1.Container': defaultContainer,
  'core/v1.EphemeralContainer': defaultContainer,
  'core/v1.Probe': (probe) => {
    const zero = (name: string, value: number) => {
      if (!probe[name]) probe[name] = value;
    };
    zero('timeoutSeconds', 1);
    zero('periodSeconds', 10);
    zero('successThreshold', 1);
    zero('failureThreshold', 3);
  },
  'core/v1.HTTPGetAction': (action) => {
    fill(action, 'path', '/');
    fill(action, 'scheme', 'HTTP');
  },
  'core/v1.ObjectFieldSelector': (selector) => fill(selector, 'apiVersion', 'v1'),
  'core/v1.EndpointPort': (port) => fill(port, 'protocol', 'TCP'),
  'core/v1.Volume': defaultVolume,
  'core/v1.SecretVolumeSource': (source) => fill(source, 'defaultMode', 0o644),
  'core/v1.ConfigMapVolumeSource': (source) => fill(source, 'defaultMode', 0o644),
  'core/v1.DownwardAPIVolumeSource': (source) => fill(source, 'defaultMode', 0o644),
  'core/v1.ProjectedVolumeSource': (source) => fill(source, 'defaultMode', 0o644),
  'core/v1.ServiceAccountTokenProjection': (source) => fill(source, 'expirationSeconds', 3600),
  'core/v1.HostPathVolumeSource': (source) => {
    if (source.type === undefined) source.type = '';
  },
  'core/v1.Service': defaultService,
  'core/v1.Secret': (secret) => fill(secret, 'type', 'Opaque'),
  'core/v1.Namespace': (namespace) => {
    if (!namespace.metadata?.name) return;
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    };
  },
  'core/v1.NamespaceStatus': (status) => fill(status, 'phase', 'Active'),
  'core/v1.NodeStatus': (status) => {
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  },
  'core/v1.PersistentVolume': (volume) => {
    volume.status ??= {};
    volume.spec ??= {};
    fill(volume.status, 'phase', 'Pending');
    fill(volume.spec, 'persistentVolumeReclaimPolicy', 'Retain');
    fillAbsent(volume.spec, 'volumeMode', 'Filesystem');
  },
  'core/v1.PersistentVolumeClaim': (claim) => {
    claim.status ??= {};
    fill(claim.status, 'phase', 'Pending');
  },
  'core/v1.PersistentVolumeClaimSpec': (spec) => fillAbsent(spec, 'volumeMode', 'Filesystem'),
  'core/v1.ReplicationController': (controller) => {
    const labels = controller.spec?.template?.metadata?.labels;
    if (!labels) return;
    if (isEmpty(controller.spec.selector)) controller.spec.selector = { ...labels };
    if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels };
  },
  'core/v1.LimitRangeItem': (item) => {
    if (item.type !== 'Container') return;
    item.default = { ...item.max, ...item.default };
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
  },
};

function defaultPod(pod: Loose): void {
  pod.spec ??= {};
  const { spec } = pod;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const resources = container.resources;
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
    if (!spec.hostNetwork) continue;
    for (const port of container.ports ?? []) if (!port.hostPort) port.hostPort = port.containerPort;
  }
  if (!isEmpty(spec.resources?.limits)) {
    spec.resources.requests = { ...spec.resources.limits, ...spec.resources.requests };
  }
  if (spec.enableServiceLinks === undefined) spec.enableServiceLinks = true;
}

function defaultContainer(container: Loose): void {
  fill(container, 'imagePullPolicy', pullPolicy(container.image ?? ''));
  fill(container, 'terminationMessagePath', '/dev/termination-log');
  fill(container, 'terminationMessagePolicy', 'File');
}

function defaultVolume(volume: Loose): void {
  if (Object.keys(volume).every((name) => name === 'name')) volume.emptyDir = {};
  if (volume.image) fill(volume.image, 'pullPolicy', pullPolicy(volume.image.reference ?? ''));
}

/** Always for `latest` and for no tag at all, IfNotPresent otherwise and for what is no image name. */
export function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const path = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const reference = new RegExp(
    `^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?${path}(?:/${path})*(?::([\\w][\\w.-]{0,127}))?(@.+)?$`,
  );
  const match = reference.exec(image);
  if (!match) return 'IfNotPresent';
  const [, tag, digest] = match;
  if (tag === undefined) return digest === undefined ? 'Always' : 'IfNotPresent';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultService(service: Loose): void {
  service.spec ??= {};
  const spec = service.spec;
  fill(spec, 'sessionAffinity', 'None');
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  }
  fill(spec, 'type', 'ClusterIP');
  for (const port of spec.ports ?? []) {
    fill(port, 'protocol', 'TCP');
    if (!port.targetPort) port.targetPort = port.port ?? 0;
  }
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const exposed = spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0;
  if (external || exposed) fill(spec, 'externalTrafficPolicy', 'Cluster');
  if (external || spec.type === 'ClusterIP') fillAbsent(spec, 'internalTrafficPolicy', 'Cluster');
  if (spec.type !== 'LoadBalancer') return;
  if (spec.allocateLoadBalancerNodePorts === undefined) spec.allocateLoadBalancerNodePorts = true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? [])
    if (ingress.ip) fillAbsent(ingress, 'ipMode', 'VIP');
}

/** Resources are kept in thousandths; what is finer is rounded up. */
function roundToMilli(list: Loose): void {
  for (const name of Object.keys(list)) {
    const quantity = parseQuantity(list[name]);
    if (quantity.scale < -3) list[name] = formatQuantity(roundUp(quantity));
  }
}

function roundUp(quantity: Quantity): Quantity {
  const step = 10n ** BigInt(-3 - quantity.scale);
  const whole = quantity.unscaled / step;
  const exact = whole * step === quantity.unscaled;
  const away = quantity.unscaled < 0n ? -1n : 1n;
  return { unscaled: exact ? whole : whole + away, scale: -3, format: quantity.format };
}

export function isEmpty(value: Loose): boolean {
  return value === undefined || value === null || Object.keys(value).length === 0;
}
