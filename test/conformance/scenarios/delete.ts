import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

export const deletion = [
  scenario('delete', 'at once, answered with a Status', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    await server.delete(`${configMaps(server)}/a`);
    await server.delete(`${configMaps(server)}/a`);
  }),
  scenario('delete', 'with finalizers the object stays, terminating, until they are gone', async (server) => {
    await server.installCrd(crd(server));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), {
      ...widget(server, 'a'),
      metadata: { name: 'a', finalizers: ['x.y/one', 'x.y/two'] },
    });
    await server.delete(path);
    await server.delete(path);
    await server.get(path);
    await server.post(widgets(server), widget(server, 'a'));
    await server.patch(path, 'merge', { metadata: { finalizers: ['x.y/two'] } });
    await server.patch(path, 'merge', { metadata: { finalizers: [] } });
    await server.get(path);
  }),
  scenario('delete', 'preconditions', async (server) => {
    const created = await server.post(configMaps(server), configMap('a'));
    const { uid, resourceVersion } = created.body.metadata;
    const path = `${configMaps(server)}/a`;
    const options = (preconditions: object) => ({ body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions } });
    await server.delete(path, options({ uid: 'other' }));
    await server.delete(path, options({ uid, resourceVersion: '1' }));
    await server.delete(path, options({ uid, resourceVersion }));
  }),
  scenario('delete', 'options: dry run, propagation, conflicts between them', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    const path = `${configMaps(server)}/a`;
    await server.delete(`${path}?dryRun=All`);
    await server.delete(`${path}?propagationPolicy=Nonsense`);
    await server.delete(path, {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', orphanDependents: true, propagationPolicy: 'Orphan' },
    });
    await server.delete(path, { body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: -5 } });
    await server.delete(path, { body: '{' });
    await server.get(path);
  }),
  scenario('delete', 'a collection by selector', async (server) => {
    for (const name of ['a', 'b', 'c']) {
      await server.post(
        configMaps(server),
        { ...configMap(name), metadata: { name, labels: { drop: String(name !== 'b') } } },
        { unrecorded: true },
      );
    }
    await server.delete(`${configMaps(server)}?labelSelector=drop%3Dtrue`);
    await server.get(`${configMaps(server)}?labelSelector=drop`);
    await server.delete(`${configMaps(server)}?dryRun=All&labelSelector=drop`);
    await server.get(`${configMaps(server)}/b`);
  }),
  scenario('delete', 'a pod is deleted gracefully', async (server) => {
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    await server.post(pods, pod);
    await server.delete(`${pods}/p`);
    await server.post(pods, { ...pod, spec: { ...pod.spec, nodeName: 'some-node' } });
    await server.delete(`${pods}/p`);
    await server.get(`${pods}/p`);
    await server.delete(`${pods}/p?gracePeriodSeconds=5`);
    await server.delete(`${pods}/p?gracePeriodSeconds=0`);
    await server.get(`${pods}/p`);
  }),
  scenario('delete', 'namespaces that always exist cannot be deleted', async (server) => {
    for (const name of ['default', 'kube-system', 'kube-public'])
      await server.delete(`/api/v1/namespaces/${name}?dryRun=All`);
  }),
  scenario('delete', 'the watch tells the deletion with its own revision', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }));
    const watch = await server.watch(configMaps(server));
    await watch.events(1);
    await server.delete(`${configMaps(server)}/a`);
    await watch.events(2);
    await watch.close();
  }),
];
