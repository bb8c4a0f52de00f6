import { timestampAge } from '@setpoint/apimachinery/duration';
import type { Loose } from '../walk.ts';
import { type Cells, labels, orNone, selector, some } from './format.ts';

function created(object: Loose, now: number): string {
  return timestampAge(object.metadata.creationTimestamp, now);
}

/** Cells of everything that runs no pods itself. */
export const clusterPrinters: Readonly<Record<string, Cells>> = {
  'core/v1.Service': (service, now) => [
    service.metadata.name,
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] ?? '<none>',
    externalAddress(service),
    orNone((service.spec?.ports ?? []).map(portText).join(',')),
    created(service, now),
    labels(service.spec?.selector),
  ],
  'core/v1.ConfigMap': (map, now) => [
    map.metadata.name,
    Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length,
    created(map, now),
  ],
  'core/v1.Secret': (secret, now) => [
    secret.metadata.name,
    secret.type ?? '',
    Object.keys(secret.data ?? {}).length,
    created(secret, now),
  ],
  'core/v1.Namespace': (namespace, now) => [
    namespace.metadata.name,
    namespace.status?.phase ?? '',
    created(namespace, now),
  ],
  'core/v1.Node': nodeCells,
  'core/v1.Event': (event, now) => eventCells(event, event.involvedObject, event.message, now),
  'events.k8s.io/v1.Event': (event, now) =>
    eventCells(
      {
        ...event,
        source: event.deprecatedSource,
        firstTimestamp: event.deprecatedFirstTimestamp,
        lastTimestamp: event.deprecatedLastTimestamp,
        count: event.deprecatedCount,
        reportingComponent: event.reportingController,
      },
      event.regarding,
      event.note,
      now,
    ),
  'core/v1.ServiceAccount': (account, now) => [account.metadata.name, created(account, now)],
  'core/v1.Endpoints': (endpoints, now) => [endpoints.metadata.name, endpointList(endpoints), created(endpoints, now)],
  'core/v1.PersistentVolume': volumeCells,
  'core/v1.PersistentVolumeClaim': claimCells,
  'core/v1.ResourceQuota': quotaCells,
  'coordination.k8s.io/v1.Lease': (lease, now) => [
    lease.metadata.name,
    lease.spec?.holderIdentity ?? '',
    created(lease, now),
  ],
  'networking.k8s.io/v1.Ingress': (ingress, now) => [
    ingress.metadata.name,
    ingress.spec?.ingressClassName ?? '<none>',
    hosts(ingress.spec?.rules ?? []),
    addresses(ingress.status?.loadBalancer),
    (ingress.spec?.tls?.length ?? 0) > 0 ? '80, 443' : '80',
    created(ingress, now),
  ],
  'networking.k8s.io/v1.IngressClass': (one, now) => [
    one.metadata.name,
    one.spec?.controller ?? '',
    one.spec?.parameters ? parameterText(one.spec.parameters) : '<none>',
    created(one, now),
  ],
  'networking.k8s.io/v1.NetworkPolicy': (policy, now) => [
    policy.metadata.name,
    selector(policy.spec?.podSelector),
    created(policy, now),
  ],
  'rbac.authorization.k8s.io/v1.RoleBinding': bindingCells,
  'rbac.authorization.k8s.io/v1.ClusterRoleBinding': bindingCells,
  'discovery.k8s.io/v1.EndpointSlice': (slice, now) => [
    slice.metadata.name,
    slice.addressType ?? '',
    some(
      (slice.ports ?? []).map((port: Loose) => String(port.port ?? port.name ?? '*')),
      3,
    ).replace('<none>', '<unset>'),
    some(
      (slice.endpoints ?? []).flatMap((endpoint: Loose) => endpoint.addresses ?? []),
      3,
    ).replace('<none>', '<unset>'),
    created(slice, now),
  ],
  'storage.k8s.io/v1.StorageClass': (one, now) => [
    isDefault(one) ? `${one.metadata.name} (default)` : one.metadata.name,
    one.provisioner ?? '',
    one.reclaimPolicy ?? 'Delete',
    one.volumeBindingMode ?? 'Immediate',
    one.allowVolumeExpansion ?? false,
    created(one, now),
  ],
  'admissionregistration.k8s.io/v1.ValidatingWebhookConfiguration': webhookCells,
  'admissionregistration.k8s.io/v1.MutatingWebhookConfiguration': webhookCells,
};

function webhookCells(configuration: Loose, now: number): readonly unknown[] {
  return [configuration.metadata.name, configuration.webhooks?.length ?? 0, created(configuration, now)];
}

function portText({ port, nodePort, protocol }: Loose): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalAddress({ spec = {}, status = {} }: Loose): string {
  const external: readonly string[] = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(external.join(','));
    case 'LoadBalancer': {
      const given = addresses(status.loadBalancer);
      return [...(given === '' ? [] : given.split(',')), ...external].join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function addresses(balancer: Loose): string {
  const found = (balancer?.ingress ?? []).map((one: Loose) => one.ip || one.hostname).filter(Boolean);
  return [...new Set<string>(found)].sort().join(',');
}

/** Three rules are looked at; those without a host do not show. */
function hosts(rules: readonly Loose[]): string {
  const named = rules.map((rule) => rule.host).filter(Boolean);
  if (named.length === 0) return '*';
  const more = named.length >= 3 && rules.length > 3;
  return more ? `${named.slice(0, 3).join(',')} + ${rules.length - 3} more...` : named.join(',');
}

function parameterText({ apiGroup, kind, name }: Loose): string {
  return apiGroup ? `${kind}.${apiGroup}/${name}` : `${kind}/${name}`;
}

function endpointList(endpoints: Loose): string {
  const list = (endpoints.subsets ?? []).flatMap((subset: Loose) => {
    const hosts: readonly string[] = (subset.addresses ?? []).map((address: Loose) => address.ip);
    const ports: readonly Loose[] = subset.ports ?? [];
    const host = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);
    return ports.length === 0 ? hosts : ports.flatMap((port) => hosts.map((ip) => `${host(ip)}:${port.port}`));
  });
  return (endpoints.subsets?.length ?? 0) === 0 ? '<none>' : list.length === 0 ? '' : some(list, 3);
}

function nodeCells(node: Loose, now: number): readonly unknown[] {
  const { spec = {}, status = {} } = node;
  const ready = (status.conditions ?? []).find((one: Loose) => one.type === 'Ready');
  const states = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec.unschedulable) states.push('SchedulingDisabled');
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries((node.metadata.labels ?? {}) as Record<string, string>)
    .flatMap(([key, value]) => {
      if (key.startsWith(prefix)) return key.length > prefix.length ? [key.slice(prefix.length)] : [];
      return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
    })
    .sort();
  const info = status.nodeInfo ?? {};
  const address = (type: string) => (status.addresses ?? []).find((one: Loose) => one.type === type)?.address;
  const kernel = info.kernelVersion || '<unknown>';
  return [
    node.metadata.name,
    states.join(','),
    orNone(roles.join(',')),
    created(node, now),
    info.kubeletVersion ?? '',
    orNone(address('InternalIP')),
    orNone(address('ExternalIP')),
    info.osImage || '<unknown>',
    info.architecture ? `${kernel} (${info.architecture})` : kernel,
    info.containerRuntimeVersion || '<unknown>',
  ];
}

function eventCells(event: Loose, about: Loose, message: string | undefined, now: number): readonly unknown[] {
  const first = timestampAge(event.firstTimestamp ?? event.eventTime, now);
  const last = event.series
    ? timestampAge(event.series.lastObservedTime, now)
    : event.lastTimestamp
      ? timestampAge(event.lastTimestamp, now)
      : first;
  const kind = (about?.kind ?? '').toLowerCase();
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.host || event.reportingInstance || '';
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    about?.name ? `${kind}/${about.name}` : kind,
    about?.fieldPath ?? '',
    instance === '' ? component : `${component}, ${instance}`,
    (message ?? '').trim(),
    first,
    event.series?.count ?? (event.count || 1),
    event.metadata.name,
  ];
}

const modes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModes(given: readonly string[] | undefined): string {
  return modes
    .filter(([mode]) => given?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

function volumeCells(volume: Loose, now: number): readonly unknown[] {
  const { spec = {}, status = {} } = volume;
  const claim = spec.claimRef;
  return [
    volume.metadata.name,
    spec.capacity?.storage ?? '0',
    accessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    volume.metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '',
    storageClass(volume),
    spec.volumeAttributesClassName ?? '<unset>',
    status.reason ?? '',
    created(volume, now),
    spec.volumeMode ?? '<unset>',
  ];
}

function claimCells(claim: Loose, now: number): readonly unknown[] {
  const { spec = {}, status = {} } = claim;
  const bound = Boolean(spec.volumeName);
  return [
    claim.metadata.name,
    claim.metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    spec.volumeName ?? '',
    bound ? (status.capacity?.storage ?? '0') : '',
    bound ? accessModes(status.accessModes) : '',
    storageClass(claim),
    spec.volumeAttributesClassName ?? '<unset>',
    created(claim, now),
    spec.volumeMode ?? '<unset>',
  ];
}

function storageClass(object: Loose): string {
  const annotation = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return annotation ?? object.spec?.storageClassName ?? '';
}

function isDefault(object: Loose): boolean {
  const annotations = object.metadata.annotations ?? {};
  const names = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
  return names.some((name) => annotations[name] === 'true');
}

function quotaCells(quota: Loose, now: number): readonly unknown[] {
  const hard: Readonly<Record<string, string>> = quota.status?.hard ?? {};
  const texts = Object.keys(hard)
    .sort()
    .map((name) => [name, `${name}: ${quota.status?.used?.[name] ?? '0'}/${hard[name]}`] as const);
  const limit = ([name]: readonly [string, string]) => name.startsWith('limits.');
  const column = (list: typeof texts) => list.map(([, text]) => text).join(', ');
  const requests = texts.filter((one) => !limit(one));
  return [quota.metadata.name, column(requests), column(texts.filter(limit)), created(quota, now)];
}

function bindingCells(binding: Loose, now: number): readonly unknown[] {
  const subjects: readonly Loose[] = binding.subjects ?? [];
  const of = (kind: string) => subjects.filter((subject) => subject.kind === kind);
  return [
    binding.metadata.name,
    `${binding.roleRef?.kind}/${binding.roleRef?.name}`,
    created(binding, now),
    of('User')
      .map((subject) => subject.name)
      .join(', '),
    of('Group')
      .map((subject) => subject.name)
      .join(', '),
    of('ServiceAccount')
      .map((subject) => `${subject.namespace ?? ''}/${subject.name}`)
      .join(', '),
  ];
}
