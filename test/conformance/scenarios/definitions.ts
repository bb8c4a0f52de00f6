import { scenario } from '../scenario.ts';
import { crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

type Json = Record<string, unknown>;

/** Root schemas that a CRD must be refused for, by the rule they break. */
const refused: Readonly<Record<string, Json>> = {
  'no type at a property': {
    type: 'object',
    properties: { spec: { type: 'object', properties: { a: { description: 'x' } } } },
  },
  'root is not an object': { type: 'string' },
  $ref: { type: 'object', properties: { a: { $ref: '#/definitions/x' } } },
  'unique items': {
    type: 'object',
    properties: { a: { type: 'array', uniqueItems: true, items: { type: 'string' } } },
  },
  'no items': { type: 'object', properties: { a: { type: 'array' } } },
  'properties and additionalProperties': {
    type: 'object',
    properties: {
      a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
    },
  },
  'additionalProperties false': { type: 'object', properties: { a: { type: 'object', additionalProperties: false } } },
  'type in anyOf': { type: 'object', properties: { a: { type: 'string', anyOf: [{ type: 'string' }] } } },
  'property only in anyOf': {
    type: 'object',
    properties: { a: { type: 'object', anyOf: [{ properties: { b: { minimum: 1 } } }] } },
  },
  'bad pattern': { type: 'object', properties: { a: { type: 'string', pattern: '(?!x)' } } },
  'default of a wrong type': { type: 'object', properties: { a: { type: 'string', default: 7 } } },
  'default that would be pruned': {
    type: 'object',
    properties: { a: { type: 'object', default: { x: 1 }, properties: {} } },
  },
  'null default without nullable': { type: 'object', properties: { a: { type: 'string', default: null } } },
  'metadata beyond names': {
    type: 'object',
    properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
  },
  'list map without keys': {
    type: 'object',
    properties: {
      a: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        items: { type: 'object', properties: { k: { type: 'string' } } },
      },
    },
  },
  'list map with an optional key': {
    type: 'object',
    properties: {
      a: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      },
    },
  },
  'list set of objects': {
    type: 'object',
    properties: { a: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object', properties: {} } } },
  },
  'an unknown list type': {
    type: 'object',
    properties: { a: { type: 'array', 'x-kubernetes-list-type': 'bag', items: { type: 'string' } } },
  },
  'int-or-string with a type': {
    type: 'object',
    properties: { a: { type: 'string', 'x-kubernetes-int-or-string': true } },
  },
  'embedded resource without properties': {
    type: 'object',
    properties: { a: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  },
  'an unknown type': { type: 'object', properties: { a: { type: 'text' } } },
  'null as a type': { type: 'object', properties: { a: { type: 'null' } } },
  'preserve unknown fields false': {
    type: 'object',
    properties: { a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false } },
  },
  'items as a list': { type: 'object', properties: { a: { type: 'array', items: [{ type: 'string' }] } } },
  'additionalProperties at the root': { type: 'object', additionalProperties: { type: 'string' } },
  'enum on nothing': { type: 'object', properties: { a: { type: 'string', enum: ['a', 'a'] } } },
};

export const definitions = [
  scenario('crd', 'becomes Established, with accepted names and stored versions', async (server) => {
    const path = `${crds}/widgets.${group(server)}`;
    await server.post(crds, crd(server, { names: { shortNames: ['wd'] } }));
    await server.until(path, (answer) =>
      answer.body.status?.conditions?.some(
        (c: { type: string; status: string }) => c.type === 'Established' && c.status === 'True',
      ),
    );
    await server.get(path);
    await server.delete(path);
    await server.until(path, (answer) => answer.status === 404);
    await server.until(widgets(server), (answer) => answer.status === 404);
    await server.get(widgets(server));
  }),
  scenario('crd', 'refused for its names', async (server) => {
    const good = crd(server) as { metadata: Json; spec: { names: Json; versions: Json[] } & Json };
    const change = (spec: Json) => ({ ...good, spec: { ...good.spec, ...spec } });
    await server.post(crds, { ...good, metadata: { name: 'wrong.name' } });
    await server.post(crds, change({ scope: 'Everywhere' }));
    await server.post(crds, change({ group: 'Bad_Group' }));
    await server.post(crds, change({ versions: [] }));
    await server.post(crds, change({ names: { plural: 'Widgets', kind: 'widget!' } }));
    await server.post(crds, change({ names: { plural: 'widgets' } }));
    await server.post(crds, change({ versions: [{ ...good.spec.versions[0], storage: false }] }));
    await server.post(crds, change({ versions: [good.spec.versions[0], good.spec.versions[0]] }));
    await server.post(crds, change({ versions: [{ ...good.spec.versions[0], name: 'V_1' }] }));
    await server.post(crds, change({ versions: [{ ...good.spec.versions[0], schema: undefined }] }));
    await server.post(crds, change({ preserveUnknownFields: true }));
    await server.post(crds, {
      ...good,
      metadata: { name: 'widgets.conformance.k8s.io' },
      spec: { ...good.spec, group: 'conformance.k8s.io' },
    });
  }),
  ...Object.entries(refused).map(([rule, schema]) =>
    scenario('structural schema', `refused: ${rule}`, async (server) => {
      await server.post(crds, crd(server, { schema }));
    }),
  ),
  scenario('crd', 'columns, scale and selectable fields are checked', async (server) => {
    await server.post(crds, crd(server, { columns: [{ name: 'x', type: 'colour', jsonPath: '.spec.x' }] }));
    await server.post(crds, crd(server, { columns: [{ name: 'x', type: 'string', jsonPath: 'spec.x' }] }));
    await server.post(crds, crd(server, { columns: [{ name: '', type: 'string', jsonPath: '.spec[' }] }));
    await server.post(
      crds,
      crd(server, { scale: { specReplicasPath: 'spec.replicas', statusReplicasPath: '.spec.replicas' } }),
    );
    await server.post(crds, crd(server, { selectableFields: [{ jsonPath: '.spec.parts' }] }));
    await server.post(crds, crd(server, { selectableFields: [{ jsonPath: '.spec.absent' }] }));
  }),
  scenario('crd', 'what cannot change', async (server) => {
    await server.installCrd(crd(server));
    const path = `${crds}/widgets.${group(server)}`;
    const now = (await server.get(path, { unrecorded: true })).body;
    const change = (spec: Json) => server.put(path, { ...now, spec: { ...now.spec, ...spec } });
    await change({ scope: 'Cluster' });
    await change({ group: 'other.group.dev' });
    await change({ names: { ...now.spec.names, kind: 'Gadget' } });
    await change({ names: { ...now.spec.names, plural: 'gadgets' } });
    await change({ versions: [{ ...now.spec.versions[0], name: 'v2' }] });
  }),
  scenario('crd', 'a new default shows on old objects, an update swaps the schema live', async (server) => {
    await server.installCrd(crd(server));
    const path = `${crds}/widgets.${group(server)}`;
    await server.post(widgets(server), widget(server, 'a', { size: 1 }), { unrecorded: true });
    const now = (await server.get(path, { unrecorded: true })).body;
    const version = { ...now.spec.versions[0] };
    version.schema = {
      openAPIV3Schema: rootSchema({ size: { type: 'integer' }, fresh: { type: 'string', default: 'new' } }),
    };
    await server.put(path, { ...now, spec: { ...now.spec, versions: [version] } }, { unrecorded: true });
    await server.until(`${widgets(server)}/a`, (answer) => answer.body.spec.fresh === 'new');
    await server.get(`${widgets(server)}/a`);
    await server.get(widgets(server));
  }),
  scenario('crd', 'two versions of one object', async (server) => {
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: rootSchema() },
    });
    await server.installCrd(crd(server, { versions: [version('v1', true), version('v1beta1', false)] }));
    await server.post(widgets(server), widget(server, 'a'));
    const beta = widgets(server).replace('/v1/', '/v1beta1/');
    await server.get(`${beta}/a`);
    await server.get(beta);
    await server.patch(`${beta}/a`, 'merge', { spec: { size: 4 } });
    await server.get(`${widgets(server)}/a`);
    await server.post(beta, widget(server, 'b'));
    await server.get(`/apis/${group(server)}`);
  }),
];
