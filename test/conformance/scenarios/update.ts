import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

export const update = [
  scenario('update', 'with and without a resourceVersion', async (server) => {
    const created = await server.post(configMaps(server), configMap('a'));
    const { resourceVersion, uid } = created.body.metadata;
    await server.put(`${configMaps(server)}/a`, configMap('a', { data: { k: '1' } }));
    await server.put(`${configMaps(server)}/a`, {
      ...configMap('a', { data: { k: '2' } }),
      metadata: { name: 'a', resourceVersion },
    });
    await server.put(`${configMaps(server)}/a`, { ...configMap('a'), metadata: { name: 'a', uid: 'other' } });
    await server.put(`${configMaps(server)}/a`, {
      ...configMap('a', { data: { k: '3' } }),
      metadata: { name: 'a', uid },
    });
    await server.put(`${configMaps(server)}/a`, { ...configMap('a'), metadata: { name: 'a', resourceVersion: 'abc' } });
    await server.get(`${configMaps(server)}/a`);
  }),
  scenario('update', 'an update that changes nothing keeps the revision', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: '1' } }));
    await server.put(`${configMaps(server)}/a`, configMap('a', { data: { k: '1' } }));
    await server.get(`${configMaps(server)}/a`);
  }),
  scenario('update', 'what an update cannot change', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    await server.put(`${configMaps(server)}/a`, {
      ...configMap('a', { data: { k: '1' } }),
      metadata: {
        name: 'a',
        generation: 99,
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
      },
    });
    await server.put(`${configMaps(server)}/absent`, configMap('absent'));
  }),
  scenario('update', 'a custom resource needs its resourceVersion', async (server) => {
    await server.installCrd(crd(server));
    const created = await server.post(widgets(server), widget(server, 'a'));
    await server.put(`${widgets(server)}/a`, widget(server, 'a', { size: 2 }));
    const metadata = { name: 'a', resourceVersion: created.body.metadata.resourceVersion };
    await server.put(`${widgets(server)}/a`, { ...widget(server, 'a', { size: 2 }), metadata });
    await server.put(`${widgets(server)}/a`, { ...widget(server, 'a', { size: 3 }), metadata });
    await server.put(`${widgets(server)}/absent`, {
      ...widget(server, 'absent'),
      metadata: { name: 'absent', resourceVersion: '1' },
    });
    await server.put(`${widgets(server)}/absent`, widget(server, 'absent'));
  }),
  scenario('update', 'generation counts spec changes only, status writes take status only', async (server) => {
    await server.installCrd(crd(server));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), widget(server, 'a'));
    await server.patch(path, 'merge', { metadata: { labels: { x: '1' } } });
    await server.patch(path, 'merge', { spec: { size: 5 } });
    await server.patch(path, 'merge', { status: { phase: 'Ready' } });
    await server.patch(`${path}/status`, 'merge', {
      status: { phase: 'Ready' },
      spec: { size: 9 },
      metadata: { labels: { y: '1' }, finalizers: ['a.b/c'] },
    });
    await server.get(`${path}/status`);
    const now = await server.get(path);
    await server.put(`${path}/status`, { ...now.body, status: { phase: 'Done' }, spec: { size: 77 } });
    await server.put(`${path}/status`, { ...now.body, status: { phase: 'Stale' } });
    await server.patch(`${path}/status`, 'merge', { status: { phase: 7 } });
    await server.patch(`${path}/status`, 'json', [{ op: 'replace', path: '/status/phase', value: 'Json' }]);
  }),
  scenario('update', 'without a status subresource, status is like any field', async (server) => {
    await server.installCrd(crd(server, { status: false }));
    await server.post(widgets(server), widget(server, 'a', { size: 1 }, { status: { phase: 'Ready' } }));
    await server.patch(`${widgets(server)}/a`, 'merge', { status: { phase: 'Done' } });
    await server.get(`${widgets(server)}/a/status`);
    await server.patch(`${widgets(server)}/a/status`, 'merge', {});
  }),
  scenario('update', 'the scale subresource', async (server) => {
    const scale = {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    };
    await server.installCrd(crd(server, { scale }));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), widget(server, 'a', { replicas: 2 }));
    await server.patch(`${path}/status`, 'merge', { status: { replicas: 1, selector: 'app=a' } });
    const got = await server.get(`${path}/scale`);
    await server.put(`${path}/scale`, { ...got.body, spec: { replicas: 5 } });
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 7 } });
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: -1 } });
    await server.get(path);
    await server.post(widgets(server), widget(server, 'none', {}));
    await server.get(`${widgets(server)}/none/scale`);
    await server.get(`${widgets(server)}/absent/scale`);
  }),
  scenario('update', 'new finalizers cannot be added while deleting', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server), { ...configMap('a'), metadata: { name: 'a', finalizers: ['x.y/one'] } });
    await server.delete(path);
    await server.patch(path, 'merge', { metadata: { finalizers: ['x.y/one', 'x.y/two'] } });
    await server.patch(path, 'merge', { data: { k: 'v' } });
    await server.patch(path, 'merge', { metadata: { finalizers: null } });
    await server.get(path);
  }),
  scenario('update', 'repeated owner references are merged with a warning', async (server) => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '11111111-1111-1111-1111-111111111111' };
    await server.post(configMaps(server), {
      ...configMap('a'),
      metadata: { name: 'a', ownerReferences: [owner, owner] },
    });
    await server.post(configMaps(server), {
      ...configMap('b'),
      metadata: {
        name: 'b',
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, uid: '2', controller: true },
        ],
      },
    });
  }),
];
