import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };
const partial = { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } };
const partialList = { headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } };

export const tables = [
  scenario('table', 'of config maps', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v', l: 'w' }, binaryData: { b: 'AAAA' } }));
    await server.get(configMaps(server), table);
    await server.get(`${configMaps(server)}/a`, table);
    await server.get(`${configMaps(server)}?includeObject=None`, table);
    await server.get(`${configMaps(server)}?includeObject=Object`, table);
    await server.get(`${configMaps(server)}?includeObject=Everything`, table);
  }),
  scenario('table', 'of custom resources: cells by type, missing ones are null', async (server) => {
    const columns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'How big' },
      { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
      { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
      { name: 'First', type: 'string', jsonPath: '.spec.parts[?(@.name=="p")].name' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
      { name: 'When', type: 'date', jsonPath: '.metadata.deletionTimestamp' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    await server.installCrd(crd(server, { columns }));
    await server.post(widgets(server), widget(server, 'a', { size: 3, parts: [{ name: 'p' }, { name: 'q' }] }), {
      unrecorded: true,
    });
    await server.post(widgets(server), widget(server, 'b', {}), { unrecorded: true });
    await server.get(widgets(server), table);
    await server.get(`${widgets(server)}/a`, table);
  }),
  scenario('table', 'of custom resources without columns', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    await server.get(widgets(server), table);
    await server.get(widgets(server), partialList);
    await server.get(`${widgets(server)}/a`, partial);
  }),
  scenario('table', 'partial metadata', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }), { unrecorded: true });
    await server.get(`${configMaps(server)}/a`, partial);
    await server.get(configMaps(server), partialList);
    await server.get(configMaps(server), partial);
    await server.get(configMaps(server), { headers: { accept: 'application/json;as=Nonsense;v=v1;g=meta.k8s.io' } });
    await server.get(configMaps(server), {
      headers: { accept: 'application/json;as=Nonsense;v=v1;g=meta.k8s.io, application/json' },
    });
  }),
  scenario('table', 'of pods and deployments', async (server) => {
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const spec = {
      containers: [
        { name: 'c', image: 'i' },
        { name: 'd', image: 'j' },
      ],
    };
    await server.post(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }, { unrecorded: true });
    await server.get(pods, table);
    const deployments = `/apis/apps/v1/namespaces/${server.namespace}/deployments`;
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
    };
    await server.post(deployments, deployment, { unrecorded: true });
    await server.get(deployments, table);
    await server.get(`/api/v1/namespaces/${server.namespace}/services`, table);
    await server.get(`/api/v1/namespaces/${server.namespace}`, table);
  }),
];
