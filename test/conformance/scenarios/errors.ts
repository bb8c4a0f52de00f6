import { scenario } from '../scenario.ts';
import { configMap, configMaps } from './fixtures.ts';

export const errors = [
  scenario('errors', 'unknown paths are plain 404', async (server) => {
    await server.get('/nothing/here');
    await server.get('/api/v7/pods');
    await server.get('/apis/no.such.group/v1/things');
    await server.get('/apis/apps/v9/deployments');
    await server.get('/api/v1/nosuchthings');
    await server.get(`/api/v1/namespaces/${server.namespace}/nodes`);
    await server.get('/api/v1/namespaces/default/pods/x/nosuchsubresource');
  }),
  scenario('errors', 'a missing object is a Status with details', async (server) => {
    await server.get(`${configMaps(server)}/absent`);
    await server.get(`/apis/apps/v1/namespaces/${server.namespace}/deployments/absent`);
    await server.delete(`${configMaps(server)}/absent`);
    await server.put(`/api/v1/nodes/absent/status`, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'absent' } });
    await server.patch(`${configMaps(server)}/absent`, 'merge', { data: { a: '1' } });
  }),
  scenario('errors', 'verbs that a resource does not have are 405', async (server) => {
    await server.request('PUT', configMaps(server), { body: configMap('a') });
    await server.request('PATCH', configMaps(server), {
      body: {},
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await server.request('POST', `${configMaps(server)}/a`, { body: configMap('a') });
    await server.request('DELETE', '/apis/authorization.k8s.io/v1/subjectaccessreviews');
    await server.request('TRACEX', configMaps(server));
  }),
  scenario('errors', 'malformed bodies', async (server) => {
    await server.post(configMaps(server), '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}');
    await server.post(configMaps(server), '{"apiVersion":"v1","kind":"ConfigMap",}');
    await server.post(configMaps(server), 'not json at all');
    await server.post(configMaps(server), '');
    await server.post(configMaps(server), '[]');
    await server.post(configMaps(server), '"text"');
    await server.post(configMaps(server), 'null');
    await server.post(configMaps(server), '{}');
    await server.post(configMaps(server), { kind: 'ConfigMap', metadata: { name: 'a' } });
    await server.post(configMaps(server), { apiVersion: 'v1', metadata: { name: 'a' } });
  }),
  scenario('errors', 'wrong content types', async (server) => {
    const body = JSON.stringify(configMap('a'));
    await server.post(configMaps(server), body, { headers: { 'content-type': 'text/plain' } });
    await server.post(configMaps(server), body, { headers: { 'content-type': 'application/xml' } });
    await server.get(configMaps(server), { headers: { accept: 'text/html' } });
    await server.get(configMaps(server), { headers: { accept: 'application/vnd.ms-excel' } });
    await server.get(configMaps(server), { headers: { accept: 'text/html, */*' } });
    await server.patch(`${configMaps(server)}/a`, 'application/json', {});
    await server.patch(`${configMaps(server)}/a`, 'text/plain', {});
  }),
  scenario('errors', 'a body over three MiB is 413', async (server) => {
    await server.post(configMaps(server), configMap('big', { data: { a: 'x'.repeat(4 * 1024 * 1024) } }));
  }),
  scenario('errors', 'the version and kind of a body must fit its path', async (server) => {
    await server.post(configMaps(server), { ...configMap('a'), apiVersion: 'v2' });
    await server.post(configMaps(server), { ...configMap('a'), apiVersion: 'apps/v1' });
    await server.post(configMaps(server), { ...configMap('a'), kind: 'Secret' });
    await server.post(configMaps(server), { ...configMap('a'), kind: 'NoSuchKind' });
  }),
  scenario('errors', 'names in body and path must agree', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    await server.put(`${configMaps(server)}/a`, configMap('b'));
    await server.put(`${configMaps(server)}/a`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
    await server.post(configMaps(server), { ...configMap('c'), metadata: { name: 'c', namespace: 'elsewhere' } });
    await server.post('/api/v1/namespaces/no-such-namespace/configmaps', configMap('a'));
  }),
  scenario('errors', 'bad names are 422 with the reason', async (server) => {
    for (const name of ['Upper', 'under_score', '-dash', 'dot.', 'a'.repeat(254), 'sp ace', 'ü']) {
      await server.post(configMaps(server), configMap(name));
    }
    await server.post(configMaps(server), { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
    await server.post(configMaps(server), {
      ...configMap('l'),
      metadata: { name: 'l', labels: { 'bad key!': 'x', ok: 'bad value!' } },
    });
    await server.post(configMaps(server), {
      ...configMap('l'),
      metadata: { name: 'l', annotations: { 'bad key!': 'x' } },
    });
    await server.post(configMaps(server), {
      ...configMap('l'),
      metadata: { name: 'l', finalizers: ['nodomain', 'bad finalizer!'] },
    });
    await server.post(configMaps(server), {
      ...configMap('l'),
      metadata: { name: 'l', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    });
  }),
];
