import { type ScenarioServer, scenario } from '../scenario.ts';
import { hasItems, isGone, settledGet, wait } from './until.ts';

const space = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}`;
const slices = (server: ScenarioServer) => `/apis/discovery.k8s.io/v1/namespaces/${server.namespace}/endpointslices`;

const service = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { selector: { app: 'a' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
});

interface PodOptions {
  readonly ip?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly spec?: object;
  readonly labels?: object;
}

/** A pod on the node of this scenario, as a kubelet would report it. */
async function pod(server: ScenarioServer, name: string, options: PodOptions = {}): Promise<void> {
  const { ip = '10.244.0.5', ready = true, phase = 'Running', spec = {}, labels = { app: 'a' } } = options;
  const port = { name: 'web', containerPort: 9090 };
  const body = {
    metadata: { name, labels },
    spec: {
      nodeName: server.unique,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'c', image: 'i', ports: [port] }],
      ...spec,
    },
  };
  await server.post(`${space(server)}/pods`, body, { unrecorded: true });
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const status = { phase, podIP: ip, podIPs: [{ ip }], conditions };
  await server.patch(`${space(server)}/pods/${name}/status`, 'merge', { status }, { unrecorded: true });
}

async function withNode(server: ScenarioServer, play: () => Promise<void>): Promise<void> {
  const labels = { 'topology.kubernetes.io/zone': 'here' };
  await server.post('/api/v1/nodes', { metadata: { name: server.unique, labels } }, { unrecorded: true });
  try {
    await play();
  } finally {
    await server.delete(`/api/v1/nodes/${server.unique}`, { unrecorded: true });
  }
}

const endpointsOf = (count: number) => (answer: { body: { items?: { endpoints?: unknown[] }[] } }) =>
  (answer.body.items ?? []).flatMap((slice) => slice.endpoints ?? []).length === count;

export const services = [
  scenario('services', 'a service without pods has empty endpoints and one empty slice', async (server) => {
    await server.post(`${space(server)}/services`, service('s', {}, { labels: { team: 'x' } }), { unrecorded: true });
    await settledGet(server, `${space(server)}/endpoints/s`, ({ status }) => status === 200);
    await settledGet(server, slices(server), hasItems(1));
    await server.delete(`${space(server)}/services/s`);
    await settledGet(server, `${space(server)}/endpoints/s`, isGone);
    await settledGet(server, slices(server), hasItems(0));
  }),
  scenario('services', 'pods are endpoints, ready and not ready, and go when they do', (server) =>
    withNode(server, async () => {
      await server.post(`${space(server)}/services`, service('s'), { unrecorded: true });
      await settledGet(server, slices(server), hasItems(1));
      await pod(server, 'one');
      await settledGet(server, slices(server), endpointsOf(1));
      await pod(server, 'two', { ip: '10.244.0.6', ready: false });
      await pod(server, 'done', { ip: '10.244.0.7', phase: 'Succeeded' });
      await settledGet(server, slices(server), endpointsOf(2));
      await settledGet(
        server,
        `${space(server)}/endpoints/s`,
        ({ body }) => body.subsets?.[0]?.notReadyAddresses?.length === 1,
      );
      await server.delete(`${space(server)}/pods/one`, { unrecorded: true });
      await settledGet(server, slices(server), endpointsOf(1));
      await server.delete(`${space(server)}/pods/two`, { unrecorded: true });
      await settledGet(server, slices(server), endpointsOf(0));
      await settledGet(server, `${space(server)}/endpoints/s`, ({ body }) => body.subsets === undefined);
    }),
  ),
  scenario('services', 'ports are found by name, several in their order', (server) =>
    withNode(server, async () => {
      await pod(server, 'one');
      const ports = [
        { name: 'web', port: 80, targetPort: 'web' },
        { name: 'other', port: 81, targetPort: 8081 },
        { name: 'udp', port: 82, protocol: 'UDP', appProtocol: 'x.y/z' },
        { name: 'none', port: 83, targetPort: 'missing' },
      ];
      await server.post(`${space(server)}/services`, service('s', { ports }), { unrecorded: true });
      await settledGet(server, slices(server), endpointsOf(1));
      await settledGet(server, `${space(server)}/endpoints/s`, ({ body }) => body.subsets !== undefined);
    }),
  ),
  scenario('services', 'a headless service knows host names, and those that are not ready if asked to', (server) =>
    withNode(server, async () => {
      const spec = { clusterIP: 'None', publishNotReadyAddresses: true };
      await server.post(`${space(server)}/services`, service('s', spec), { unrecorded: true });
      await pod(server, 'one', { ready: false, spec: { hostname: 'one', subdomain: 's' } });
      await settledGet(server, slices(server), endpointsOf(1));
      await settledGet(server, `${space(server)}/endpoints/s`, ({ body }) => body.subsets !== undefined);
    }),
  ),
  scenario('services', 'another selector chooses other pods', (server) =>
    withNode(server, async () => {
      await server.post(`${space(server)}/services`, service('s'), { unrecorded: true });
      await pod(server, 'one');
      await pod(server, 'two', { ip: '10.244.0.6', labels: { app: 'b' } });
      await settledGet(server, slices(server), endpointsOf(1));
      await server.patch(
        `${space(server)}/services/s`,
        'merge',
        { spec: { selector: { app: 'b' } } },
        { unrecorded: true },
      );
      const isTwo = ({ body }: { body: { items?: { endpoints?: { targetRef?: { name?: string } }[] }[] } }) =>
        body.items?.[0]?.endpoints?.[0]?.targetRef?.name === 'two';
      await settledGet(server, slices(server), isTwo);
      await server.patch(
        `${space(server)}/pods/one`,
        'merge',
        { metadata: { labels: { app: 'b' } } },
        { unrecorded: true },
      );
      await settledGet(server, slices(server), endpointsOf(2));
      await settledGet(
        server,
        `${space(server)}/endpoints/s`,
        ({ body }) => body.subsets?.[0]?.addresses?.length === 2,
      );
    }),
  ),
  scenario('services', 'labels of the service are those of its endpoints', async (server) => {
    await server.post(`${space(server)}/services`, service('s', {}, { labels: { team: 'x' } }), { unrecorded: true });
    await settledGet(server, slices(server), hasItems(1));
    await server.patch(
      `${space(server)}/services/s`,
      'merge',
      { metadata: { labels: { team: 'y' } } },
      { unrecorded: true },
    );
    await settledGet(server, slices(server), ({ body }) => body.items?.[0]?.metadata.labels.team === 'y');
    await settledGet(server, `${space(server)}/endpoints/s`, ({ body }) => body.metadata?.labels?.team === 'y');
  }),
  scenario('services', 'without a selector there is nothing to keep', async (server) => {
    const body = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
    await server.post(`${space(server)}/services`, body, { unrecorded: true });
    await wait(1000);
    await server.get(slices(server));
    await server.get(`${space(server)}/endpoints/s`);
  }),
];
