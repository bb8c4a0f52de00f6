import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

export const watch = [
  scenario('watch', 'from now: initial objects as ADDED in order, then what happens', async (server) => {
    for (const name of ['b', 'a']) await server.post(configMaps(server), configMap(name), { unrecorded: true });
    const watch = await server.watch(configMaps(server));
    await watch.events(2);
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: 'v' } });
    await server.delete(`${configMaps(server)}/b`);
    await server.post(configMaps(server), configMap('c'));
    await watch.events(5);
    await watch.close();
  }),
  scenario('watch', 'from a revision: only what came after', async (server) => {
    const first = await server.post(configMaps(server), configMap('a'));
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: '1' } });
    await server.post(configMaps(server), configMap('b'));
    const watch = await server.watch(`${configMaps(server)}?resourceVersion=${first.body.metadata.resourceVersion}`);
    await watch.events(2);
    await watch.close();
  }),
  scenario('watch', 'label selector transitions', async (server) => {
    const path = `${configMaps(server)}/a`;
    const watch = await server.watch(`${configMaps(server)}?labelSelector=on%3Dyes`);
    await server.post(configMaps(server), configMap('a'));
    await server.patch(path, 'merge', { metadata: { labels: { on: 'yes' } } });
    await server.patch(path, 'merge', { data: { k: 'v' } });
    await server.patch(path, 'merge', { metadata: { labels: { on: 'no' } } });
    await server.patch(path, 'merge', { metadata: { labels: { on: 'yes' } } });
    await server.delete(path);
    await watch.events(5);
    await watch.close();
  }),
  scenario('watch', 'of one object', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    await server.post(configMaps(server), configMap('b'));
    const byName = await server.watch(`${configMaps(server)}/a`);
    const byField = await server.watch(`${configMaps(server)}?fieldSelector=metadata.name%3Db`);
    await byName.events(1);
    await byField.events(1);
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: 'v' } });
    await server.patch(`${configMaps(server)}/b`, 'merge', { data: { k: 'v' } });
    await byName.events(2);
    await byField.events(2);
    await byName.close();
    await byField.close();
  }),
  scenario('watch', 'sendInitialEvents ends the initial objects with a bookmark', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await server.watch(`${configMaps(server)}?${query}`);
    await watch.events(2, { bookmarks: true });
    await server.post(configMaps(server), configMap('b'));
    await watch.events(3, { bookmarks: true });
    await watch.close();
  }),
  scenario('watch', 'parameters that do not fit together', async (server) => {
    const path = configMaps(server);
    await server.get(`${path}?watch=1&sendInitialEvents=true`);
    await server.get(`${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact`);
    await server.get(`${path}?watch=1&resourceVersionMatch=NotOlderThan`);
    await server.get(`${path}?watch=1&resourceVersion=abc`);
    await server.get(`${path}?watch=1&labelSelector=a%3Db%3Dc`);
    await server.get(`${path}?watch=1&fieldSelector=spec.nope%3D1`);
    await server.get(`${path}?watch=1&timeoutSeconds=soon`);
  }),
  scenario('watch', 'a revision too old is an ERROR event of 410', async (server) => {
    // Of custom resources no server has seen anything before their definition came.
    await server.installCrd(crd(server));
    const watch = await server.watch(`${widgets(server)}?resourceVersion=1`);
    await watch.ended();
    await watch.close();
  }),
  scenario('watch', 'timeoutSeconds ends it', async (server) => {
    const watch = await server.watch(`${configMaps(server)}?timeoutSeconds=1`);
    await watch.ended();
    await watch.close();
  }),
  scenario('watch', 'custom resources: defaults, status writes, finalizers and deletion', async (server) => {
    await server.installCrd(crd(server));
    const watch = await server.watch(widgets(server));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), { ...widget(server, 'a'), metadata: { name: 'a', finalizers: ['x.y/z'] } });
    await server.patch(`${path}/status`, 'merge', { status: { phase: 'Ready' } });
    await server.delete(path);
    await server.patch(path, 'merge', { metadata: { finalizers: null } });
    await watch.events(4);
    await watch.close();
  }),
  scenario('watch', 'as PartialObjectMetadata and as Table', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }));
    const metadata = await server.watch(configMaps(server), {
      headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
    });
    await metadata.events(1);
    await metadata.close();
  }),
  scenario('watch', 'a write that changes nothing sends nothing', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }));
    const watch = await server.watch(configMaps(server));
    await watch.events(1);
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: 'v' } });
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: 'w' } });
    await watch.events(2);
    await watch.close();
  }),
];
