import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };

/** Replaces the schema of the scenario's widgets and waits until `probe` is refused or taken as it should be. */
async function changeSchema(server: ScenarioServer, schema: object, probe: object, status: number): Promise<void> {
  const path = `${crds}/widgets.${group(server)}`;
  const now = (await server.get(path, { unrecorded: true })).body;
  now.spec.versions[0].schema.openAPIV3Schema = rootSchema(schema);
  await server.put(path, now, { unrecorded: true });
  for (let tries = 0; tries < 200; tries++) {
    const answer = await server.post(`${widgets(server)}?dryRun=All`, probe, { unrecorded: true });
    if (answer.status === status) return;
  }
}

export const custom = [
  scenario('custom resources', 'of a cluster', async (server) => {
    await server.installCrd(crd(server, { scope: 'Cluster' }));
    const path = `/apis/${group(server)}/v1/widgets`;
    await server.post(path, widget(server, 'a'));
    await server.post(path, { ...widget(server, 'b'), metadata: { name: 'b', namespace: 'default' } });
    await server.get(`${path}/a`);
    await server.get(path);
    await server.get(path, table);
    await server.get(widgets(server));
    await server.post(widgets(server), widget(server, 'c'));
    await server.get(`${path}?fieldSelector=metadata.name%3Da`);
    await server.get(`${path}?fieldSelector=metadata.namespace%3Da`);
    await server.patch(`${path}/a`, 'merge', { spec: { size: 3 } });
    await server.delete(path);
    await server.get(path);
  }),
  scenario('custom resources', 'with little in them', async (server) => {
    await server.installCrd(crd(server));
    const head = { apiVersion: `${group(server)}/v1`, kind: 'Widget' };
    const dry = `${widgets(server)}?dryRun=All`;
    await server.post(dry, { ...head, metadata: { name: 'a' } });
    await server.post(dry, { ...head, metadata: { name: 'a' }, spec: null });
    await server.post(dry, { ...head, metadata: { name: 'a' }, spec: 'text' });
    await server.post(dry, { ...head, metadata: { name: 'a' }, spec: [] });
    await server.post(dry, { ...head, metadata: null });
    await server.post(dry, head);
    await server.post(dry, { metadata: { name: 'a' } });
    await server.post(dry, { kind: 'Widget', metadata: { name: 'a' } });
    await server.post(dry, { apiVersion: head.apiVersion, metadata: { name: 'a' } });
    await server.post(dry, { ...head, apiVersion: `${group(server)}/v2`, metadata: { name: 'a' } });
    await server.post(dry, { ...head, kind: 'Gadget', metadata: { name: 'a' } });
    await server.post(dry, { ...head, kind: 'WidgetList', metadata: {}, items: [] });
    await server.post(dry, '');
    await server.post(dry, '{');
    await server.post(dry, '[]');
    await server.post(dry, 'null');
  }),
  scenario('custom resources', 'unknown fields are kept where the schema says so', async (server) => {
    const keep = { 'x-kubernetes-preserve-unknown-fields': true };
    const known = { type: 'object', properties: { a: { type: 'string' } } };
    const schema = {
      type: 'object',
      properties: { open: { ...known, ...keep, properties: { inner: known } }, closed: known },
      ...keep,
    };
    await server.installCrd(crd(server, { schema }));
    const value = { a: 'x', more: { deep: [1] }, inner: { a: 'x', gone: 1 } };
    const object = { ...widget(server, 'a', value), open: value, closed: value, other: value };
    await server.post(widgets(server), object);
    await server.post(`${widgets(server)}?dryRun=All&fieldValidation=Strict`, object);
    await server.patch(`${widgets(server)}/a`, 'merge', { fresh: 1, closed: { fresh: 1 } });
  }),
  scenario('custom resources', 'embedded objects', async (server) => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true };
    const schema = {
      open: { ...embedded, 'x-kubernetes-preserve-unknown-fields': true },
      closed: { ...embedded, properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } },
    };
    await server.installCrd(crd(server, { schema }));
    const dry = `${widgets(server)}?dryRun=All&fieldValidation=Warn`;
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', labels: { a: 'b' }, nope: 1, creationTimestamp: null },
      spec: { a: 'x', b: 1 },
      extra: 1,
    };
    await server.post(dry, widget(server, 'a', { open: object, closed: object }));
    await server.post(dry, widget(server, 'a', { closed: { ...object, metadata: { labels: { a: 1 } } } }));
    await server.post(dry, widget(server, 'a', { closed: { ...object, metadata: { labels: { 'bad key!': 'x' } } } }));
    await server.post(dry, widget(server, 'a', { closed: { ...object, apiVersion: 'a/b/c', kind: 'Bad Kind' } }));
    await server.post(dry, widget(server, 'a', { closed: { ...object, apiVersion: 7 } }));
    await server.post(dry, widget(server, 'a', { closed: { ...object, metadata: 'x' } }));
  }),
  scenario('custom resources', 'defaults in lists, maps and below other defaults', async (server) => {
    const item = {
      type: 'object',
      properties: { name: { type: 'string' }, port: { type: 'integer', default: 80 } },
    };
    const schema = {
      list: { type: 'array', items: item },
      map: { type: 'object', additionalProperties: item },
      whole: { type: 'object', default: { name: 'given' }, properties: { ...item.properties, y: { type: 'string' } } },
      empty: { type: 'object', default: {}, properties: item.properties },
      nothing: { type: 'string', nullable: true, default: null },
      text: { type: 'string', nullable: true, default: 'text' },
      number: { type: 'number', default: 1.5 },
      flag: { type: 'boolean', default: false },
      strings: { type: 'array', items: { type: 'string' }, default: ['a', 'b'] },
    };
    await server.installCrd(crd(server, { schema }));
    const dry = `${widgets(server)}?dryRun=All`;
    await server.post(dry, widget(server, 'a', {}));
    await server.post(
      dry,
      widget(server, 'a', { list: [{ name: 'x' }, { port: 1 }, { port: null }], map: { k: {}, l: { port: 2 } } }),
    );
    await server.post(dry, widget(server, 'a', { whole: {}, empty: null, text: null, flag: true, strings: null }));
    await server.post(widgets(server), widget(server, 'kept', { list: [{}] }));
    await server.patch(`${widgets(server)}/kept`, 'merge', { spec: { flag: null, list: null } });
    await server.patch(`${widgets(server)}/kept`, 'json', [{ op: 'remove', path: '/spec/number' }]);
  }),
  scenario('custom resources', 'ratcheting: what was wrong before may stay where it is', async (server) => {
    const item = (extra: object) => ({
      type: 'object',
      required: ['k'],
      properties: { k: { type: 'string' }, v: { type: 'string', ...extra } },
    });
    const schema = (extra: object) => ({
      a: { type: 'string', ...extra },
      b: { type: 'string' },
      atomic: { type: 'array', items: { type: 'string', ...extra } },
      keyed: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: item(extra),
      },
      map: { type: 'object', additionalProperties: { type: 'string', ...extra } },
      nested: { type: 'object', properties: { x: { type: 'string', ...extra }, y: { type: 'string' } } },
    });
    await server.installCrd(crd(server, { schema: schema({}) }));
    const long = 'too long';
    const spec = {
      a: long,
      atomic: [long, 'ok'],
      keyed: [
        { k: 'one', v: long },
        { k: 'two', v: 'ok' },
      ],
      map: { m: long },
      nested: { x: long, y: 'y' },
    };
    await server.post(widgets(server), widget(server, 'a', spec), { unrecorded: true });
    await changeSchema(server, schema({ maxLength: 3 }), widget(server, 'z', { a: long }), 422);
    const path = `${widgets(server)}/a`;
    const dry = `${path}?dryRun=All`;
    await server.patch(dry, 'merge', { spec: { b: 'new' } });
    await server.patch(dry, 'merge', { spec: { nested: { y: 'new' } } });
    await server.patch(dry, 'merge', { spec: { nested: { x: 'also too long' } } });
    await server.patch(dry, 'merge', { spec: { map: { n: 'ok' } } });
    await server.patch(dry, 'merge', { spec: { map: { n: long } } });
    await server.patch(dry, 'json', [{ op: 'add', path: '/spec/atomic/-', value: 'x' }]);
    await server.patch(dry, 'json', [{ op: 'add', path: '/spec/keyed/0', value: { k: 'zero', v: 'ok' } }]);
    await server.patch(dry, 'json', [{ op: 'add', path: '/spec/keyed/0', value: { k: 'zero', v: long } }]);
    await server.patch(dry, 'json', [{ op: 'replace', path: '/spec/keyed/0/v', value: 'another long one' }]);
    await server.patch(dry, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.patch(`${path}/status`, 'merge', { status: { phase: 'Ready' } });
  }),
  scenario('custom resources', 'printer columns of every type, dates among them', async (server) => {
    const columns = [
      { name: 'When', type: 'date', jsonPath: '.spec.when' },
      { name: 'Nested', type: 'date', jsonPath: '.status.conditions[?(@.type=="Ready")].at' },
      { name: 'Number', type: 'number', jsonPath: '.spec.number', format: 'float' },
      { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag' },
      { name: 'Object', type: 'string', jsonPath: '.spec.object' },
      { name: 'List', type: 'string', jsonPath: '.spec.list' },
      { name: 'Wrong', type: 'integer', jsonPath: '.spec.text' },
      { name: 'Last', type: 'string', jsonPath: '.spec.list[-1]' },
      { name: 'Escaped', type: 'string', jsonPath: '.metadata.annotations.x\\.y/z' },
      { name: 'Labels', type: 'string', jsonPath: '.metadata.labels' },
    ];
    const schema = {
      type: 'object',
      properties: {
        spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    };
    await server.installCrd(crd(server, { columns, schema, status: false }));
    await server.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group(server)}`, table);
    await server.get(widgets(server), table);
    const spec = {
      when: '2001-01-01T00:00:00Z',
      number: 1.5,
      flag: true,
      object: { b: 1, a: 'x' },
      list: ['p', 'q'],
      text: 'seven',
    };
    const status = { conditions: [{ type: 'Ready', at: '2999-01-01T00:00:00Z' }] };
    await server.post(
      widgets(server),
      {
        ...widget(server, 'a', spec, { status }),
        metadata: { name: 'a', labels: { l: 'm' }, annotations: { 'x.y/z': 'v' } },
      },
      { unrecorded: true },
    );
    await server.post(widgets(server), widget(server, 'b', { when: 'soon', number: 2, flag: 'no', text: 7 }), {
      unrecorded: true,
    });
    await server.get(widgets(server), table);
  }),
  scenario('custom resources', 'owner references and finalizers', async (server) => {
    await server.installCrd(crd(server));
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '11111111-1111-1111-1111-111111111111' };
    const dry = `${widgets(server)}?dryRun=All`;
    const withMeta = (metadata: object) => ({ ...widget(server, 'a'), metadata: { name: 'a', ...metadata } });
    await server.post(dry, withMeta({ ownerReferences: [owner, owner] }));
    await server.post(
      dry,
      withMeta({
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, uid: '2', controller: true },
        ],
      }),
    );
    await server.post(dry, withMeta({ ownerReferences: [{ ...owner, apiVersion: 'a/b/c' }] }));
    await server.post(dry, withMeta({ ownerReferences: [{ ...owner, kind: 'Event' }] }));
    await server.post(dry, withMeta({ ownerReferences: [{ kind: 'X' }] }));
    await server.post(dry, withMeta({ ownerReferences: [{ ...owner, controller: 'yes' }] }));
    await server.post(dry, withMeta({ finalizers: ['x.y/z', 'x.y/z'] }));
    await server.post(dry, withMeta({ finalizers: ['plain', 'foregroundDeletion', 'orphan'] }));
    await server.post(dry, withMeta({ finalizers: ['orphan', 'foregroundDeletion', 'bad one!', ''] }));
    await server.post(dry, withMeta({ finalizers: [7] }));
    await server.post(dry, withMeta({ labels: { a: null }, annotations: { b: null } }));
    await server.post(dry, withMeta({ annotations: { big: 'x'.repeat(300_000) } }));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), withMeta({ finalizers: ['x.y/one'] }));
    await server.patch(path, 'json', [{ op: 'add', path: '/metadata/finalizers/-', value: 'x.y/two' }]);
    await server.patch(path, 'merge', { metadata: { finalizers: ['x.y/one', 'x.y/one'] } });
    await server.patch(path, 'merge', { metadata: { finalizers: ['bad!'] } });
    await server.patch(path, 'merge', { metadata: { ownerReferences: [owner] } });
    await server.patch(path, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]);
  }),
  scenario('custom resources', 'a write of an unknown version or in a foreign namespace', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'));
    const now = (await server.get(`${widgets(server)}/a`, { unrecorded: true })).body;
    await server.put(`${widgets(server)}/a`, { ...now, apiVersion: `${group(server)}/v3` });
    await server.put(`${widgets(server)}/a`, { ...now, kind: 'Gadget' });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { ...now.metadata, namespace: 'other' } });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { ...now.metadata, name: 'other' } });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { ...now.metadata, uid: 'other' } });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { ...now.metadata, generation: 50 } });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { ...now.metadata, creationTimestamp: null } });
    await server.put(`${widgets(server)}/a`, { ...now, metadata: { name: 'a', resourceVersion: '999999999' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { apiVersion: 'v1' });
    await server.patch(`${widgets(server)}/a`, 'merge', { kind: 'Other' });
    await server.patch(`${widgets(server)}/a`, 'merge', { metadata: { name: 'b' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { metadata: { namespace: 'b' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { metadata: null });
    await server.post('/apis/example.invalid/v1/things', {});
    await server.get(`${configMaps(server)}/none`);
    await server.post(configMaps(server), configMap('fine'));
  }),
];
