import { type ScenarioServer, scenario } from '../scenario.ts';

const services = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/services`;

const service = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
});

const two = [
  { name: 'tcp', port: 53, protocol: 'TCP' },
  { name: 'udp', port: 53, protocol: 'UDP' },
];

/** Leaves no Service behind: on a real server without controllers they outlive their namespace, with what they have. */
function withServices(name: string, play: (server: ScenarioServer) => Promise<void>) {
  return scenario('services', name, async (server) => {
    try {
      await play(server);
    } finally {
      const left = await server.get(services(server), { unrecorded: true });
      for (const { metadata } of left.body.items) {
        await server.delete(`${services(server)}/${metadata.name}`, { unrecorded: true });
      }
    }
  });
}

/** Creates each and says nothing else: what is given and what is refused. */
function creations(name: string, specs: Readonly<Record<string, object>>) {
  return withServices(name, async (server) => {
    for (const [key, spec] of Object.entries(specs)) await server.post(services(server), service(key, spec));
  });
}

/** Creates, then changes by merge patches, one after the other. */
function changes(name: string, spec: object, ...patches: readonly object[]) {
  return withServices(name, async (server) => {
    await server.post(services(server), service('s', spec));
    for (const patch of patches) await server.patch(`${services(server)}/s`, 'merge', { spec: patch });
    await server.get(`${services(server)}/s`);
  });
}

export const serviceAllocation = [
  creations('addresses that are asked for: given once, in the network only', {
    one: { clusterIP: '10.0.0.2' },
    again: { clusterIP: '10.0.0.2' },
    list: { clusterIPs: ['10.0.0.3'] },
    both: { clusterIP: '10.0.0.4', clusterIPs: ['10.0.0.5'] },
    outside: { clusterIP: '10.9.9.9' },
    network: { clusterIP: '10.0.0.0' },
    broadcast: { clusterIP: '10.0.0.255' },
    six: { clusterIP: 'fd00::1' },
    odd: { clusterIP: '10.0.0.013' },
    nonsense: { clusterIP: 'x' },
    apiserver: { clusterIP: '10.0.0.1' },
  }),
  creations('families and policies', {
    single: { ipFamilyPolicy: 'SingleStack' },
    prefer: { ipFamilyPolicy: 'PreferDualStack' },
    require: { ipFamilyPolicy: 'RequireDualStack' },
    four: { ipFamilies: ['IPv4'] },
    six: { ipFamilies: ['IPv6'] },
    both: { ipFamilies: ['IPv4', 'IPv6'] },
    unknown: { ipFamilies: ['IPv5'] },
    policy: { ipFamilyPolicy: 'Maybe' },
    addresses: { clusterIPs: ['10.0.0.6', '10.0.0.7'] },
    mismatch: { ipFamilies: ['IPv6'], clusterIP: '10.0.0.8' },
  }),
  creations('headless', {
    plain: { clusterIP: 'None' },
    prefer: { clusterIP: 'None', ipFamilyPolicy: 'PreferDualStack' },
    require: { clusterIP: 'None', ipFamilyPolicy: 'RequireDualStack' },
    six: { clusterIP: 'None', ipFamilies: ['IPv6'] },
    bare: { clusterIP: 'None', selector: null },
    portless: { clusterIP: 'None', ports: null },
    'node-port': { clusterIP: 'None', type: 'NodePort' },
    'load-balancer': { clusterIP: 'None', type: 'LoadBalancer' },
  }),
  creations('ExternalName', {
    plain: { type: 'ExternalName', externalName: 'example.com', ports: null, selector: null },
    ports: { type: 'ExternalName', externalName: 'example.com' },
    address: { type: 'ExternalName', externalName: 'example.com', clusterIP: '10.0.0.9' },
    none: { type: 'ExternalName', externalName: 'example.com', clusterIP: 'None' },
    nameless: { type: 'ExternalName' },
    'node-port': { type: 'ExternalName', externalName: 'a.b', ports: [{ port: 80, nodePort: 30001 }] },
  }),
  creations('node ports', {
    given: { type: 'NodePort', ports: [{ port: 80, nodePort: 31280 }] },
    taken: { type: 'NodePort', ports: [{ port: 80, nodePort: 31280 }] },
    low: { type: 'NodePort', ports: [{ port: 80, nodePort: 29999 }] },
    high: { type: 'NodePort', ports: [{ port: 80, nodePort: 32768 }] },
    cluster: { ports: [{ port: 80, nodePort: 31235 }] },
    twins: { type: 'NodePort', ports: two },
    same: {
      type: 'NodePort',
      ports: two.map((port) => ({ ...port, nodePort: 31236 })),
    },
    twice: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 31237 },
        { name: 'b', port: 81, nodePort: 31237 },
      ],
    },
  }),
  creations('load balancers', {
    plain: { type: 'LoadBalancer' },
    without: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
    given: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80, nodePort: 31240 }] },
    local: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    health: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31241 },
    again: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31241 },
    cluster: { type: 'LoadBalancer', healthCheckNodePort: 31242 },
    class: { type: 'LoadBalancer', loadBalancerClass: 'x.y/z' },
    'class-of-none': { loadBalancerClass: 'x.y/z' },
    ranges: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', 'x'] },
  }),
  changes('a node port goes with the type, and comes with it', {}, { type: 'NodePort' }, { type: 'ClusterIP' }),
  changes(
    'to ExternalName and back',
    { type: 'NodePort' },
    { type: 'ExternalName', externalName: 'a.b' },
    { type: 'ClusterIP' },
    { type: 'ClusterIP', externalName: null },
  ),
  changes('the address may not change', { clusterIP: '10.0.0.10' }, { clusterIP: '10.0.0.11' }, { clusterIP: 'None' }),
  changes('headless stays headless', { clusterIP: 'None' }, { clusterIP: '10.0.0.12' }, { type: 'NodePort' }),
  changes('families of one that is there', {}, { ipFamilyPolicy: 'PreferDualStack' }, { ipFamilies: ['IPv6'] }),
  changes(
    'a load balancer with a port for health checks',
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31250 },
    { healthCheckNodePort: 31251 },
    { externalTrafficPolicy: 'Cluster' },
    { externalTrafficPolicy: 'Local' },
    { type: 'ClusterIP' },
  ),
  changes(
    'node ports follow their ports',
    { type: 'NodePort', ports: [{ name: 'a', port: 80, nodePort: 31260 }] },
    { ports: [{ name: 'a', port: 80, nodePort: 31261 }] },
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    },
    { ports: [{ name: 'b', port: 81 }] },
  ),
  withServices('what a deleted service had can be had again', async (server) => {
    const body = service('s', { type: 'NodePort', clusterIP: '10.0.0.13', ports: [{ port: 80, nodePort: 31270 }] });
    await server.post(services(server), body);
    await server.post(services(server), { ...body, metadata: { name: 'other' } });
    await server.delete(`${services(server)}/s`);
    await server.post(services(server), { ...body, metadata: { name: 'other' } });
  }),
  withServices('a dry run takes nothing', async (server) => {
    const body = service('s', { type: 'NodePort', clusterIP: '10.0.0.14', ports: [{ port: 80, nodePort: 31271 }] });
    await server.post(`${services(server)}?dryRun=All`, body);
    await server.post(services(server), body);
    await server.post(`${services(server)}?dryRun=All`, service('t', { type: 'NodePort' }));
  }),
  withServices('what is refused takes nothing', async (server) => {
    const port = { port: 80, nodePort: 31272 };
    await server.post(
      services(server),
      service('s', { type: 'NodePort', clusterIP: '10.0.0.15', ports: [port, port] }),
    );
    await server.post(services(server), service('s', { type: 'NodePort', clusterIP: '10.0.0.15', ports: [port] }));
  }),
];
