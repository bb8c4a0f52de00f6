import { type Scenario, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group, widget } from './fixtures.ts';

const area = 'versions';

const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]));

/** Both versions have `both`, with another default each, and one field of their own. */
const specs: Readonly<Record<string, object>> = {
  v1: { ...texts('plain'), both: { type: 'string', default: 'of v1' }, one: { type: 'string', default: 'one' } },
  v2: { ...texts('plain'), both: { type: 'string', default: 'of v2' }, two: { type: 'string', default: 'two' } },
};

const versions = (storage: string): readonly object[] =>
  ['v1', 'v2'].map((name) => ({
    name,
    served: true,
    storage: name === storage,
    schema: {
      openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: specs[name] } } },
    },
    subresources: { status: {} },
  }));

interface Paths {
  readonly v1: string;
  readonly v2: string;
}

/** A definition of two versions that differ by nothing but their schemas. */
const unconverted = (
  name: string,
  storage: 'v1' | 'v2',
  play: (server: ScenarioServer, paths: Paths) => Promise<void>,
): Scenario =>
  scenario(area, `${name}, ${storage} being stored`, async (server) => {
    await server.installCrd(crd(server, { versions: versions(storage) }));
    const at = (version: string) => `/apis/${group(server)}/${version}/namespaces/${server.namespace}/widgets`;
    await server.until(at('v1'), (answer) => answer.status === 200);
    await server.until(at('v2'), (answer) => answer.status === 200);
    await play(server, { v1: at('v1'), v2: at('v2') });
  });

const inV2 = (server: ScenarioServer, name: string, spec: object) => ({
  ...widget(server, name, spec),
  apiVersion: `${group(server)}/v2`,
});

const everywhere = (['v1', 'v2'] as const).flatMap((storage) => [
  unconverted('defaults of what is created', storage, async (server, { v1, v2 }) => {
    await server.post(v1, widget(server, 'a', { plain: 'x' }));
    await server.get(`${v2}/a`);
    await server.get(v2);
    await server.post(v2, inV2(server, 'b', { plain: 'y' }));
    await server.get(`${v1}/b`);
    await server.get(v1);
    await server.post(`${v2}?dryRun=All`, inV2(server, 'c', {}));
    await server.post(`${v1}?dryRun=All`, widget(server, 'c', {}));
  }),
  unconverted('defaults of what is changed', storage, async (server, { v1, v2 }) => {
    await server.post(v1, widget(server, 'a', { plain: 'x' }));
    await server.patch(`${v2}/a`, 'merge', { spec: { two: 'other' } });
    await server.get(`${v1}/a`);
    await server.patch(`${v1}/a`, 'merge', { spec: { plain: 'z' } });
    await server.get(`${v2}/a`);
    await server.patch(`${v2}/a`, 'merge', { metadata: { labels: { a: 'b' } } });
    const { body } = await server.get(`${v2}/a`, { unrecorded: true });
    await server.put(`${v2}/a`, { ...body, spec: { two: 'again' } });
    await server.get(`${v1}/a`);
    await server.patch(`${v1}/a?fieldManager=f`, 'apply', widget(server, 'a', { one: 'applied' }));
    await server.patch(`${v2}/a?fieldManager=f&force=true`, 'apply', inV2(server, 'a', { two: 'applied' }));
    await server.delete(`${v2}/a`);
  }),
  unconverted('watches', storage, async (server, { v1, v2 }) => {
    const one = await server.watch(v1);
    const two = await server.watch(v2);
    await server.post(v1, widget(server, 'a', { plain: 'x' }));
    await server.post(v2, inV2(server, 'b', { plain: 'y' }));
    await one.events(2);
    await two.events(2);
    await one.close();
    await two.close();
  }),
]);

export const versionScenarios: readonly Scenario[] = [
  ...everywhere,
  unconverted('the storage version changes', 'v1', async (server, { v1, v2 }) => {
    await server.post(v1, widget(server, 'a', { plain: 'x' }));
    const path = `${crds}/widgets.${group(server)}`;
    await server.patch(path, 'merge', { spec: { versions: versions('v2') } }, { unrecorded: true });
    await server.until(path, ({ body }) => body.status.storedVersions.length === 2);
    await server.until(`${v2}/a`, ({ body, status }) => status === 200 && body.spec.both !== undefined);
    await server.get(`${v2}/a`);
    await server.patch(`${v2}/a`, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.get(`${v1}/a`);
  }),
];
