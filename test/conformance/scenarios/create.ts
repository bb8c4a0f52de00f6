import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

export const create = [
  scenario('create', 'what the server sets and what it ignores', async (server) => {
    await server.post(configMaps(server), {
      ...configMap('a', { data: { k: 'v' } }),
      metadata: {
        name: 'a',
        uid: 'mine',
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 7,
        generation: 9,
        selfLink: '/x',
        labels: { app: 'a' },
      },
    });
    await server.get(`${configMaps(server)}/a`);
  }),
  scenario('create', 'a name that is taken is 409', async (server) => {
    await server.post(configMaps(server), configMap('a'));
    await server.post(configMaps(server), configMap('a'));
  }),
  scenario('create', 'resourceVersion must not be set, but for a dry run', async (server) => {
    const body = { ...configMap('a'), metadata: { name: 'a', resourceVersion: '5' } };
    await server.post(configMaps(server), body);
    await server.post(`${configMaps(server)}?dryRun=All`, body);
  }),
  scenario('create', 'generateName', async (server) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'some-' } };
    const answer = await server.post(configMaps(server), body);
    await server.get(`${configMaps(server)}/${answer.body.metadata.name}`);
    await server.post(configMaps(server), { ...body, metadata: { generateName: 'x'.repeat(80) } });
    await server.post(configMaps(server), { ...body, metadata: { generateName: 'some-', name: 'given' } });
  }),
  scenario('create', 'dryRun stores nothing', async (server) => {
    await server.post(`${configMaps(server)}?dryRun=All`, configMap('a', { data: { k: 'v' } }));
    await server.get(`${configMaps(server)}/a`);
    await server.post(`${configMaps(server)}?dryRun=Some`, configMap('a'));
    await server.post(`${configMaps(server)}?dryRun=All`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'g-' },
    });
  }),
  scenario(
    'create',
    'a custom resource: status is cleared, defaults are filled in, generation is 1',
    async (server) => {
      await server.installCrd(crd(server));
      await server.post(widgets(server), widget(server, 'a', { size: 1 }, { status: { phase: 'Ready' } }));
      await server.get(`${widgets(server)}/a`);
      await server.post(widgets(server), widget(server, 'b', { color: null }));
    },
  ),
  scenario('create', 'fieldValidation of a custom resource', async (server) => {
    await server.installCrd(crd(server));
    const unknown = widget(server, 'a', { size: 1, parts: [{ name: 'p', nope: 1 }], bogus: true }, { rubbish: 1 });
    for (const mode of ['Strict', 'Warn', 'Ignore', 'Sometimes']) {
      await server.post(`${widgets(server)}?dryRun=All&fieldValidation=${mode}`, unknown);
    }
    await server.post(`${widgets(server)}?dryRun=All`, unknown);
    const twice = JSON.stringify(widget(server, 'a', { size: 1 })).replace('"size":1', '"size":1,"size":2');
    for (const mode of ['Strict', 'Warn', 'Ignore']) {
      await server.post(`${widgets(server)}?dryRun=All&fieldValidation=${mode}`, twice);
    }
  }),
  scenario('create', 'fieldValidation of a built-in kind', async (server) => {
    const unknown = configMap('a', { data: { k: 'v' }, bogus: 1, metadata: { name: 'a', nope: true } });
    for (const mode of ['Strict', 'Warn', 'Ignore']) {
      await server.post(`${configMaps(server)}?dryRun=All&fieldValidation=${mode}`, unknown);
    }
    const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","k":"2"}}';
    for (const mode of ['Strict', 'Warn', 'Ignore']) {
      await server.post(`${configMaps(server)}?dryRun=All&fieldValidation=${mode}`, twice);
    }
  }),
  scenario('create', 'wrong types in metadata', async (server) => {
    await server.installCrd(crd(server));
    for (const metadata of [
      { name: 'a', labels: { app: 1 } },
      { name: 'a', labels: 'x' },
      { name: 'a', finalizers: 'x' },
      { name: 7 },
      { name: 'a', generation: 'x' },
      { name: 'a', nope: 1 },
      { name: 'a', ownerReferences: [{ nope: 1 }] },
    ]) {
      await server.post(`${widgets(server)}?dryRun=All`, { ...widget(server, 'a'), metadata });
      await server.post(`${configMaps(server)}?dryRun=All`, { ...configMap('a'), metadata });
    }
  }),
  scenario('create', 'YAML in, YAML out', async (server) => {
    const yaml =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: "0644"\n  text: |\n    two\n    lines\n';
    await server.post(configMaps(server), yaml, { headers: { 'content-type': 'application/yaml' } });
    await server.get(`${configMaps(server)}/a`);
    await server.post(configMaps(server), 'a: b: c', { headers: { 'content-type': 'application/yaml' } });
  }),
  scenario('create', 'big integers, odd keys and escapes survive', async (server) => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await server.installCrd(crd(server, { schema: { open, big: { type: 'integer' } } }));
    const spec =
      '{"big":9007199254740993,"open":{"9":1,"10":2,"b":1,"a":{"__proto__":{"x":1},"constructor":2},"i":-9223372036854775808,"f":1.5,"e":1e3,"one":1.0,"s":"<&>\\u2028é\\u0000"}}';
    const body = JSON.stringify(widget(server, 'a', {})).replace('"spec":{}', `"spec":${spec}`);
    const created = await server.post(widgets(server), body);
    // Parsing rounds the numbers that matter here, so the text is compared too.
    const text = created.text.match(/"spec":.*\}\}/)?.[0];
    await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'b', { open: { text } }));
  }),
];
