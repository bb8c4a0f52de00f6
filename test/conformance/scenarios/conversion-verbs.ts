import type { Scenario } from '../scenario.ts';
import { converts, widgetOf } from './conversion.ts';

const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
const subresources = { subresources: { status: {}, scale } };

/** Every verb in v2, while v1 is stored: nothing is written or shown that was not converted. */
export const conversionVerbs: readonly Scenario[] = [
  converts('creates in every way', async (server, { v1, v2 }) => {
    const object = (name: string) => widgetOf(server, 'v2', name, { host: 'h', port: '1' });
    await server.post(`${v2}?dryRun=All`, object('dry'));
    await server.post(v2, object('made'));
    await server.post(v2, object('made'));
    await server.post(v2, { ...object(''), metadata: { generateName: 'g-' } });
    await server.patch(`${v2}/applied?fieldManager=m&dryRun=All`, 'apply', object('applied'));
    await server.patch(`${v2}/applied?fieldManager=m`, 'apply', object('applied'));
    await server.put(`${v2}/absent`, object('absent'));
    await server.patch(`${v2}/absent`, 'merge', { spec: { host: 'h' } });
    await server.get(v1);
  }),
  converts('changes in every way', async (server, { v1, v2 }) => {
    const path = `${v2}/a`;
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }));
    const { body } = await server.get(path);
    await server.put(`${path}?dryRun=All`, { ...body, spec: { ...body.spec, host: 'dry' } });
    await server.put(path, { ...body, spec: { ...body.spec, host: 'put' } });
    await server.put(path, { ...body, spec: { ...body.spec, host: 'stale' } });
    await server.patch(`${path}?dryRun=All`, 'merge', { spec: { port: '2' } });
    await server.patch(path, 'merge', { spec: { port: '2' } });
    await server.patch(path, 'merge', { spec: { port: '2' } });
    await server.patch(path, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.patch(path, 'json', [
      { op: 'test', path: '/spec/host', value: 'put' },
      { op: 'replace', path: '/spec/host', value: 'json' },
    ]);
    await server.patch(path, 'json', [{ op: 'test', path: '/spec/host', value: 'put' }]);
    await server.patch(`${path}?fieldManager=m`, 'apply', widgetOf(server, 'v2', 'a', { host: 'apply' }));
    await server.patch(`${path}?fieldManager=m&force=true`, 'apply', widgetOf(server, 'v2', 'a', { host: 'apply' }));
    await server.patch(`${path}?fieldManager=m`, 'apply', widgetOf(server, 'v2', 'a', {}));
    await server.get(`${v1}/a`);
  }),
  converts(
    'changes its subresources in every way',
    async (server, { v1, v2 }) => {
      const path = `${v2}/a`;
      await server.post(v2, widgetOf(server, 'v2', 'a', { host: 'h', port: '1', replicas: 1 }));
      await server.get(`${path}/status`);
      await server.patch(`${path}/status`, 'merge', { status: { phase: 'one' } });
      const { body } = await server.get(path, { unrecorded: true });
      await server.put(`${path}/status?dryRun=All`, { ...body, status: { phase: 'dry' } });
      await server.put(`${path}/status`, { ...body, status: { phase: 'two', replicas: 2 } });
      const status = { ...widgetOf(server, 'v2', 'a', {}), spec: undefined, status: { phase: 'three' } };
      await server.patch(`${path}/status?fieldManager=m&force=true`, 'apply', status);
      await server.get(`${path}/scale`);
      await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 3 } });
      const { body: own } = await server.get(`${path}/scale`, { unrecorded: true });
      await server.put(`${path}/scale?dryRun=All`, { ...own, spec: { replicas: 4 } });
      await server.put(`${path}/scale`, { ...own, spec: { replicas: 4 } });
      const applied = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 5 } };
      await server.patch(`${path}/scale?fieldManager=m&force=true`, 'apply', applied);
      await server.get(`${v1}/a`);
    },
    'v1',
    { v1: subresources, v2: subresources },
  ),
  converts('deletes in every way', async (server, { v1, v2 }) => {
    const make = (name: string, metadata: object = {}) =>
      server.post(v1, widgetOf(server, 'v1', name, { hostPort: `${name}:1` }, metadata), { unrecorded: true });
    await make('plain');
    await make('kept', { finalizers: ['x.y/z'] });
    const { body } = await make('pinned');
    for (const name of ['one', 'two', 'three']) await make(name, { labels: { all: 'yes' } });
    await server.delete(`${v2}/plain?dryRun=All`);
    await server.delete(`${v2}/plain`);
    await server.delete(`${v2}/plain`);
    await server.delete(`${v2}/kept`);
    await server.delete(`${v2}/kept`, { body: { propagationPolicy: 'Foreground' } });
    await server.patch(`${v2}/kept`, 'merge', { metadata: { finalizers: null } });
    await server.delete(`${v2}/pinned`, { body: { preconditions: { uid: '11111111-1111-1111-1111-111111111111' } } });
    await server.delete(`${v2}/pinned`, { body: { preconditions: { uid: body.metadata.uid } } });
    await server.delete(`${v2}?dryRun=All`);
    await server.delete(`${v2}?labelSelector=all%3Dyes&limit=2`);
    await server.delete(v2);
    await server.get(v2);
  }),
  converts('reads in every way', async (server, { v1, v2 }) => {
    const post = (name: string) =>
      server.post(v1, widgetOf(server, 'v1', name, { hostPort: `${name}:1` }), { unrecorded: true });
    await post('a');
    await post('b');
    const { body } = await post('c');
    const then = body.metadata.resourceVersion;
    await server.patch(`${v1}/b`, 'merge', { spec: { hostPort: 'later:2' } }, { unrecorded: true });
    await server.delete(`${v1}/c`, { unrecorded: true });
    // The real server answers some lists from a cache that follows.
    await server.until(
      `${v2}?resourceVersion=0`,
      ({ body }) => body.items?.length === 2 && body.items[1].spec.host === 'later',
    );
    await server.get(`${v2}?resourceVersion=${then}&resourceVersionMatch=Exact`);
    await server.get(`${v2}?resourceVersion=${then}&resourceVersionMatch=NotOlderThan`);
    const { body: first } = await server.get(`${v2}?limit=1&resourceVersion=${then}&resourceVersionMatch=Exact`);
    await server.get(`${v2}?limit=1&continue=${first.metadata.continue}`);
    await server.get(`${v2}?resourceVersion=0`);
    await server.get(`${v2}/a?resourceVersion=0`);
    const accept = (as: string) => ({ headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` } });
    await server.get(v2, accept('Table'));
    await server.get(v2, accept('PartialObjectMetadataList'));
    await server.get(`${v2}/a`, accept('PartialObjectMetadata'));
    await server.get(v2.replace(/\/namespaces\/[^/]+/, ''));
    const since = await server.watch(`${v2}?resourceVersion=${then}`);
    const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const all = await server.watch(`${v2}?${initial}`);
    await all.events(3, { bookmarks: true });
    await server.patch(`${v2}/a`, 'merge', { spec: { port: '9' } }, { unrecorded: true });
    await since.events(3);
    await all.events(4, { bookmarks: true });
    await since.close();
    await all.close();
  }),
];
