import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

async function five(server: ScenarioServer): Promise<void> {
  for (const [i, name] of ['e', 'b', 'd', 'a', 'c'].entries()) {
    const labels = { n: String(i), even: String(i % 2 === 0), ...(name === 'a' ? { special: 'yes' } : {}) };
    await server.post(configMaps(server), { ...configMap(name), metadata: { name, labels } }, { unrecorded: true });
  }
}

export const list = [
  scenario('list', 'in order of names, empty lists too', async (server) => {
    await server.get(configMaps(server));
    await five(server);
    await server.get(configMaps(server));
  }),
  scenario('list', 'chunks', async (server) => {
    await five(server);
    const first = await server.get(`${configMaps(server)}?limit=2`);
    const token = (answer: { body: { metadata: { continue?: string } } }) =>
      encodeURIComponent(answer.body.metadata.continue ?? '');
    const second = await server.get(`${configMaps(server)}?limit=2&continue=${token(first)}`);
    await server.get(`${configMaps(server)}?limit=2&continue=${token(second)}`);
    await server.get(`${configMaps(server)}?limit=2&labelSelector=even%3Dtrue`);
    await server.get(`${configMaps(server)}?limit=2&continue=${token(first)}&resourceVersion=5`);
    await server.get(`${configMaps(server)}?limit=2&continue=rubbish`);
    await server.get(`${configMaps(server)}?limit=-1`);
    await server.get(`${configMaps(server)}?limit=many`);
  }),
  scenario('list', 'later chunks are of the revision of the first', async (server) => {
    await five(server);
    const first = await server.get(`${configMaps(server)}?limit=2`);
    await server.post(configMaps(server), configMap('c1'), { unrecorded: true });
    await server.delete(`${configMaps(server)}/d`, { unrecorded: true });
    await server.get(`${configMaps(server)}?limit=9&continue=${encodeURIComponent(first.body.metadata.continue)}`);
  }),
  scenario('list', 'label selectors', async (server) => {
    await five(server);
    for (const selector of [
      'even=true',
      'even==true',
      'even!=true',
      'special',
      '!special',
      'n in (1,2)',
      'n notin (1,2)',
      'special notin (yes)',
      'n>2',
      'n<2',
      'even=true,n in (0,4)',
      'special=yes',
      'a=b=c',
      'n in 1',
      'in',
      '(',
      'even=bad value',
      'x in ()',
      'n>a',
      '',
      ',',
      '=',
    ]) {
      await server.get(`${configMaps(server)}?labelSelector=${encodeURIComponent(selector)}`);
    }
  }),
  scenario('list', 'field selectors', async (server) => {
    await five(server);
    for (const selector of [
      'metadata.name=a',
      'metadata.name!=a',
      `metadata.namespace=${server.namespace}`,
      'metadata.namespace=other',
      'metadata.name=a,metadata.name=b',
      'spec.x=1',
      'nonsense',
      'metadata.name==c',
      '=',
      'metadata.labels=a',
      '',
    ]) {
      await server.get(`${configMaps(server)}?fieldSelector=${encodeURIComponent(selector)}`);
    }
    await server.get(`/api/v1/pods?fieldSelector=spec.nodeName%3Dx`);
    await server.get(`/api/v1/pods?fieldSelector=spec.image%3Dx`);
    await server.get(`/api/v1/namespaces?fieldSelector=metadata.name%3D${server.namespace}`);
  }),
  scenario('list', 'selectable fields of custom resources', async (server) => {
    await server.installCrd(crd(server, { selectableFields: [{ jsonPath: '.spec.color' }] }));
    await server.post(widgets(server), widget(server, 'a', { color: 'blue' }), { unrecorded: true });
    await server.post(widgets(server), widget(server, 'b', {}), { unrecorded: true });
    await server.get(`${widgets(server)}?fieldSelector=spec.color%3Dblue`);
    await server.get(`${widgets(server)}?fieldSelector=spec.color%3Dred`);
    await server.get(`${widgets(server)}?fieldSelector=spec.size%3D1`);
  }),
  scenario('list', 'resource versions', async (server) => {
    await five(server);
    const now = (await server.get(configMaps(server))).body.metadata.resourceVersion;
    for (const query of [
      'resourceVersion=0',
      `resourceVersion=${now}`,
      `resourceVersion=${now}&resourceVersionMatch=Exact`,
      `resourceVersion=${now}&resourceVersionMatch=NotOlderThan`,
      'resourceVersionMatch=Exact',
      'resourceVersion=0&resourceVersionMatch=Exact',
      'resourceVersion=abc',
      `resourceVersion=${now}&resourceVersionMatch=Sometimes`,
      `resourceVersion=${now}&limit=2`,
      'resourceVersion=99999999999&resourceVersionMatch=Exact',
      'sendInitialEvents=true',
    ]) {
      await server.get(`${configMaps(server)}?${query}`);
    }
    await server.get(`${configMaps(server)}/a?resourceVersion=0`);
    await server.get(`${configMaps(server)}/a?resourceVersion=${now}`);
    await server.get(`${configMaps(server)}/a?resourceVersion=abc`);
  }),
  scenario('list', 'an exact old revision shows the past', async (server) => {
    await server.post(configMaps(server), configMap('a', { data: { k: '1' } }), { unrecorded: true });
    const then = (await server.get(configMaps(server), { unrecorded: true })).body.metadata.resourceVersion;
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { k: '2' } }, { unrecorded: true });
    await server.delete(`${configMaps(server)}/a`, { unrecorded: true });
    await server.get(`${configMaps(server)}?resourceVersion=${then}&resourceVersionMatch=Exact`);
  }),
  scenario('list', 'every namespace at once', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    await server.get(widgets(server).replace(`namespaces/${server.namespace}/`, ''));
  }),
];
