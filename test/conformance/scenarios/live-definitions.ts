import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

const area = 'live definitions';
const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };
const unrecorded = { unrecorded: true };

type Version = { name: string } & Record<string, unknown>;

const version = (name: string, storage: boolean, extra: object = {}): Version => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: rootSchema() },
  subresources: { status: {} },
  ...extra,
});

const pathOf = (server: ScenarioServer) => `${crds}/widgets.${group(server)}`;

const at = (server: ScenarioServer, of: string) => widgets(server).replace('/v1/', `/${of}/`);

const ready = (answer: Answer) => answer.status === 200;

/** Changes versions of the scenario's definition, and waits until each that is served serves again. */
async function change(server: ScenarioServer, versions: readonly Version[]): Promise<void> {
  await server.patch(pathOf(server), 'merge', { spec: { versions } }, unrecorded);
  for (const { name, served } of versions) if (served) await server.until(at(server, name), ready);
}

const schemaOf = (properties: object) => ({ schema: { openAPIV3Schema: rootSchema(properties) } });

export const liveDefinitions = [
  scenario(area, 'a change of metadata or of the status leaves watches alone', async (server) => {
    await server.installCrd(crd(server));
    const watch = await server.watch(widgets(server));
    await server.patch(pathOf(server), 'merge', { metadata: { labels: { a: 'b' } } }, unrecorded);
    await server.patch(`${pathOf(server)}/status`, 'merge', { status: { storedVersions: ['v1'] } }, unrecorded);
    await server.patch(pathOf(server), 'merge', { spec: { scope: 'Namespaced' } }, unrecorded);
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    await watch.events(1);
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { size: 2 } }, unrecorded);
    await watch.events(2);
    await watch.close();
  }),
  scenario(area, 'a version that comes ends watches of the others', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true)] }));
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    const watch = await server.watch(widgets(server));
    await watch.events(1);
    await change(server, [version('v1', true), version('v2', false)]);
    await watch.ended();
    await watch.close();
    await server.get(`${at(server, 'v2')}/a`);
    await server.until(`/apis/${group(server)}`, ({ body }) => body.versions?.length === 2);
    await server.get(`/apis/${group(server)}`);
    await server.until(`/apis/${group(server)}/v2`, ready);
    await server.get(`/apis/${group(server)}/v2`);
    const again = await server.watch(at(server, 'v2'));
    await again.events(1);
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { size: 2 } }, unrecorded);
    await again.events(2);
    await again.close();
  }),
  scenario(
    area,
    'a version that is no longer served ends its watches, and what is asked of it is not found',
    async (server) => {
      await server.installCrd(crd(server, { versions: [version('v1', true), version('v2', false)] }));
      const v2 = at(server, 'v2');
      await server.post(v2, { ...widget(server, 'a'), apiVersion: `${group(server)}/v2` });
      const one = await server.watch(widgets(server));
      const two = await server.watch(v2);
      await one.events(1);
      await two.events(1);
      await change(server, [version('v1', true), version('v2', false, { served: false })]);
      await one.ended();
      await two.ended();
      await one.close();
      await two.close();
      await server.until(v2, ({ status }) => status === 404);
      await server.get(v2);
      await server.get(`${v2}/a`);
      await server.patch(`${v2}/a`, 'merge', { spec: { size: 2 } });
      await server.post(v2, { ...widget(server, 'b'), apiVersion: `${group(server)}/v2` });
      await server.delete(`${v2}/a`);
      await server.get(`${v2}?watch=1`);
      await server.patch(`${widgets(server)}/a`, 'merge', { spec: { size: 3 } });
      await server.patch(`${widgets(server)}/a?fieldManager=m`, 'apply', widget(server, 'a', { replicas: 1 }));
      await server.until(`/apis/${group(server)}`, ({ body }) => body.versions?.length === 1);
      await server.get(`/apis/${group(server)}`);
      await server.until(`/apis/${group(server)}/v2`, ({ status }) => status === 404);
      await server.get(`/apis/${group(server)}/v2`);
    },
  ),
  scenario(area, 'objects are kept in a version that is not served', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true), version('v2', false)] }));
    await server.post(widgets(server), widget(server, 'a'));
    await change(server, [version('v1', true, { served: false }), version('v2', false)]);
    await server.until(widgets(server), ({ status }) => status === 404);
    const v2 = at(server, 'v2');
    await server.get(`${v2}/a`);
    await server.post(v2, { ...widget(server, 'b'), apiVersion: `${group(server)}/v2` });
    await server.patch(`${v2}/b`, 'merge', { spec: { size: 2 } });
    await server.patch(`${v2}/b/status`, 'merge', { status: { phase: 'x' } });
    await server.post(v2, widget(server, 'c'));
    await server.until(`/apis/${group(server)}`, ({ body }) => body.versions?.length === 1);
    await server.get(`/apis/${group(server)}`);
    await server.get(pathOf(server), table);
    await change(server, [version('v1', true), version('v2', false)]);
    await server.get(`${widgets(server)}/b`);
    await server.get(widgets(server));
  }),
  scenario(area, 'nothing is served: the group goes until something is', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true)] }));
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    await change(server, [version('v1', true, { served: false })]);
    await server.until(widgets(server), ({ status }) => status === 404);
    await server.until(`/apis/${group(server)}`, ({ status }) => status === 404);
    await server.until(`/apis/${group(server)}/v1`, ({ status }) => status === 404);
    await server.get(`/apis/${group(server)}`);
    await server.get(`/apis/${group(server)}/v1`);
    await server.get(`${widgets(server)}/a`);
    await change(server, [version('v1', true)]);
    await server.get(`${widgets(server)}/a`);
    await server.until(`/apis/${group(server)}/v1`, ready);
    await server.get(`/apis/${group(server)}/v1`);
  }),
  scenario(area, 'a schema that forgets a field, and remembers it', async (server) => {
    const known = { a: { type: 'string' }, b: { type: 'string' } };
    await server.installCrd(crd(server, { versions: [version('v1', true, schemaOf(known))] }));
    await server.post(widgets(server), widget(server, 'kept', { a: '1', b: '2' }), unrecorded);
    await server.post(widgets(server), widget(server, 'written', { a: '1', b: '2' }), unrecorded);
    await change(server, [version('v1', true, schemaOf({ a: { type: 'string' } }))]);
    await server.until(`${widgets(server)}/kept`, ({ status, body }) => status === 200 && body.spec.b === undefined);
    await server.until(widgets(server), ready);
    await server.get(`${widgets(server)}/kept`);
    await server.get(widgets(server));
    await server.patch(`${widgets(server)}/written`, 'merge', { spec: { a: '3' } });
    await server.post(`${widgets(server)}?fieldValidation=Strict`, widget(server, 'late', { a: '1', b: '2' }));
    await change(server, [version('v1', true, schemaOf(known))]);
    await server.until(`${widgets(server)}/kept`, ({ status, body }) => status === 200 && body.spec.b === '2');
    await server.until(widgets(server), ready);
    await server.get(`${widgets(server)}/kept`);
    await server.get(`${widgets(server)}/written`);
    await server.patch(`${widgets(server)}/kept`, 'merge', { metadata: { labels: { a: 'b' } } });
  }),
  scenario(
    area,
    'a schema of another type: what was stored is shown, and refused when it is written',
    async (server) => {
      await server.installCrd(crd(server, { versions: [version('v1', true, schemaOf({ a: { type: 'string' } }))] }));
      await server.post(widgets(server), widget(server, 'a', { a: 'text' }), unrecorded);
      await change(server, [version('v1', true, schemaOf({ a: { type: 'integer' }, b: { type: 'integer' } }))]);
      await untilWrong(server, widget(server, 'x', { a: 'text' }));
      await server.get(`${widgets(server)}/a`);
      await server.patch(`${widgets(server)}/a`, 'merge', { spec: { b: 1 } });
      await server.patch(`${widgets(server)}/a`, 'merge', { metadata: { labels: { a: 'b' } } });
      await server.patch(`${widgets(server)}/a/status`, 'merge', { status: { phase: 'x' } });
      await server.patch(`${widgets(server)}/a`, 'merge', { spec: { a: 'other' } });
      await server.patch(`${widgets(server)}/a`, 'merge', { spec: { a: 7 } });
      await server.delete(`${widgets(server)}/a`);
    },
  ),
  scenario(area, 'columns', async (server) => {
    const columns = (...names: string[]) => ({
      additionalPrinterColumns: names.map((name) => ({
        name,
        type: 'string',
        jsonPath: `.spec.${name.toLowerCase()}`,
      })),
    });
    await server.installCrd(crd(server, { versions: [version('v1', true, columns('Size'))] }));
    await server.post(widgets(server), widget(server, 'a', { size: 3, color: 'blue' }), unrecorded);
    const shown = async (...names: string[]) => {
      for (let tries = 0; tries < 600; tries++) {
        const { body } = await server.get(widgets(server), { ...table, ...unrecorded });
        const found = body.columnDefinitions?.slice(1).map(({ name }: { name: string }) => name);
        if (found?.join() === names.join()) break;
      }
      await server.get(widgets(server), table);
      await server.get(`${widgets(server)}/a`, table);
    };
    await shown('Size');
    await change(server, [version('v1', true, columns('Color', 'Size'))]);
    await shown('Color', 'Size');
    await change(server, [version('v1', true)]);
    await shown('Age');
  }),
  scenario(area, 'the status becomes a subresource, and is none any more', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true, { subresources: {} })] }));
    const path = `${widgets(server)}/a`;
    const both = (size: number, phase: string) => ({ spec: { size }, status: { phase } });
    await server.post(widgets(server), { ...widget(server, 'a'), ...both(1, 'one') });
    await server.get(`${path}/status`);
    await server.patch(`${path}/status`, 'merge', both(2, 'two'));
    await server.patch(path, 'merge', { status: { phase: 'two' } });
    await change(server, [version('v1', true)]);
    await server.until(`${path}/status`, ready);
    await server.get(`${path}/status`);
    await server.patch(path, 'merge', both(3, 'three'));
    await server.patch(`${path}/status`, 'merge', both(4, 'four'));
    await server.patch(path, 'merge', { status: { phase: 'five' } });
    await server.until(`/apis/${group(server)}/v1`, ({ body }) => body.resources?.length === 2);
    await server.get(`/apis/${group(server)}/v1`);
    await change(server, [version('v1', true, { subresources: {} })]);
    await server.until(`${path}/status`, ({ status }) => status === 404);
    await server.patch(`${path}/status`, 'merge', both(6, 'six'));
    await server.patch(path, 'merge', both(7, 'seven'));
    await server.until(`/apis/${group(server)}/v1`, ({ body }) => body.resources?.length === 1);
    await server.get(`/apis/${group(server)}/v1`);
  }),
  scenario(area, 'scale comes, moves and goes', async (server) => {
    const scale = (specReplicasPath: string) => ({
      subresources: { status: {}, scale: { specReplicasPath, statusReplicasPath: '.status.replicas' } },
    });
    await server.installCrd(crd(server, { versions: [version('v1', true)] }));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), widget(server, 'a', { replicas: 3, size: 5 }), unrecorded);
    await server.get(`${path}/scale`);
    await change(server, [version('v1', true, scale('.spec.replicas'))]);
    await server.until(`${path}/scale`, ready);
    await server.get(`${path}/scale`);
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 4 } });
    await change(server, [version('v1', true, scale('.spec.size'))]);
    await server.until(`${path}/scale`, ({ body }) => body.spec?.replicas === 5);
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 6 } });
    await server.until(`/apis/${group(server)}/v1`, ({ body }) => body.resources?.length === 3);
    await server.get(`/apis/${group(server)}/v1`);
    await change(server, [version('v1', true)]);
    await server.until(`${path}/scale`, ({ status }) => status === 404);
    await server.get(`${path}/scale`);
    const { body } = await server.get(path, unrecorded);
    // Whose the replicas are depends on how far the real server has got with the definition.
    server.record('the object', { ...body, metadata: { ...body.metadata, managedFields: [] } });
  }),
  scenario(area, 'names change, and so does discovery', async (server) => {
    await server.installCrd(crd(server, { names: { shortNames: ['wd'], categories: ['one'] } }));
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    const names = { shortNames: ['wg', 'wx'], categories: ['two'], singular: 'thing', listKind: 'Widgets' };
    await server.patch(pathOf(server), 'merge', { spec: { names } }, unrecorded);
    await server.until(pathOf(server), ({ body }) => body.status.acceptedNames.singular === 'thing');
    await server.until(`/apis/${group(server)}/v1`, ({ body }) => body.resources?.[0]?.singularName === 'thing');
    await server.until(widgets(server), ({ body }) => body.kind === 'Widgets');
    await server.get(`/apis/${group(server)}/v1`);
    await server.get(widgets(server));
    await server.get(pathOf(server));
  }),
  scenario(area, 'revisions from before a change are too old for watches', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true)] }));
    const { body } = await server.post(widgets(server), widget(server, 'a'), unrecorded);
    await server.post(widgets(server), widget(server, 'b'), unrecorded);
    await change(server, [version('v1', true), version('v2', false)]);
    const from = `?resourceVersion=${body.metadata.resourceVersion}`;
    const watch = await server.watch(at(server, 'v2') + from);
    await watch.ended();
    await watch.close();
    await server.get(`${at(server, 'v2')}${from}&resourceVersionMatch=NotOlderThan`);
    await server.get(`${at(server, 'v2')}${from}&resourceVersionMatch=Exact`);
  }),
];

/** Waits until the schema judges as it should. */
async function untilWrong(server: ScenarioServer, probe: object): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { status } = await server.post(`${widgets(server)}?dryRun=All`, probe, unrecorded);
    if (status === 422) return;
  }
}
