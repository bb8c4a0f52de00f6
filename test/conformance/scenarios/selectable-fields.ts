import { type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

const area = 'selectable fields';
const unrecorded = { unrecorded: true };

const schema = {
  color: { type: 'string' },
  size: { type: 'integer' },
  on: { type: 'boolean' },
  nested: { type: 'object', properties: { deep: { type: 'string' } } },
};

const fields = (...paths: string[]) => paths.map((jsonPath) => ({ jsonPath }));

const all = fields('.spec.color', '.spec.size', '.spec.on', '.spec.nested.deep');

async function filled(server: ScenarioServer): Promise<string> {
  await server.installCrd(crd(server, { schema, selectableFields: all }));
  const post = (name: string, spec: object) => server.post(widgets(server), widget(server, name, spec), unrecorded);
  await post('a', { color: 'red', size: 1, on: true, nested: { deep: 'x' } });
  await post('b', { color: 'blue', size: 2, on: false, nested: {} });
  await post('c', { color: '', size: 0 });
  await post('d', {});
  return widgets(server);
}

const selected = (path: string, selector: string) => `${path}?fieldSelector=${encodeURIComponent(selector)}`;

export const selectableFields = [
  scenario(area, 'of every type, in lists', async (server) => {
    const path = await filled(server);
    for (const selector of [
      'spec.color=red',
      'spec.color==red',
      'spec.color!=red',
      'spec.color=',
      'spec.color!=',
      'spec.size=2',
      'spec.size=0',
      'spec.size=02',
      'spec.on=true',
      'spec.on=false',
      'spec.on=',
      'spec.nested.deep=x',
      'spec.nested.deep=',
      'spec.color=red,spec.size=1',
      'spec.color=red,spec.size=2',
      'metadata.name=a,spec.color=red',
      'metadata.name=b,spec.color=red',
    ]) {
      await server.get(selected(path, selector));
    }
    await server.get(`${selected(path, 'spec.color=red')}&labelSelector=none`);
    await server.get(`${selected(path, 'spec.color!=red')}&limit=1`);
    await server.get(selected(`/apis/${group(server)}/v1/widgets`, 'spec.color=red'));
  }),
  scenario(area, 'that are not declared are refused everywhere', async (server) => {
    const path = await filled(server);
    for (const selector of [
      'spec.nope=x',
      '.spec.color=red',
      'spec=x',
      'spec.nested=x',
      'status.phase=x',
      'metadata.labels=x',
      'spec.color',
      'spec.color>1',
      '=x',
    ]) {
      await server.get(selected(path, selector));
    }
    await server.get(`${selected(path, 'spec.nope=x')}&watch=1`);
    await server.delete(selected(path, 'spec.nope=x'));
    await server.get(selected(`${path}/a`, 'spec.nope=x'));
  }),
  scenario(area, 'choose what is deleted and watched', async (server) => {
    const path = await filled(server);
    const watch = await server.watch(selected(path, 'spec.size=2'));
    await watch.events(1);
    await server.patch(`${path}/a`, 'merge', { spec: { size: 2 } }, unrecorded);
    await server.patch(`${path}/b`, 'merge', { spec: { size: 3 } }, unrecorded);
    await server.patch(`${path}/a`, 'merge', { spec: { color: 'green' } }, unrecorded);
    await server.patch(`${path}/a`, 'merge', { spec: { size: null } }, unrecorded);
    await server.delete(selected(path, 'spec.color!=green'));
    await server.get(path);
    await server.post(path, widget(server, 'e', { size: 2 }), unrecorded);
    await watch.events(5);
    await watch.close();
  }),
  scenario(area, 'come and go with the definition', async (server) => {
    await server.installCrd(crd(server, { schema }));
    await server.post(widgets(server), widget(server, 'a', { color: 'red' }), unrecorded);
    const definition = `${crds}/widgets.${group(server)}`;
    const path = selected(widgets(server), 'spec.color=red');
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: rootSchema(schema) } };
    const change = (extra: object) =>
      server.patch(definition, 'merge', { spec: { versions: [{ ...version, ...extra }] } }, unrecorded);
    await server.get(path);
    await change({ selectableFields: fields('.spec.color') });
    await server.until(path, ({ status }) => status === 200);
    await server.get(path);
    await server.get(definition);
    await change({});
    await server.until(path, ({ status }) => status === 400);
    await server.get(path);
  }),
  scenario(area, 'of one version alone', async (server) => {
    const version = (name: string, more: object, extra: object) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: rootSchema({ ...schema, ...more }) },
      ...extra,
    });
    const ofColor = { selectableFields: fields('.spec.color') };
    // Where all versions have one schema it counts as none of theirs.
    await server.post(
      `${crds}?dryRun=All`,
      crd(server, { versions: [version('v1', {}, {}), version('v2', {}, ofColor)] }),
    );
    await server.post(
      `${crds}?dryRun=All`,
      crd(server, { versions: [version('v1', {}, ofColor), version('v2', {}, ofColor)] }),
    );
    const more = { more: { type: 'string' } };
    await server.post(
      `${crds}?dryRun=All`,
      crd(server, { versions: [version('v1', {}, ofColor), version('v2', more, ofColor)] }),
    );
    await server.installCrd(crd(server, { versions: [version('v1', {}, {}), version('v2', more, ofColor)] }));
    await server.post(widgets(server), widget(server, 'a', { color: 'red' }), unrecorded);
    await server.get(selected(widgets(server), 'spec.color=red'));
    await server.get(selected(widgets(server).replace('/v1/', '/v2/'), 'spec.color=red'));
  }),
  scenario(area, 'that a definition is refused for', async (server) => {
    const dry = `${crds}?dryRun=All`;
    const open = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            ...schema,
            list: { type: 'array', items: { type: 'string' } },
            map: { type: 'object', additionalProperties: { type: 'string' } },
            number: { type: 'number' },
            either: { 'x-kubernetes-int-or-string': true },
          },
        },
      },
    };
    for (const path of [
      '',
      'spec.color',
      '.',
      '.spec',
      '.spec.list',
      '.spec.list[0]',
      '.spec.map',
      '.spec.map.x',
      '.spec.number',
      '.spec.either',
      '.spec.absent',
      '.metadata.name',
      '.metadata.labels',
      '.apiVersion',
      '.spec.color ',
      '.spec..color',
      ".spec['color']",
      '.spec.*',
      '.status.phase',
    ]) {
      await server.post(dry, crd(server, { schema: open, selectableFields: fields(path) }));
    }
    await server.post(dry, crd(server, { schema, selectableFields: fields('.spec.color', '.spec.color') }));
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, { type: 'string' }]));
    const paths = Object.keys(many).map((name) => `.spec.${name}`);
    await server.post(dry, crd(server, { schema: many, selectableFields: fields(...paths) }));
    await server.post(dry, crd(server, { schema: many, selectableFields: fields(...paths.slice(1)) }));
  }),
];
