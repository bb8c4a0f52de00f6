import { scenario } from '../scenario.ts';
import { crd, group } from './fixtures.ts';

const aggregated = { headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' } };

const commonGroups = [
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
];

export const discovery = [
  scenario('discovery', 'the resources of a custom group', async (server) => {
    const names = { singular: 'widgety', shortNames: ['wd', 'wdg'], categories: ['all', 'things'] };
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await server.installCrd(crd(server, { names, scale }));
    await server.until(`/apis/${group(server)}/v1`, (answer) => answer.status === 200);
    await server.get(`/apis/${group(server)}`);
    await server.get(`/apis/${group(server)}/v1`);
    await server.get(`/apis/${group(server)}/v1`, {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList, application/json' },
    });
  }),
  scenario('discovery', 'of the core group', async (server) => {
    await server.get('/api', { headers: { accept: 'application/json' } });
    await server.get('/api/v1/');
    await server.get('/apis/no.such.group');
  }),
  scenario('discovery', 'of all groups, as far as both serve them', async (server) => {
    // A real server has more groups, and other scenarios' come and go: the common ones go into a title.
    const answer = await server.get('/apis/', { unrecorded: true });
    const { groups, ...rest } = answer.body;
    const common = groups.filter(({ name }: { name: string }) => commonGroups.includes(name));
    await server.get(`/healthz?groups=${encodeURIComponent(JSON.stringify({ ...rest, groups: common }))}`);
  }),
  ...['apps', 'batch', 'coordination.k8s.io', 'events.k8s.io', 'policy', 'networking.k8s.io', 'discovery.k8s.io'].map(
    (name) =>
      scenario('discovery', `the group ${name}`, async (server) => {
        await server.get(`/apis/${name}`);
      }),
  ),
  ...[
    'apps/v1',
    'batch/v1',
    'rbac.authorization.k8s.io/v1',
    'coordination.k8s.io/v1',
    'apiextensions.k8s.io/v1',
    'policy/v1',
    'discovery.k8s.io/v1',
    'autoscaling/v2',
  ].map((name) =>
    scenario('discovery', `the resources of ${name}`, async (server) => {
      await server.get(`/apis/${name}`);
    }),
  ),
  scenario('discovery', 'health and version', async (server) => {
    await server.get('/healthz');
    await server.get('/livez');
    await server.get('/readyz');
    await server.get('/healthz/ping');
    await server.get('/readyz/nosuchcheck');
    const version = await server.get('/version', { unrecorded: true });
    await server.get(`/healthz?version=${version.body.major}.${version.body.minor}`);
  }),
  scenario('discovery', 'aggregated answers say so in their content type', async (server) => {
    const answer = await server.get('/apis', { ...aggregated, unrecorded: true });
    const names = answer.body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    const order = names.filter((name: string) =>
      ['apps', 'batch', 'policy', 'events.k8s.io', 'networking.k8s.io'].includes(name),
    );
    await server.get(
      `/healthz?order=${order.join(',')}&type=${encodeURIComponent(String(answer.headers['content-type']))}`,
    );
  }),
];
