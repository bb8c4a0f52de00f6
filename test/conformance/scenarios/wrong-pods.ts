import { scenario } from '../scenario.ts';

const pod = (spec: object) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i:v1' }], ...spec },
});
const contained = (container: object) => pod({ containers: [{ name: 'c', image: 'i:v1', ...container }] });

const term = { topologyKey: 'k', labelSelector: { matchLabels: { a: 'b' } } };
const nodes = (...expressions: readonly object[]) => ({ nodeSelectorTerms: [{ matchExpressions: expressions }] });
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

const affinities: readonly object[] = [
  { nodeAffinity: { [required]: {} } },
  { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } },
  { nodeAffinity: { [required]: nodes({ key: 'a', operator: 'In' }) } },
  { nodeAffinity: { [required]: nodes({ key: 'a', operator: 'Exists', values: ['b'] }) } },
  { nodeAffinity: { [required]: nodes({ key: 'a', operator: 'Gt', values: ['1', '2'] }) } },
  { nodeAffinity: { [required]: nodes({ key: 'a', operator: 'Odd' }) } },
  { nodeAffinity: { [required]: nodes({ key: 'bad key', operator: 'In', values: ['bad value!'] }) } },
  {
    nodeAffinity: {
      [required]: { nodeSelectorTerms: [{ matchFields: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
    },
  },
  {
    nodeAffinity: {
      [required]: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'Exists', values: ['b'] }] }],
      },
    },
  },
  { nodeAffinity: { [preferred]: [{ weight: 0, preference: {} }] } },
  {
    nodeAffinity: { [preferred]: [{ weight: 101, preference: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } }] },
  },
  { podAffinity: { [required]: [{}] } },
  { podAffinity: { [required]: [{ ...term, topologyKey: 'bad key' }] } },
  { podAffinity: { [required]: [{ ...term, namespaces: ['Bad_'] }] } },
  { podAffinity: { [required]: [{ ...term, labelSelector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } }] } },
  { podAffinity: { [required]: [{ ...term, namespaceSelector: { matchLabels: { 'bad key': 'x' } } }] } },
  { podAffinity: { [required]: [{ ...term, matchLabelKeys: ['a'] }] } },
  { podAffinity: { [required]: [{ topologyKey: 'k', matchLabelKeys: ['a'] }] } },
  { podAffinity: { [required]: [{ ...term, matchLabelKeys: ['c'], mismatchLabelKeys: ['c', 'bad key'] }] } },
  { podAffinity: { [preferred]: [{ weight: 0, podAffinityTerm: term }] } },
  { podAntiAffinity: { [required]: [{}] } },
  { podAntiAffinity: { [preferred]: [{ weight: 101, podAffinityTerm: {} }] } },
];

const spread = { maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' };
const spreads: readonly (readonly object[])[] = [
  [spread, spread],
  [{ ...spread, minDomains: 0 }],
  [{ ...spread, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }],
  [{ ...spread, nodeAffinityPolicy: 'Odd', nodeTaintsPolicy: 'Odd' }],
  [{ ...spread, matchLabelKeys: ['a'] }],
  [{ ...spread, matchLabelKeys: ['a', 'bad key'], labelSelector: { matchLabels: { a: 'b' } } }],
];

const contexts: readonly object[] = [
  { runAsUser: -1, runAsGroup: -1, fsGroup: -1, supplementalGroups: [-1] },
  { runAsUser: 2147483648, runAsNonRoot: true },
  { fsGroupChangePolicy: 'Odd', supplementalGroupsPolicy: 'Odd' },
  {
    sysctls: [
      { name: '', value: 'x' },
      { name: 'Bad', value: 'x' },
      { name: 'a.b', value: '' },
      { name: 'a.b', value: '' },
    ],
  },
  { seccompProfile: {} },
  { seccompProfile: { type: 'Odd' } },
  { seccompProfile: { type: 'Localhost' } },
  { seccompProfile: { type: 'Localhost', localhostProfile: '/a/../b' } },
  { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' } },
  { appArmorProfile: {} },
  { appArmorProfile: { type: 'Localhost' } },
  { appArmorProfile: { type: 'Localhost', localhostProfile: ' a ' } },
  { appArmorProfile: { type: 'Unconfined', localhostProfile: 'a' } },
];

const containerContexts: readonly object[] = [
  { runAsUser: -1, runAsGroup: -1 },
  { capabilities: { add: ['CAP_SYS_ADMIN'] }, allowPrivilegeEscalation: false },
  { procMount: 'Odd' },
  { procMount: 'Unmasked' },
  { seccompProfile: { type: 'Localhost' } },
  { appArmorProfile: { type: 'Odd' } },
];

const handlers: readonly object[] = [
  { postStart: {} },
  { preStop: { exec: {} } },
  { preStop: { exec: { command: ['a'] }, httpGet: { port: 80 } } },
  { preStop: { httpGet: { port: 0 } } },
  { preStop: { httpGet: { port: 'no_port_name', path: '', scheme: 'ODD' } } },
  { postStart: { tcpSocket: { port: 70000 } } },
  { preStop: { sleep: { seconds: -1 } } },
  { preStop: { sleep: { seconds: 40 } } },
];

const probes: readonly object[] = [
  { livenessProbe: {} },
  { livenessProbe: { exec: { command: ['a'] }, grpc: { port: 1 } } },
  { livenessProbe: { grpc: { port: 0 } } },
  { livenessProbe: { exec: { command: ['a'] }, successThreshold: 2, failureThreshold: -1, periodSeconds: -1 } },
  { readinessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 5 } },
  { livenessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 0 } },
  { startupProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'bad header', value: 'x' }] } } },
];

const volumes: readonly object[] = [
  {},
  { emptyDir: {}, hostPath: { path: '/a' } },
  { emptyDir: { sizeLimit: '-1' } },
  { emptyDir: { medium: 'Odd' } },
  { hostPath: { path: '' } },
  { hostPath: { path: '/a/../b', type: 'Odd' } },
  { secret: {} },
  {
    secret: {
      secretName: 's',
      defaultMode: 512,
      items: [
        { key: '', path: '' },
        { key: 'a', path: '/a' },
      ],
    },
  },
  {
    secret: {
      secretName: 's',
      items: [
        { key: 'a', path: '../a', mode: 1000 },
        { key: 'a', path: '..a' },
      ],
    },
  },
  { configMap: {} },
  { configMap: { name: 's', defaultMode: -1, items: [{ key: 'a', path: 'a/../b' }] } },
  { persistentVolumeClaim: {} },
  { nfs: {} },
  { nfs: { server: 's', path: 'relative' } },
  { projected: { defaultMode: 1000, sources: [{}] } },
  { projected: { sources: [{ secret: {} }, { configMap: { items: [{}] } }, { serviceAccountToken: {} }] } },
  { projected: { sources: [{ serviceAccountToken: { path: 'a', expirationSeconds: 5 }, secret: { name: 's' } }] } },
  {
    projected: {
      sources: [
        { secret: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
        { configMap: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
      ],
    },
  },
  { downwardAPI: { items: [{}] } },
  { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.odd' }, mode: 1000 }] } },
  {
    downwardAPI: {
      items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.name' }, resourceFieldRef: { resource: 'limits.cpu' } }],
    },
  },
  { downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } },
  { csi: {} },
  { csi: { driver: 'Bad_', nodePublishSecretRef: {} } },
  { gitRepo: {} },
  { iscsi: {} },
  { awsElasticBlockStore: {} },
  { gcePersistentDisk: {} },
  { azureFile: {} },
  { azureDisk: {} },
  { cephfs: {} },
  { rbd: {} },
  { fc: {} },
  { flexVolume: {} },
  { cinder: {} },
  { glusterfs: {} },
  { quobyte: {} },
  { portworxVolume: {} },
  { scaleIO: {} },
  { storageos: {} },
  { vsphereVolume: {} },
  { photonPersistentDisk: {} },
  { flocker: {} },
  { image: {} },
  { ephemeral: {} },
  { ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: {} } } },
];

const mounts: readonly object[] = [
  { mountPath: 'a:b' },
  { mountPath: '/a', subPath: '/b' },
  { mountPath: '/a', subPath: '../b', subPathExpr: 'c' },
  { mountPath: '/a', subPathExpr: '/b' },
  { mountPath: '/a', mountPropagation: 'Odd' },
  { mountPath: '/a', mountPropagation: 'Bidirectional' },
  { mountPath: '/a', recursiveReadOnly: 'Enabled' },
  { mountPath: '/a', readOnly: true, recursiveReadOnly: 'Odd' },
];

const dns: readonly object[] = [
  { dnsPolicy: 'None' },
  { dnsPolicy: 'None', dnsConfig: { nameservers: ['x', '1.1.1.1', '2.2.2.2', '3.3.3.3'] } },
  { dnsConfig: { searches: ['Bad_Domain', 'a.', '.'], options: [{ value: 'x' }] } },
  { dnsConfig: { searches: Array.from({ length: 33 }, (_, i) => `a${i}.example.com`) } },
  {
    dnsConfig: {
      searches: Array.from(
        { length: 20 },
        (_, i) => `${'long'.repeat(30).slice(0, 60)}${i}.${'l'.repeat(60)}.example.com`,
      ),
    },
  },
  { dnsPolicy: 'Odd' },
];

const others: readonly object[] = [
  { activeDeadlineSeconds: 0 },
  { hostname: 'Bad_', subdomain: 'Bad_' },
  { hostNetwork: true, hostPID: true, shareProcessNamespace: true },
  { nodeName: 'Bad_', schedulerName: '', priority: 5 },
  { serviceAccountName: 'Bad_' },
  { runtimeClassName: 'Bad_' },
  { restartPolicy: 'Odd' },
  { os: { name: 'odd' } },
  { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 5, fsGroup: 5 } },
  { schedulingGates: [{ name: 'a' }, { name: 'a' }], nodeName: 'n' },
  { hostAliases: [{ ip: 'x', hostnames: ['Bad_'] }, {}] },
  { enableServiceLinks: false, preemptionPolicy: 'Odd' },
  { resourceClaims: [{ name: 'a' }, { name: 'a', resourceClaimName: 'x', resourceClaimTemplateName: 'y' }] },
  { hostUsers: false, hostNetwork: true },
  { overhead: { cpu: '-1' } },
  { initContainers: [{ name: 'c', image: 'i' }] },
  { initContainers: [{ name: 'x', image: 'i', livenessProbe: { exec: { command: ['a'] } }, lifecycle: {} }] },
  { initContainers: [{ name: 'x', image: 'i', restartPolicy: 'Odd' }] },
  { ephemeralContainers: [{ name: 'x', image: 'i' }] },
  { containers: [] },
  {
    volumes: [
      { name: 'Bad_', emptyDir: {} },
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
    ],
  },
  { readinessGates: [{ conditionType: '' }] },
];

const containers: readonly object[] = [
  { imagePullPolicy: 'Odd', terminationMessagePolicy: 'Odd' },
  { envFrom: [{}, { configMapRef: {} }, { prefix: '9=', secretRef: { name: 's' }, configMapRef: { name: 'c' } }] },
  { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x' } } }] },
  { resources: { limits: { cpu: '1' }, requests: { cpu: '2', 'hugepages-2Mi': '1' } } },
  { resources: { requests: { 'example.com/x': '1.5' }, limits: { 'example.com/x': '2' } } },
  { resources: { requests: { 'example.com/x': '1' } } },
  { resources: { limits: { 'hugepages-2Mi': '2Mi' } } },
  { resources: { claims: [{ name: 'none' }] } },
  { volumeDevices: [{ name: 'x', devicePath: '' }] },
  { resizePolicy: [{ resourceName: 'odd', restartPolicy: 'Odd' }] },
  { restartPolicy: 'Odd' },
  {
    ports: [
      { containerPort: 80, hostIP: 'x', protocol: 'ODD' },
      { containerPort: 80, hostPort: 80, name: 'a' },
    ],
  },
  {
    ports: [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 81, hostPort: 8080 },
    ],
  },
];

const tried: Readonly<Record<string, readonly object[]>> = {
  affinity: affinities.map((affinity) => pod({ affinity })),
  'topology spread': spreads.map((topologySpreadConstraints) => pod({ topologySpreadConstraints })),
  'security contexts': contexts.map((securityContext) => pod({ securityContext })),
  'security contexts of containers': containerContexts.map((securityContext) => contained({ securityContext })),
  'lifecycle handlers': handlers.map((lifecycle) => contained({ lifecycle })),
  probes: probes.map(contained),
  volumes: volumes.map((volume) => pod({ volumes: [{ name: 'v', ...volume }] })),
  'volume mounts': mounts.map((mount) => ({
    ...contained({ volumeMounts: [{ name: 'v', ...mount }] }),
    spec: {
      ...contained({ volumeMounts: [{ name: 'v', ...mount }] }).spec,
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  })),
  'names and addresses': dns.map(pod),
  'the rest of a pod': others.map(pod),
  'the rest of a container': containers.map(contained),
};

/** Pods that are refused, many at a time: each says all that is wrong with it. */
export const wrongPods = Object.entries(tried).map(([what, bodies]) =>
  scenario('wrong pods', what, async (server) => {
    for (const body of bodies) await server.post(`/api/v1/namespaces/${server.namespace}/pods?dryRun=All`, body);
  }),
);
