import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };
const partial = { headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } };

async function nine(server: ScenarioServer): Promise<void> {
  for (let i = 0; i < 9; i++) {
    const metadata = { name: `n${i}`, labels: { third: String(i % 3) } };
    await server.post(configMaps(server), { ...configMap(`n${i}`), metadata }, { unrecorded: true });
  }
}

/** Follows the continue tokens to the end. */
async function follow(server: ScenarioServer, path: string, options = {}): Promise<void> {
  let answer: Answer = await server.get(path, options);
  for (let chunks = 0; chunks < 12 && answer.body?.metadata?.continue; chunks++) {
    answer = await server.get(`${path}&continue=${encodeURIComponent(answer.body.metadata.continue)}`, options);
  }
}

export const chunks = [
  scenario('chunks', 'of a list with selectors', async (server) => {
    await nine(server);
    await follow(server, `${configMaps(server)}?limit=1&labelSelector=third%3D1`);
    await follow(server, `${configMaps(server)}?limit=2&labelSelector=third%21%3D1`);
    await follow(server, `${configMaps(server)}?limit=3&fieldSelector=metadata.name%21%3Dn4`);
    await follow(server, `${configMaps(server)}?limit=2&fieldSelector=metadata.name%3Dn4`);
    await follow(server, `${configMaps(server)}?limit=2&labelSelector=third%3D7`);
    await follow(server, `${configMaps(server)}?limit=9`);
    await follow(server, `${configMaps(server)}?limit=8`);
  }),
  scenario('chunks', 'of other forms and with revisions', async (server) => {
    await nine(server);
    await follow(server, `${configMaps(server)}?limit=5`, table);
    await follow(server, `${configMaps(server)}?limit=5`, partial);
    await server.get(`${configMaps(server)}?limit=2&resourceVersion=0`);
    const now = (await server.get(`${configMaps(server)}/n8`, { unrecorded: true })).body.metadata.resourceVersion;
    const first = await server.get(`${configMaps(server)}?limit=2&resourceVersion=${now}&resourceVersionMatch=Exact`);
    await server.get(`${configMaps(server)}?limit=2&resourceVersion=${now}&resourceVersionMatch=NotOlderThan`);
    const token = encodeURIComponent(first.body.metadata.continue);
    await server.get(`${configMaps(server)}?continue=${token}`);
    await server.get(`${configMaps(server)}?continue=${token}&limit=2&resourceVersionMatch=Exact`);
    await server.get(`${configMaps(server)}?continue=${token}&limit=2&resourceVersion=0`);
    await server.get(`${configMaps(server)}?continue=${token}&limit=2&labelSelector=third%3D2`);
    await server.get(`${configMaps(server)}?continue=${token}&watch=1&timeoutSeconds=1`);
    await server.get(`/api/v1/namespaces/other/configmaps?continue=${token}&limit=2`);
  }),
  scenario('chunks', 'tokens that nobody gave', async (server) => {
    await nine(server);
    const tokens = [
      { v: 'meta.k8s.io/v1', rv: -1, start: '/n5' },
      { v: 'meta.k8s.io/v1', rv: 99999999999, start: '/n5' },
      { v: 'meta.k8s.io/v2', rv: 5, start: '/n5' },
      { v: 'meta.k8s.io/v1', rv: 0, start: '/n5' },
      { v: 'meta.k8s.io/v1', rv: 5 },
      { v: 'meta.k8s.io/v1', rv: -1, start: '../x' },
      { v: 'meta.k8s.io/v1', rv: -2, start: '/n5' },
      { v: 'meta.k8s.io/v1', rv: 'x', start: '/n5' },
      [],
      7,
    ];
    for (const token of tokens) {
      const text = Buffer.from(JSON.stringify(token)).toString('base64url');
      await server.get(`${configMaps(server)}?limit=2&continue=${text}`);
    }
    await server.get(`${configMaps(server)}?limit=2&continue=%00`);
    await server.get(`${configMaps(server)}?limit=2&continue=eyJ2Ijo`);
  }),
  scenario('chunks', 'of custom resources in two namespaces', async (server) => {
    await server.installCrd(crd(server));
    const other = widgets(server).replace(`namespaces/${server.namespace}`, 'namespaces/default');
    for (const name of ['a', 'b']) {
      await server.post(widgets(server), widget(server, name), { unrecorded: true });
      await server.post(other, widget(server, name), { unrecorded: true });
    }
    const all = widgets(server).replace(`namespaces/${server.namespace}/`, '');
    await follow(server, `${all}?limit=1`);
    await follow(server, `${all}?limit=3`, table);
    await server.get(`${all}?fieldSelector=metadata.namespace%3Ddefault`);
    await server.get(`${all}?fieldSelector=metadata.namespace%21%3Ddefault,metadata.name%3Da`);
    const watch = await server.watch(all);
    await watch.events(4);
    await server.delete(`${other}/a`);
    await watch.events(5);
    await watch.close();
  }),
  scenario('watch', 'as Table: columns with the first event only', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }), { unrecorded: true });
    const watch = await server.watch(configMaps(server), table);
    const objects = await server.watch(`${configMaps(server)}?includeObject=Object`, table);
    const none = await server.watch(`${configMaps(server)}?includeObject=None`, table);
    await watch.events(1);
    await objects.events(1);
    await none.events(1);
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { l: 'w' } });
    await server.delete(`${configMaps(server)}/a`);
    for (const one of [watch, objects, none]) {
      await one.events(3);
      await one.close();
    }
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const initial = await server.watch(`${configMaps(server)}?${query}`, table);
    await initial.events(1, { bookmarks: true });
    await initial.close();
  }),
  scenario('watch', 'of custom resources as Table and as metadata', async (server) => {
    const columns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }];
    await server.installCrd(crd(server, { columns }));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    const watch = await server.watch(widgets(server), table);
    const metadata = await server.watch(widgets(server), {
      headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
    });
    await watch.events(1);
    await metadata.events(1);
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { size: 5 } });
    await server.patch(`${widgets(server)}/a/status`, 'merge', { status: { phase: 'Ready' } });
    await server.delete(`${widgets(server)}/a`);
    await watch.events(4);
    await metadata.events(4);
    await watch.close();
    await metadata.close();
    const old = await server.watch(`${widgets(server)}?resourceVersion=1`, table);
    await old.ended();
    await old.close();
  }),
  scenario('watch', 'with selectors that an object enters and leaves by its fields', async (server) => {
    await server.installCrd(crd(server, { selectableFields: [{ jsonPath: '.spec.color' }] }));
    const path = `${widgets(server)}/a`;
    const watch = await server.watch(`${widgets(server)}?fieldSelector=spec.color%3Dblue`);
    const both = await server.watch(`${widgets(server)}?fieldSelector=spec.color%3Dblue&labelSelector=on`);
    await server.post(widgets(server), widget(server, 'a', { color: 'green' }));
    await server.patch(path, 'merge', { spec: { color: 'blue' } });
    await server.patch(path, 'merge', { metadata: { labels: { on: '' } } });
    await server.patch(path, 'merge', { spec: { color: 'red' } });
    await server.patch(path, 'merge', { spec: { color: 'blue' } });
    await server.patch(path, 'merge', { metadata: { labels: null } });
    await server.delete(path);
    await watch.events(6);
    await both.events(4);
    await watch.close();
    await both.close();
  }),
  scenario('watch', 'pods by their node, as a kubelet does', async (server) => {
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = (name: string, nodeName?: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName ? { nodeName } : {}) },
    });
    const watch = await server.watch(`${pods}?fieldSelector=spec.nodeName%3Dn1`);
    await server.post(pods, pod('a', 'n1'));
    await server.post(pods, pod('b', 'n2'));
    await server.patch(`${pods}/a/status`, 'merge', { status: { phase: 'Running' } });
    await server.delete(`${pods}/a`);
    await server.delete(`${pods}/a?gracePeriodSeconds=0`);
    await watch.events(4);
    await watch.close();
  }),
];
