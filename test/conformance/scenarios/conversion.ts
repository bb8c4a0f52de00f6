import { type ConversionReply, ConversionServer, type Convert } from '../conversion-server.ts';
import { type Scenario, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group } from './fixtures.ts';

const area = 'conversion';

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
type Loose = any;

const schemas: Readonly<Record<string, object>> = {
  v1: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { hostPort: { type: 'string' }, one: { type: 'string', default: 'd1' } } },
      status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
    },
  },
  v2: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          host: { type: 'string' },
          port: { type: 'string' },
          two: { type: 'string', default: 'd2' },
          replicas: { type: 'integer' },
        },
      },
      status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
    },
  },
};

/** `spec.hostPort` of v1 is `spec.host` and `spec.port` of v2. */
function changed(object: Loose, apiVersion: string): Loose {
  const { hostPort, host, port, ...spec } = object.spec ?? {};
  const next = apiVersion.endsWith('/v2')
    ? {
        ...spec,
        ...(hostPort === undefined ? {} : { host: hostPort.split(':')[0], port: hostPort.split(':')[1] ?? '' }),
      }
    : { ...spec, ...(host === undefined ? {} : { hostPort: `${host}:${port}` }) };
  return { ...object, apiVersion, ...(object.spec ? { spec: next } : {}) };
}

const convert: Convert = ({ objects, desiredAPIVersion }) => ({
  objects: objects.map((object) => changed(object, desiredAPIVersion)),
});

const versions = (storage: string, more: Loose = {}): readonly object[] =>
  ['v1', 'v2'].map((name) => ({
    name,
    served: true,
    storage: name === storage,
    schema: { openAPIV3Schema: schemas[name] },
    subresources: { status: {} },
    ...more[name],
  }));

interface Installed {
  readonly hooks: ConversionServer;
  readonly v1: string;
  readonly v2: string;
}

async function install(
  server: ScenarioServer,
  hooks: ConversionServer,
  storage = 'v1',
  more: Loose = {},
  reviewVersions?: readonly string[],
): Promise<Installed> {
  const made = crd(server, { versions: versions(storage, more) }) as Loose;
  const conversion = hooks.conversion(reviewVersions);
  await server.installCrd({ ...made, spec: { ...made.spec, conversion } });
  const at = (version: string) => `/apis/${group(server)}/${version}/namespaces/${server.namespace}/widgets`;
  await server.until(at('v2'), (answer) => answer.status === 200);
  await server.until(at('v1'), (answer) => answer.status === 200);
  return { hooks, v1: at('v1'), v2: at('v2') };
}

export const widgetOf = (
  server: ScenarioServer,
  version: string,
  name: string,
  spec: object,
  more: object = {},
): Loose => ({
  apiVersion: `${group(server)}/${version}`,
  kind: 'Widget',
  metadata: { name, ...more },
  spec,
});

/** A definition whose storage version is v1, with a webhook; `play` is told the collections. */
export const converts = (
  name: string,
  play: (server: ScenarioServer, installed: Installed) => Promise<void>,
  storage = 'v1',
  more: Loose = {},
): Scenario =>
  scenario(area, name, async (server) => {
    await using hooks = await ConversionServer.start(convert);
    await play(server, await install(server, hooks, storage, more));
  });

/** What a webhook answers instead of converting, by name. */
const failures: Readonly<Record<string, (request: Loose) => ConversionReply>> = {
  'a failure with a message': () => ({ response: { result: { status: 'Failure', message: 'I will not' } } }),
  'a failure without a message': () => ({ response: { result: { status: 'Failure' } } }),
  'no result': () => ({ response: { result: undefined, convertedObjects: [] } }),
  'another uid': (request) => ({ response: { uid: 'other', convertedObjects: convertAll(request) } }),
  'no response': () => ({ review: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' } }),
  'another kind': () => ({ review: { apiVersion: 'v1', kind: 'Pod' } }),
  'another version': () => ({
    review: { apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'ConversionReview', response: {} },
  }),
  'no kind': () => ({ review: {} }),
  'no objects': () => ({ objects: [] }),
  'too many objects': (request) => ({ objects: [...convertAll(request), ...convertAll(request)] }),
  'the object as it was': (request) => ({ objects: request.objects }),
  'an object of another group': (request) => ({
    objects: convertAll(request).map((object: Loose) => ({ ...object, apiVersion: 'other.io/v2' })),
  }),
  'an object of another kind': (request) => ({
    objects: convertAll(request).map((object: Loose) => ({ ...object, kind: 'Gadget' })),
  }),
  'an object without a kind': (request) => ({
    objects: convertAll(request).map(({ kind: _, ...object }: Loose) => object),
  }),
  'another name': (request) => withMeta(request, { name: 'other' }),
  'another namespace': (request) => withMeta(request, { namespace: 'other' }),
  'another object uid': (request) => withMeta(request, { uid: 'other' }),
  'no metadata': (request) => ({ objects: convertAll(request).map(({ metadata: _, ...object }: Loose) => object) }),
  'metadata that is a list': (request) => ({
    objects: convertAll(request).map((object: Loose) => ({ ...object, metadata: [] })),
  }),
  'labels that are a text': (request) => withMeta(request, { labels: 'x' }),
  'labels that are none': (request) => withMeta(request, { labels: { 'a b': 'c d' } }),
  'annotations that are none': (request) => withMeta(request, { annotations: { 'a b': 'c d' } }),
  'status 500': () => ({ raw: 'panic', status: 500, contentType: 'text/plain' }),
  'status 404': () => ({ raw: '404 page not found', status: 404, contentType: 'text/plain' }),
  'no json': () => ({ raw: 'no json' }),
  'an empty body': () => ({ raw: '' }),
  'a closed connection': () => 'close',
};

function convertAll({ objects, desiredAPIVersion }: Loose): Loose {
  return objects.map((object: Loose) => changed(object, desiredAPIVersion));
}

function withMeta(request: Loose, meta: object): ConversionReply {
  return {
    objects: convertAll(request).map((object: Loose) => ({ ...object, metadata: { ...object.metadata, ...meta } })),
  };
}

export const conversion: readonly Scenario[] = [
  converts('reads and writes every served version', async (server, { hooks, v1, v2 }) => {
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }, { labels: { x: 'y' } }));
    await server.get(`${v2}/a`);
    hooks.record(server, 'read');
    await server.post(v2, widgetOf(server, 'v2', 'b', { host: 'g', port: '2' }, { labels: { x: 'y' } }));
    await server.get(`${v1}/b`);
    await server.get(`${v2}/b`);
    await server.patch(`${v2}/a`, 'merge', { spec: { port: '9' } });
    await server.get(`${v1}/a`);
    const { body } = await server.get(`${v2}/b`);
    await server.put(`${v2}/b`, { ...body, spec: { ...body.spec, host: 'k' } });
    await server.patch(`${v2}/b`, 'json', [{ op: 'replace', path: '/spec/port', value: '7' }]);
    await server.get(`${v1}/b`);
    await server.delete(`${v2}/a`);
    await server.delete(`${v1}/b`);
  }),
  converts('does not ask when nothing is to be converted', async (server, { hooks, v1 }) => {
    hooks.convert = () => ({ raw: 'no', status: 500 });
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }));
    await server.patch(`${v1}/a`, 'merge', { spec: { hostPort: 'h:2' } });
    await server.get(`${v1}/a`);
    await server.get(v1);
    await server.delete(`${v1}/a`);
  }),
  converts(
    'lists, selects and shows tables of every version',
    async (server, { v1, v2 }) => {
      for (let i = 0; i < 4; i++) {
        await server.post(
          v1,
          widgetOf(server, 'v1', `a${i}`, { hostPort: `h:${i}` }, { labels: { even: String(i % 2 === 0) } }),
          {
            unrecorded: true,
          },
        );
      }
      await server.post(v2, widgetOf(server, 'v2', 'b', { host: 'g', port: '2' }), { unrecorded: true });
      await server.get(v2);
      await server.get(`${v2}?labelSelector=even%3Dtrue`);
      await server.get(`${v2}?fieldSelector=spec.host%3Dg`);
      await server.get(`${v2}?limit=2`);
      const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
      await server.get(v2, { headers: table });
      await server.get(v1, { headers: table });
      await server.get(`${v2}/a1`, { headers: table });
    },
    'v1',
    {
      v2: {
        selectableFields: [{ jsonPath: '.spec.host' }],
        additionalPrinterColumns: [{ name: 'Host', type: 'string', jsonPath: '.spec.host' }],
      },
    },
  ),
  converts('shows watches the objects of their version', async (server, { v1, v2 }) => {
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }), { unrecorded: true });
    const watch = await server.watch(v2);
    await watch.events(1);
    await server.post(v2, widgetOf(server, 'v2', 'b', { host: 'g', port: '2' }), { unrecorded: true });
    await server.patch(`${v1}/b`, 'merge', { spec: { hostPort: 'g:3' } }, { unrecorded: true });
    await server.delete(`${v1}/a`, { unrecorded: true });
    await watch.events(4);
    await watch.close();
  }),
  converts(
    'shows watches what they select',
    async (server, { v1, v2 }) => {
      const watch = await server.watch(`${v2}?fieldSelector=spec.host%3Dg`);
      await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'g:1' }), { unrecorded: true });
      await server.post(v1, widgetOf(server, 'v1', 'b', { hostPort: 'h:1' }), { unrecorded: true });
      await server.patch(`${v1}/b`, 'merge', { spec: { hostPort: 'g:2' } }, { unrecorded: true });
      await server.patch(`${v1}/a`, 'merge', { spec: { hostPort: 'h:2' } }, { unrecorded: true });
      await watch.events(3);
      await watch.close();
    },
    'v1',
    { v2: { selectableFields: [{ jsonPath: '.spec.host' }] } },
  ),
  converts(
    'lets a webhook change labels and annotations, and nothing else of the metadata',
    async (server, { hooks, v1, v2 }) => {
      hooks.convert = (request) =>
        withMeta(request, {
          labels: { made: 'by-webhook' },
          annotations: { made: 'by webhook' },
          finalizers: ['example.com/x'],
          generation: 77,
          resourceVersion: '1',
          creationTimestamp: '2000-01-01T00:00:00Z',
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
        });
      await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }, { labels: { x: 'y' } }));
      await server.get(`${v2}/a`);
      hooks.convert = (request) => withMeta(request, { labels: undefined, annotations: null });
      await server.get(`${v2}/a`);
      await server.patch(`${v2}/a`, 'merge', { spec: { port: '2' } });
      await server.get(`${v1}/a`);
    },
  ),
  converts('applies in one version what is owned in another', async (server, { v1, v2 }) => {
    await server.patch(`${v1}/a?fieldManager=one`, 'apply', widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }));
    await server.patch(`${v2}/a?fieldManager=two`, 'apply', widgetOf(server, 'v2', 'a', { two: 'x' }));
    await server.patch(`${v2}/a?fieldManager=two`, 'apply', widgetOf(server, 'v2', 'a', { host: 'g', two: 'x' }));
    await server.patch(
      `${v2}/a?fieldManager=two&force=true`,
      'apply',
      widgetOf(server, 'v2', 'a', { host: 'g', two: 'x' }),
    );
    await server.get(`${v1}/a`);
    await server.patch(`${v1}/a?fieldManager=one`, 'apply', widgetOf(server, 'v1', 'a', { one: 'z' }));
  }),
  converts(
    'writes status and scale in every version',
    async (server, { v1, v2 }) => {
      await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }));
      await server.patch(`${v2}/a/status`, 'merge', { status: { phase: 'Up', replicas: 2 } });
      await server.get(`${v1}/a/status`);
      await server.patch(`${v2}/a`, 'merge', { spec: { replicas: 3 } });
      await server.get(`${v2}/a/scale`);
      await server.patch(`${v2}/a/scale`, 'merge', { spec: { replicas: 5 } });
    },
    'v2',
    {
      v2: {
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      },
    },
  ),
  converts('converts for dry runs, finalizers and deletecollection', async (server, { v1, v2 }) => {
    await server.post(`${v2}?dryRun=All`, widgetOf(server, 'v2', 'a', { host: 'h', port: '1' }));
    await server.post(v2, widgetOf(server, 'v2', 'a', { host: 'h', port: '1' }, { finalizers: ['example.com/x'] }));
    await server.patch(`${v2}/a?dryRun=All`, 'merge', { spec: { port: '2' } });
    await server.delete(`${v2}/a`);
    await server.get(`${v1}/a`);
    await server.patch(`${v2}/a`, 'merge', { metadata: { finalizers: null } });
    await server.get(`${v1}/a`);
    await server.post(v1, widgetOf(server, 'v1', 'b', { hostPort: 'h:1' }), { unrecorded: true });
    await server.post(v2, widgetOf(server, 'v2', 'c', { host: 'h', port: '1' }), { unrecorded: true });
    await server.delete(v2);
    await server.get(v1);
  }),
  converts('generates names', async (server, { v2 }) => {
    await server.post(v2, {
      ...widgetOf(server, 'v2', '', { host: 'h', port: '1' }),
      metadata: { generateName: 'gen-' },
    });
    await server.post(v2, widgetOf(server, 'v2', 'twice', { host: 'h', port: '1' }));
    await server.post(v2, widgetOf(server, 'v2', 'twice', { host: 'h', port: '1' }));
  }),
  ...Object.entries(failures).map(([title, fail]) =>
    converts(`says that it failed: ${title}`, async (server, { hooks, v1, v2 }) => {
      await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }), { unrecorded: true });
      hooks.convert = fail as Convert;
      await server.get(`${v2}/a`);
      await server.post(v2, widgetOf(server, 'v2', 'b', { host: 'g', port: '2' }));
      await server.delete(`${v2}/a`);
    }),
  ),
  scenario(area, 'asks with reviews of v1beta1 where these are wanted first', async (server) => {
    await using hooks = await ConversionServer.start(convert);
    const { v1, v2 } = await install(server, hooks, 'v1', {}, ['v1beta1', 'v1']);
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }), { unrecorded: true });
    await server.get(`${v2}/a`);
    hooks.record(server, 'read');
    hooks.convert = (request) => ({ response: { uid: 'other', convertedObjects: convertAll(request) } });
    await server.get(`${v2}/a`);
  }),
  scenario(area, 'cannot reach a service, or trust a certificate', async (server) => {
    await using hooks = await ConversionServer.start(convert);
    await using other = await ConversionServer.start(convert);
    const made = crd(server, { versions: versions('v1') }) as Loose;
    const caBundle = Buffer.from(other.authority).toString('base64');
    await server.installCrd({ ...made, spec: { ...made.spec, conversion: hooks.conversion(['v1'], { caBundle }) } });
    const at = (version: string) => `/apis/${group(server)}/${version}/namespaces/${server.namespace}/widgets`;
    await server.until(at('v1'), (answer) => answer.status === 200);
    await server.post(at('v1'), widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }), { unrecorded: true });
    await server.until(`${at('v2')}/a`, (answer) => answer.status === 500);
    await server.get(`${at('v2')}/a`);
    await server.patch(
      `${crds}/widgets.${group(server)}`,
      'merge',
      {
        spec: {
          conversion: {
            webhook: {
              clientConfig: {
                url: null,
                caBundle: null,
                service: { namespace: server.namespace, name: 'none', path: '/x' },
              },
            },
          },
        },
      },
      { unrecorded: true },
    );
    await server.until(`${at('v2')}/a`, (answer) => answer.text.includes('none'));
    await server.get(`${at('v2')}/a`);
  }),
  scenario(area, 'changes its storage version, and keeps in mind which were stored', async (server) => {
    await using hooks = await ConversionServer.start(convert);
    const { v1, v2 } = await install(server, hooks, 'v1');
    await server.post(v1, widgetOf(server, 'v1', 'a', { hostPort: 'h:1' }));
    const path = `${crds}/widgets.${group(server)}`;
    await server.patch(path, 'merge', { spec: { versions: versions('v2') } }, { unrecorded: true });
    await server.until(path, (answer) => answer.body.status.storedVersions.length === 2);
    await server.get(path);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.get(`${v1}/a`);
    await server.get(`${v2}/a`);
    await server.patch(`${v2}/a`, 'merge', { spec: { port: '5' } });
    await server.post(v1, widgetOf(server, 'v1', 'b', { hostPort: 'h:2' }));
    await server.get(v1);
    await server.patch(path, 'merge', { spec: { versions: versions('v2').slice(1) } });
    await server.patch(`${path}/status`, 'merge', { status: { storedVersions: ['v2'] } });
    await server.patch(path, 'merge', { spec: { versions: versions('v2').slice(1) } }, { unrecorded: true });
    await server.until(v1, (answer) => answer.status === 404);
    await server.get(`${v2}/a`);
    await server.get(path);
  }),
  scenario(area, 'is refused in a definition for its settings', async (server) => {
    await using hooks = await ConversionServer.start(convert);
    const made = crd(server, { versions: versions('v1') }) as Loose;
    const post = (conversion: Loose) =>
      server.post(`${crds}?dryRun=All`, { ...made, spec: { ...made.spec, conversion } });
    await post({ strategy: 'Webhook' });
    await post({ strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'] } });
    await post({ ...hooks.conversion(['v2']) });
    await post({ ...hooks.conversion(['v1beta1']) });
    await post({ ...hooks.conversion([]) });
    await post({ ...hooks.conversion(['v1', 'v1']) });
    await post({ ...hooks.conversion(['v1'], { url: 'http://x/' }) });
    await post({ ...hooks.conversion(['v1'], { service: { namespace: 'a', name: 'b' } }) });
    await post({
      ...hooks.conversion(['v1'], { url: undefined, service: { namespace: 'a', name: 'b', port: 70_000, path: 'x' } }),
    });
    await post({ ...hooks.conversion(), strategy: 'None' });
    await post({ strategy: 'Other' });
  }),
  scenario(area, 'keeps a definition from being established while its caBundle is none', async (server) => {
    await using hooks = await ConversionServer.start(convert);
    const made = crd(server, { versions: versions('v1') }) as Loose;
    const caBundle = Buffer.from('no certificate').toString('base64');
    const body = { ...made, spec: { ...made.spec, conversion: hooks.conversion(['v1'], { caBundle }) } };
    const path = `${crds}/${made.metadata.name}`;
    await server.post(crds, body);
    await server.until(path, (answer) =>
      answer.body.status?.conditions?.some((one: Loose) => one.reason === 'InvalidCABundle'),
    );
    await server.get(path);
    await server.patch(path, 'merge', { spec: { conversion: hooks.conversion() } }, { unrecorded: true });
    await server.until(path, (answer) =>
      answer.body.status?.conditions?.some((one: Loose) => one.type === 'Established' && one.status === 'True'),
    );
    await server.get(path);
    await server.patch(path, 'merge', { spec: { conversion: { webhook: { clientConfig: { caBundle } } } } });
    await server.delete(path, { unrecorded: true });
  }),
];
