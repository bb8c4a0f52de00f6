import type { KubeObject } from '@setpoint/apimachinery/meta';
import { rootCertificateData, rootCertificateMap } from './controllers/index.ts';
import { canonicalStruct, flowSchemas, priorityLevels, systemPriorityClasses } from './kinds/index.ts';
import { deepFreeze } from './store/index.ts';
import { type Backend, immortalNamespaces, newUid, timestamp } from './verbs/index.ts';

/** An object that a real server makes when it starts. It is made when somebody first looks at it. */
interface SystemObject {
  readonly storageKey: string;
  /** `name`, or `namespace/name`. */
  readonly key: string;
  make(): Made;
}

/** Complete but for uid and times; frozen. */
interface Made {
  readonly object: KubeObject & { readonly status?: { readonly conditions?: readonly object[] } };
  readonly metadata: object;
  /** Who wrote which of its fields, without the time. */
  readonly owners: readonly object[];
}

interface Parts {
  readonly metadata?: object;
  readonly rest: object;
  readonly owners: readonly (readonly [manager: string, fields: object, subresource?: string])[];
}

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name: string;
}

/** What the controllers that run would have made in the namespaces that a cluster begins with. */
export interface OfControllers {
  readonly serviceAccounts: boolean;
  /** PEM of what every namespace has a ConfigMap of; undefined: none has. */
  readonly rootCertificate: (() => string) | undefined;
}

/** The same in every control plane, and shared by all of them. */
let common: readonly SystemObject[] | undefined;

/**
 * Puts there what a real server makes for itself: namespaces, classes of priority, flow control, the network of
 * Services and the first of them, and an APIService for each group and version; and what its controllers make of them.
 * What an earlier life has left is left alone.
 */
export function seedSystemObjects(backend: Backend, { serviceAccounts, rootCertificate }: OfControllers): void {
  common ??= commonObjects();
  for (const object of common) seed(backend, object);
  const inAll = (make: (namespace: string) => SystemObject) => {
    for (const namespace of namespaces) seed(backend, make(namespace));
  };
  if (serviceAccounts) inAll(defaultAccount);
  if (rootCertificate) inAll((namespace) => certificateMap(namespace, rootCertificate));
}

function seed({ store, random, clock }: Backend, { storageKey, key, make }: SystemObject): void {
  const collection = store.collection(storageKey);
  if (collection.get(key)) return;
  const [uid, time] = [newUid(random), timestamp(clock.now())];
  const [namespace, name] = key.includes('/') ? key.split('/') : [undefined, key];
  collection.seed(key, () => {
    const { object, metadata, owners } = make();
    const { generation, ...said } = metadata as { readonly generation?: number };
    const complete = {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion: '0',
      ...(generation === undefined ? {} : { generation }),
      creationTimestamp: time,
      ...said,
      ...(owners.length === 0 ? {} : { managedFields: owners.map((owner) => withTime(owner, time)) }),
    };
    const conditions = object.status?.conditions?.map((one) => ({ ...one, lastTransitionTime: time }));
    const status = conditions ? { status: { ...object.status, conditions } } : {};
    return { ...object, metadata: complete, ...status } as KubeObject;
  });
}

/** Members in the order in which the server writes them. */
function withTime(owner: object, time: string): object {
  const { manager, operation, apiVersion, ...rest } = owner as Record<string, unknown>;
  return { manager, operation, apiVersion, time, ...rest };
}

/** @param parts asked once */
function systemObject({ apiVersion, kind, plural, namespace, name }: Named, parts: () => Parts): SystemObject {
  const [group = '', version] = apiVersion.split('/');
  const isCore = version === undefined;
  let made: Made | undefined;
  const make = () => {
    const { metadata = {}, rest, owners } = parts();
    const type = `${isCore ? `core/${apiVersion}` : apiVersion}.${kind}`;
    return deepFreeze({
      object: canonicalStruct(type, { apiVersion, kind, metadata: {}, ...rest }),
      metadata,
      owners: owners.map(([manager, fieldsV1, subresource]) => ({
        manager,
        operation: subresource === undefined ? 'Update' : 'Apply',
        apiVersion,
        fieldsType: 'FieldsV1',
        fieldsV1,
        ...(subresource === undefined ? {} : { subresource }),
      })),
    }) as unknown as Made;
  };
  return {
    storageKey: isCore ? `/${plural}` : `${group}/${plural}`,
    key: namespace === undefined ? name : `${namespace}/${name}`,
    make: () => {
      made ??= make();
      return made;
    },
  };
}

const namespaces = [...immortalNamespaces, 'kube-node-lease'];

function commonObjects(): readonly SystemObject[] {
  return [
    ...namespaces.map(systemNamespace),
    ...Object.entries(groupPriorities).map(([groupVersion, [group, version]]) =>
      apiService(groupVersion, group, version, 'onstart'),
    ),
    serviceNetwork(),
    kubernetesService(),
    ...Object.entries(priorityLevels).map(([name, spec]) => priorityLevel(name, spec)),
    ...Object.entries(flowSchemas).map(([name, spec]) => flowSchema(name, spec)),
    ...systemPriorityClasses.map(({ name, ...rest }) =>
      systemObject(
        { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', plural: 'priorityclasses', name },
        () => ({
          metadata: { generation: 1 },
          rest,
          owners: [[server, { 'f:description': {}, 'f:preemptionPolicy': {}, 'f:value': {} }]],
        }),
      ),
    ),
  ];
}

const server = 'kube-apiserver';
const nameLabel = 'kubernetes.io/metadata.name';

function systemNamespace(name: string): SystemObject {
  return systemObject({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', name }, () => ({
    metadata: { labels: { [nameLabel]: name } },
    rest: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
    owners: [[server, { 'f:metadata': { 'f:labels': { '.': {}, [`f:${nameLabel}`]: {} } } }]],
  }));
}

const network = '10.0.0.0/24';
/** The first address of it. */
const serviceAddress = '10.0.0.1';

function serviceNetwork(): SystemObject {
  const named = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', plural: 'servicecidrs', name: 'kubernetes' };
  return systemObject(named, () => {
    const type = 'Ready';
    const condition = { type, status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' };
    const fields = { '.': {}, 'f:lastTransitionTime': {}, 'f:message': {}, 'f:status': {}, 'f:type': {} };
    const ready = { 'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': fields } } };
    return {
      rest: { spec: { cidrs: [network] }, status: { conditions: [condition] } },
      owners: [
        ['kubernetes-service-cidr-controller', ready, 'status'],
        [server, { 'f:spec': { 'f:cidrs': {} } }],
      ],
    };
  });
}

/** Where a kube-apiserver listens unless it is told otherwise. */
const usualPort = 6443;

/**
 * The Service of the server itself. It has no endpoints, as those of a real server that listens on loopback has none:
 * such addresses may not be in Endpoints.
 */
function kubernetesService(): SystemObject {
  const named = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespace: 'default', name: 'kubernetes' };
  return systemObject(named, () => ({
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    rest: {
      spec: {
        ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: usualPort }],
        clusterIP: serviceAddress,
        clusterIPs: [serviceAddress],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      },
      status: { loadBalancer: {} },
    },
    owners: [[server, serviceFields]],
  }));
}

const serviceFields = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:component': {}, 'f:provider': {} } },
  'f:spec': {
    'f:clusterIP': {},
    'f:internalTrafficPolicy': {},
    'f:ipFamilyPolicy': {},
    'f:ports': {
      '.': {},
      'k:{"port":443,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {}, 'f:targetPort': {} },
    },
    'f:sessionAffinity': {},
    'f:type': {},
  },
};

/** As the controller makes it in namespaces that come later. */
function defaultAccount(namespace: string): SystemObject {
  const named = { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespace, name: 'default' };
  return systemObject(named, () => ({ rest: {}, owners: [] }));
}

/** As the controller makes it in namespaces that come later. */
function certificateMap(namespace: string, rootCertificate: () => string): SystemObject {
  const { name, annotations } = rootCertificateMap;
  const named = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespace, name };
  return systemObject(named, () => {
    const data = rootCertificateData(rootCertificate());
    const owned = { 'f:data': ownedMap(data), 'f:metadata': { 'f:annotations': ownedMap(annotations) } };
    return { metadata: { annotations }, rest: { data }, owners: [['kube-controller-manager', owned]] };
  });
}

function ownedMap(map: object): object {
  return { '.': {}, ...Object.fromEntries(Object.keys(map).map((key) => [`f:${key}`, {}])) };
}

const flowControl = 'flowcontrol.apiserver.k8s.io/v1';
const producer = 'api-priority-and-fairness-config-producer-v1';
const consumer = 'api-priority-and-fairness-config-consumer-v1';
const autoUpdate = {
  generation: 1,
  annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' },
};
const ownAnnotations = { 'f:annotations': { '.': {}, 'f:apf.kubernetes.io/autoupdate-spec': {} } };

function priorityLevel(name: string, spec: object): SystemObject {
  const kind = { kind: 'PriorityLevelConfiguration', plural: 'prioritylevelconfigurations' };
  return systemObject({ apiVersion: flowControl, ...kind, name }, () => ({
    metadata: autoUpdate,
    rest: { spec },
    owners: [[producer, { 'f:metadata': ownAnnotations, 'f:spec': ownedMembers(spec) }]],
  }));
}

/** Every member of a struct and of those in it; that behind a pointer is owned itself. */
function ownedMembers(struct: object): object {
  const members = Object.entries(struct).map(([name, value]) => {
    const inner = typeof value === 'object' && value !== null ? { '.': {}, ...ownedMembers(value) } : {};
    return [`f:${name}`, inner];
  });
  return Object.fromEntries(members.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function flowSchema(name: string, spec: object): SystemObject {
  return systemObject({ apiVersion: flowControl, kind: 'FlowSchema', plural: 'flowschemas', name }, () =>
    flowSchemaParts(spec),
  );
}

function flowSchemaParts(spec: object): Parts {
  const { priorityLevelConfiguration: level, distinguisherMethod: method } = spec as Record<string, { name?: string }>;
  const message = `This FlowSchema references the PriorityLevelConfiguration object named "${level?.name}" and it exists`;
  const dangling = { type: 'Dangling', status: 'False', reason: 'Found', message };
  const members = {
    '.': {},
    'f:lastTransitionTime': {},
    'f:message': {},
    'f:reason': {},
    'f:status': {},
    'f:type': {},
  };
  const owned = {
    ...(method ? { 'f:distinguisherMethod': { '.': {}, 'f:type': {} } } : {}),
    'f:matchingPrecedence': {},
    'f:priorityLevelConfiguration': { 'f:name': {} },
    'f:rules': {},
  };
  return {
    metadata: autoUpdate,
    rest: { spec, status: { conditions: [dangling] } },
    owners: [
      [consumer, { 'f:status': { 'f:conditions': { 'k:{"type":"Dangling"}': members } } }, 'status'],
      [producer, { 'f:metadata': ownAnnotations, 'f:spec': owned }],
    ],
  };
}

/** Which group's resources are meant where several have the same name, and which version of it is preferred. */
const groupPriorities: Readonly<Record<string, readonly [group: number, version: number]>> = {
  '/v1': [18000, 1],
  'apps/v1': [17800, 15],
  'events.k8s.io/v1': [17750, 15],
  'authentication.k8s.io/v1': [17700, 15],
  'authorization.k8s.io/v1': [17600, 15],
  'autoscaling/v1': [17500, 15],
  'autoscaling/v2': [17500, 30],
  'batch/v1': [17400, 15],
  'certificates.k8s.io/v1': [17300, 15],
  'networking.k8s.io/v1': [17200, 15],
  'policy/v1': [17100, 15],
  'rbac.authorization.k8s.io/v1': [17000, 15],
  'storage.k8s.io/v1': [16800, 15],
  'admissionregistration.k8s.io/v1': [16700, 15],
  'apiextensions.k8s.io/v1': [16700, 15],
  'scheduling.k8s.io/v1': [16600, 15],
  'coordination.k8s.io/v1': [16500, 15],
  'node.k8s.io/v1': [16300, 15],
  'discovery.k8s.io/v1': [16200, 15],
  'resource.k8s.io/v1': [16200, 21],
  'flowcontrol.apiserver.k8s.io/v1': [16100, 21],
};

const managed = 'kube-aggregator.kubernetes.io/automanaged';

function apiService(groupVersion: string, groupPriorityMinimum: number, versionPriority: number, how: string) {
  const [group = '', version = ''] = groupVersion.split('/');
  const kind = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', plural: 'apiservices' };
  return systemObject({ ...kind, name: `${version}.${group}` }, () => {
    const available = {
      type: 'Available',
      status: 'True',
      reason: 'Local',
      message: 'Local APIServices are always available',
    };
    const spec = { ...(group === '' ? {} : { group }), version, groupPriorityMinimum, versionPriority };
    const owned = Object.keys(spec).sort();
    const ownedSpec = Object.fromEntries(owned.map((name) => [`f:${name}`, {}]));
    const ownedLabels = { 'f:labels': { '.': {}, [`f:${managed}`]: {} } };
    return {
      metadata: { labels: { [managed]: how } },
      rest: { spec, status: { conditions: [available] } },
      owners: [[server, { 'f:metadata': ownedLabels, 'f:spec': ownedSpec }]],
    };
  });
}

/** Sees that there is an APIService for a group and version of custom resources while they are served, and no longer. */
export function followCustomGroup(backend: Backend, group: string, version: string): void {
  const isServed = backend.registry.list().some((one) => one.custom && one.group === group && one.version === version);
  const collection = backend.store.collection('apiregistration.k8s.io/apiservices');
  const name = `${version}.${group}`;
  if (isServed) seed(backend, apiService(`${group}/${version}`, 1000, 100, 'true'));
  else if (collection.get(name)) collection.commit(name, undefined, undefined);
}
