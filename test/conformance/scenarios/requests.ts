import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

/** What clients put around a request: time limits, other methods, odd ways to write a path. */
export const requests = [
  scenario('requests', 'a time limit in the query', async (server) => {
    await server.post(`${configMaps(server)}?timeout=32s`, configMap('a'));
    await server.get(`${configMaps(server)}/a?timeout=32s`);
    await server.get(`${configMaps(server)}?timeout=1h`);
    await server.get(`${configMaps(server)}?timeout=soon`);
    await server.get(`${configMaps(server)}?timeout=0`);
    await server.get(`${configMaps(server)}?timeout=`);
    await server.put(`${configMaps(server)}/a?timeout=5`, configMap('a'));
    await server.delete(`${configMaps(server)}/a?timeout=32s`);
  }),
  scenario('requests', 'HEAD and OPTIONS', async (server) => {
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    for (const method of ['HEAD', 'OPTIONS']) {
      await server.request(method, configMaps(server));
      await server.request(method, `${configMaps(server)}/a`);
      await server.request(method, `${configMaps(server)}/absent`);
    }
    for (const path of ['/healthz', '/version', '/api', '/apis', '/apis/apps/v1']) await server.request('HEAD', path);
    await server.request('OPTIONS', '/version');
    await server.request('POST', '/version');
    await server.request('PUT', '/apis/apps');
    await server.request('DELETE', '/api/v1');
    await server.request('POST', '/healthz');
  }),
  scenario('requests', 'slashes too many', async (server) => {
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    await server.get(`${configMaps(server)}/`);
    await server.get(`${configMaps(server)}/a/`);
    await server.get(`/${configMaps(server)}`);
    await server.get(configMaps(server).replace('/namespaces', '//namespaces'));
    await server.get(`${configMaps(server)}//a`);
    await server.get('/api/');
    await server.get('/api/v1/nodes/');
    await server.get('/apis/apps/');
    await server.get('/healthz/');
    await server.get('/readyz/');
    await server.get('/nothing/');
    await server.get('/api/v1/../v1/nodes');
  }),
  scenario('requests', 'escapes in a path', async (server) => {
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    await server.get(`${configMaps(server)}/%61`);
    await server.get(configMaps(server).replace('configmaps', 'config%6daps'));
    await server.get(`${configMaps(server)}/a%2fb`);
    await server.get(`${configMaps(server)}/a%2Fb`);
    await server.get(`${configMaps(server)}/%c3%bc`);
    await server.get(`${configMaps(server)}/a%20b`);
    await server.get(`${configMaps(server)}/a?fieldSelector=%zz`);
    await server.get(`${configMaps(server)}?labelSelector=a;b`);
    await server.get(`${configMaps(server)}?labelSelector=x%3dy&&labelSelector=z`);
    await server.get(`${configMaps(server)}?limit=1&limit=2`);
    await server.get(`${configMaps(server)}?nonsense=1`);
    await server.get(`${configMaps(server)}/A`);
    await server.get(`${configMaps(server)}/..`);
  }),
  scenario('requests', 'very long selectors', async (server) => {
    await server.post(configMaps(server), { ...configMap('a'), metadata: { name: 'a', labels: { n: 'v7' } } });
    const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`).join(',');
    for (const count of [100, 5000]) {
      const found = await server.get(`${configMaps(server)}?labelSelector=n+in+(${values(count)})`, {
        unrecorded: true,
      });
      await server.get(`/healthz?found=${found.body?.items?.length}&status=${found.status}`);
    }
    await server.get(`${configMaps(server)}?labelSelector=${'x'.repeat(400)}`);
    await server.get(`${configMaps(server)}?labelSelector=a%3D${'x'.repeat(64)}`);
  }),
  scenario('requests', 'what a client accepts', async (server) => {
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    for (const accept of [
      '*/*',
      'application/*',
      'application/json, */*',
      'application/json;q=0.5, application/yaml',
      'application/json;q=0, */*',
      'application/json; charset=utf-8',
      'application/json;stream=watch',
      'text/plain, application/json',
      'application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json',
      'application/json;as=Table;v=v9;g=meta.k8s.io',
      'application/json;as=Table;v=v1;g=other.io',
      '',
      'rubbish',
    ]) {
      await server.get(`${configMaps(server)}/a`, { headers: { accept } });
    }
  }),
  scenario('requests', 'content types of bodies', async (server) => {
    const body = JSON.stringify(configMap('a'));
    const dry = `${configMaps(server)}?dryRun=All`;
    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON',
      'application/json;',
      'application/yaml',
      'text/json',
      'application/cbor',
      '',
      'rubbish',
      ';;',
      'application/json, application/yaml',
    ]) {
      await server.post(dry, body, { headers: { 'content-type': type } });
    }
    await server.installCrd(crd(server));
    const custom = JSON.stringify(widget(server, 'a'));
    for (const type of ['', 'text/plain', 'application/yaml', 'application/json;x=y']) {
      await server.post(`${widgets(server)}?dryRun=All`, custom, { headers: { 'content-type': type } });
    }
    await server.patch(`${widgets(server)}/a`, 'text/plain', {});
    await server.patch(`${widgets(server)}/a`, 'application/merge-patch+json; charset=utf-8', {});
  }),
];
