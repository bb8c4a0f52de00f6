import { type ScenarioServer, scenario } from '../scenario.ts';
import { certificate, mastersRequest, otherRequests, signingRequest } from './certificate-texts.ts';

const dry = '?dryRun=All';
const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
const runtimes = '/apis/node.k8s.io/v1/runtimeclasses';
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const schemas = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
const levels = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';
const services = '/apis/apiregistration.k8s.io/v1/apiservices';

/** What the table of a kind's objects that the servers themselves make shows. */
const table = { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } };

/** Whose name is written down is the same on both servers. */
const asAnna = { headers: { 'impersonate-user': 'anna', 'impersonate-group': 'system:masters' } };

async function tryEach(server: ScenarioServer, path: string, wrong: readonly object[], options = {}): Promise<void> {
  for (const body of wrong) await server.post(path + dry, body, options);
}

async function stored(server: ScenarioServer, path: string, body: object, status?: object): Promise<string> {
  const name = (body as { metadata: { name: string } }).metadata.name;
  await server.post(path, body, path === requests ? asAnna : {});
  const at = `${path}/${name}`;
  await server.get(at, table);
  await server.patch(at, 'merge', { metadata: { labels: { a: 'b' } } });
  if (status) await server.patch(`${at}/status`, 'merge', status);
  await server.patch(`${at}?fieldManager=m&force=true`, 'apply', {
    ...body,
    metadata: { name, annotations: { c: 'd' } },
  });
  return at;
}

/** An object that the server has made itself: which was first, and how long ago, is its own affair. */
async function made(server: ScenarioServer, path: string): Promise<void> {
  const { body } = await server.get(path, { unrecorded: true });
  delete body.metadata.resourceVersion;
  server.record(path, body);
}

const priorityClass = (name: string, rest: object = {}) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  ...rest,
});

const runtimeClass = (name: string, rest: object = {}) => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name },
  ...rest,
});

const scheduling = [
  scenario('cluster kinds', 'priority classes: the two of the system, defaults, what may not be', async (server) => {
    await made(server, `${classes}/system-node-critical`);
    await made(server, `${classes}/system-cluster-critical`);
    await tryEach(server, classes, [
      priorityClass(`${server.unique}-a`),
      priorityClass(`${server.unique}-a`, { value: 1000000001 }),
      priorityClass(`${server.unique}-a`, { value: -5, preemptionPolicy: 'Sometimes' }),
      priorityClass(`${server.unique}-a`, { value: 5, preemptionPolicy: '' }),
      priorityClass('system-mine', { value: 1 }),
      priorityClass('Bad_Name', { value: 2000000000 }),
    ]);
    const at = await stored(server, classes, priorityClass(`${server.unique}-a`, { value: 7, description: 'd' }));
    await server.put(at, priorityClass(`${server.unique}-a`, { value: 8, preemptionPolicy: 'Never' }));
    await server.patch(at, 'merge', { description: 'other', globalDefault: false });
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = (name: string, spec: object) => ({
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i:v1' }], ...spec },
    });
    const mine = { priorityClassName: `${server.unique}-a` };
    await server.post(pods, pod('a', mine));
    await server.post(pods, pod('b', { ...mine, priority: 6 }));
    await server.post(pods, pod('b', { ...mine, preemptionPolicy: 'Never' }));
    await server.post(pods, pod('b', { priorityClassName: 'missing' }));
    await server.post(pods, pod('b', { priorityClassName: 'system-node-critical' }));
    await server.delete(at);
    await server.delete(`${classes}/system-node-critical`);
  }),
  scenario('cluster kinds', 'runtime classes: handlers, overhead, tolerations', async (server) => {
    const name = `${server.unique}-r`;
    const toleration = { key: 'a', operator: 'Exists', effect: 'NoSchedule' };
    await tryEach(server, runtimes, [
      runtimeClass(name),
      runtimeClass(name, { handler: 'Bad_Handler' }),
      runtimeClass(name, { handler: 'h', overhead: { podFixed: { cpu: '-1', memory: '1Mi', odd: '1' } } }),
      runtimeClass(name, { handler: 'h', scheduling: { nodeSelector: { 'bad key': 'v', a: 'bad value!' } } }),
      runtimeClass(name, { handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } }),
      runtimeClass(name, { handler: 'h', scheduling: { tolerations: [toleration, toleration] } }),
      runtimeClass(name, {
        handler: 'h',
        scheduling: { tolerations: [{ operator: 'Equal' }, { key: 'k', effect: 'x' }] },
      }),
    ]);
    const at = await stored(
      server,
      runtimes,
      runtimeClass(name, { handler: 'h', overhead: { podFixed: { cpu: '1' } } }),
    );
    await server.patch(at, 'merge', { handler: 'other' });
    await server.put(at, runtimeClass(name, { handler: 'h' }));
    const placed = `${server.unique}-placed`;
    const toBe = { tolerations: [toleration, { key: 'b', operator: 'Exists' }], nodeSelector: { a: 'b' } };
    const overhead = { podFixed: { cpu: '100m' } };
    await server.post(runtimes, runtimeClass(placed, { handler: 'h', overhead, scheduling: toBe }));
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = (spec: object) => ({
      metadata: { generateName: 'p-' },
      spec: { containers: [{ name: 'c', image: 'i:v1' }], runtimeClassName: placed, ...spec },
    });
    const also = [
      { key: 'b', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'c', value: 'd' },
    ];
    await server.post(pods, pod({}));
    await server.post(pods, pod({ tolerations: also, nodeSelector: { c: 'd' } }));
    await server.post(pods, pod({ nodeSelector: { a: 'c' } }));
    await server.post(pods, pod({ overhead: { cpu: '200m' } }));
    await server.post(pods, pod({ runtimeClassName: 'missing' }));
    await server.post(pods, {
      ...pod({ runtimeClassName: undefined, overhead: { cpu: '200m' } }),
      metadata: { name: 'p' },
    });
    await server.delete(`${runtimes}/${placed}`);
    await server.put(`${runtimes}/${server.unique}-new`, runtimeClass(`${server.unique}-new`, { handler: 'h' }));
    await server.delete(at);
    await server.delete(`${runtimes}/${server.unique}-new`);
  }),
];

const request = (name: string, spec: object = {}, rest: object = {}) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: signingRequest, signerName: 'example.com/signer', usages: ['client auth'], ...spec },
  ...rest,
});

const approved = { type: 'Approved', status: 'True', reason: 'r', message: 'm' };

const certificates = [
  scenario('cluster kinds', 'certificate requests: what may be asked for', async (server) => {
    const name = `${server.unique}-c`;
    await tryEach(
      server,
      requests,
      [
        request(name),
        request(name, { username: 'me', groups: ['a'], uid: 'x', extra: { a: ['b'] } }),
        request(name, { request: otherRequests.ed25519 }),
        request(name, { request: otherRequests.rsa }),
        request(name, { request: undefined, usages: undefined, signerName: undefined }),
        request(name, { request: certificate }),
        request(name, { request: 'AAAA', usages: ['any', 'any', 'odd'], expirationSeconds: 599 }),
        request(name, { expirationSeconds: 600, signerName: 'kubernetes.io/legacy-unknown' }),
        request(name, { signerName: 'nodomain' }),
        request(name, { signerName: 'short/x' }),
        request(name, { signerName: 'Bad_.example/also_bad' }),
        request(name, { signerName: 'a.example.com/b/c' }),
        request(name, { signerName: 'kubernetes.io/kube-apiserver-client', request: mastersRequest }),
        request(name, {}, { status: { conditions: [approved], certificate } }),
      ],
      asAnna,
    );
  }),
  scenario('cluster kinds', 'certificate requests: approval and certificate go their own ways', async (server) => {
    const name = `${server.unique}-c`;
    const at = await stored(server, requests, request(name, { expirationSeconds: 7200 }));
    await server.get(`${requests}?fieldSelector=metadata.name=${name},spec.signerName=example.com/signer`);
    await server.get(`${requests}?fieldSelector=spec.username=a`);
    await server.patch(at, 'merge', { spec: { signerName: 'example.com/other' }, status: { conditions: [approved] } });
    await server.patch(`${at}/status`, 'merge', { status: { conditions: [approved] } });
    const odd = [
      { ...approved, status: 'False' },
      { type: 'Denied', status: 'True' },
      { type: 'x', status: 'Odd' },
      { type: 'x' },
    ];
    await server.patch(`${at}/approval`, 'merge', { status: { conditions: [approved, ...odd] } });
    await server.patch(`${at}/approval`, 'merge', { status: { certificate } });
    await server.get(`${at}/approval`);
    const now = (await server.get(at)).body;
    await server.put(`${at}/approval`, { ...now, spec: {}, status: { conditions: [approved], certificate } });
    await server.get(at, table);
    await server.patch(`${at}/approval`, 'merge', { status: { conditions: [] } });
    await server.patch(`${at}/status`, 'merge', { status: { certificate: signingRequest } });
    await server.patch(`${at}/status`, 'merge', { status: { certificate: 'AAAA' } });
    await server.patch(`${at}/status`, 'merge', { status: { certificate } });
    await server.get(at, table);
    await server.patch(`${at}/status`, 'merge', { status: { certificate: null } });
    const failed = { type: 'Failed', status: 'True' };
    await server.patch(`${at}/status`, 'merge', { status: { conditions: [approved, failed] } });
    await server.patch(`${at}/status?fieldManager=s`, 'apply', {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      status: { conditions: [{ type: 'Mine', status: 'Unknown' }] },
    });
    await server.delete(at);
  }),
];

const subject = { kind: 'User', user: { name: 'anna' } };
const resourceRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] };

const schema = (name: string, spec: object = {}) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name },
  spec: {
    priorityLevelConfiguration: { name: 'workload-low' },
    rules: [{ subjects: [subject], resourceRules: [resourceRule] }],
    ...spec,
  },
});

const level = (name: string, spec: object) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec,
});

const limited = (rest: object = {}) => ({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...rest } });
const queuing = (rest: object) => limited({ limitResponse: { type: 'Queue', queuing: rest } });

const flowControl = [
  scenario('cluster kinds', 'flow schemas: those of a new cluster', async (server) => {
    for (const name of [
      'exempt',
      'catch-all',
      'probes',
      'system-leader-election',
      'system-node-high',
      'kube-scheduler',
    ]) {
      await made(server, `${schemas}/${name}`);
    }
    for (const name of ['exempt', 'catch-all', 'system', 'workload-low', 'leader-election']) {
      await made(server, `${levels}/${name}`);
    }
    await server.patch(`${schemas}/exempt${dry}`, 'merge', { spec: { matchingPrecedence: 3 } });
    await server.patch(`${levels}/exempt${dry}`, 'merge', { spec: { exempt: { lendablePercent: 10 } } });
    await server.patch(`${levels}/catch-all${dry}`, 'merge', { spec: { limited: { lendablePercent: 10 } } });
  }),
  scenario('cluster kinds', 'flow schemas: defaults and what may not be', async (server) => {
    const name = `${server.unique}-f`;
    const ruled = (rest: object) =>
      schema(name, { rules: [{ subjects: [subject], resourceRules: [resourceRule], ...rest }] });
    const resources = (rest: object) => ruled({ resourceRules: [{ ...resourceRule, ...rest }] });
    const urls = (...nonResourceURLs: readonly string[]) =>
      ruled({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] });
    await tryEach(server, schemas, [
      schema(name),
      schema(name, { matchingPrecedence: -1, priorityLevelConfiguration: {} }),
      schema(name, { matchingPrecedence: 10001, priorityLevelConfiguration: { name: 'Bad_' } }),
      schema(name, { matchingPrecedence: 1, distinguisherMethod: { type: 'ByMood' } }),
      ruled({ subjects: [], resourceRules: [] }),
      ruled({ subjects: [{ kind: 'Robot' }, { kind: 'User' }, { kind: 'User', user: {} }, { kind: 'Group' }] }),
      ruled({ subjects: [{ kind: 'Group', group: { name: 'g' }, user: { name: 'u' } }] }),
      ruled({ subjects: [{ kind: 'User', user: { name: 'g' }, group: { name: 'u' } }] }),
      ruled({
        subjects: [
          { kind: 'ServiceAccount', serviceAccount: { name: 'Bad_', namespace: 'Bad_' } },
          { kind: 'ServiceAccount', serviceAccount: {}, user: { name: 'u' }, group: { name: 'g' } },
          { kind: 'ServiceAccount' },
        ],
      }),
      resources({ verbs: [], apiGroups: [], resources: [], namespaces: [] }),
      resources({ verbs: ['*', 'get'], apiGroups: ['*', 'a'], resources: ['*', 'b'], namespaces: ['*', 'c'] }),
      resources({ verbs: ['dance'], namespaces: ['Bad_', 'a'] }),
      resources({ namespaces: undefined, clusterScope: true }),
      urls(),
      urls('*', '/a'),
      urls('', '/', 'a', '/a b', '/a//b', '/*/a', '/a*', '/a/*'),
      ruled({ nonResourceRules: [{ nonResourceURLs: ['/a'] }] }),
    ]);
    // Whether the level that it names is there is soon found out and written down, on the real server.
    await server.post(schemas, schema(name, { matchingPrecedence: 77 }));
    const at = `${schemas}/${name}`;
    await server.delete(at);
  }),
  scenario('cluster kinds', 'priority levels: defaults and what may not be', async (server) => {
    const name = `${server.unique}-l`;
    await tryEach(
      server,
      levels,
      [
        limited(),
        limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }),
        limited({ limitResponse: {} }),
        limited({ limitResponse: { type: 'Drop' } }),
        limited({ limitResponse: { type: 'Queue' } }),
        limited({ limitResponse: { type: 'Reject', queuing: {} } }),
        { ...limited(), exempt: {} },
        { type: 'Limited' },
        { type: 'Exempt' },
        { type: 'Odd' },
        {},
        queuing({}),
        queuing({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
        queuing({ queues: 10000001, handSize: 9 }),
        queuing({ queues: 4, handSize: 5 }),
        queuing({ queues: 1024, handSize: 7 }),
      ].map((spec) => level(name, spec)),
    );
    await tryEach(server, levels, [level('exempt-not', { type: 'Exempt', exempt: { lendablePercent: -1 } })]);
    const status = { status: { conditions: [{ type: 'a', status: 'True' }] } };
    const at = await stored(server, levels, level(name, queuing({ queues: 8, handSize: 2 })), status);
    await server.delete(at);
  }),
];

const service = (name: string, spec: object = {}) => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name },
  spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, ...spec },
});

const aggregation = [
  scenario('cluster kinds', 'API services: this server is where its groups are', async (server) => {
    const names = [
      'v1.',
      'v1.apps',
      'v2.autoscaling',
      'v1.events.k8s.io',
      'v1.resource.k8s.io',
      'v1.scheduling.k8s.io',
    ];
    for (const name of names) {
      await made(server, `${services}/${name}`);
    }
    const name = 'v1.example.com';
    const where = { namespace: 'default', name: 'api' };
    await tryEach(server, services, [
      service('other'),
      service(name, { group: '', version: 'v2' }),
      service(name, { group: 'Bad_', version: '9v' }),
      service(name, { groupPriorityMinimum: 0, versionPriority: 1001 }),
      service(name, { groupPriorityMinimum: 20001, versionPriority: -1 }),
      service(name, { caBundle: 'AAAA', insecureSkipTLSVerify: true }),
      service(name, { service: {} }),
      service(name, { service: { ...where, port: 70000 }, caBundle: 'AAAA', insecureSkipTLSVerify: true }),
    ]);
  }),
];

/** Kinds that configure the cluster: scheduling, node, certificates, flowcontrol, apiregistration. */
export const clusterKinds = [...scheduling, ...certificates, ...flowControl, ...aggregation];
