import { setTimeout as delay } from 'node:timers/promises';
import { ConversionServer, type Convert } from '../conversion-server.ts';
import { type Scenario, type ScenarioServer, scenario } from '../scenario.ts';
import { allow, patchWith, WebhookServer } from '../webhook-server.ts';
import { configMaps, crd, group, widget, widgets } from './fixtures.ts';
import { aboutConfigMaps, withPolicies } from './policies.ts';

const area = 'versions';

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
type Loose = any;

const spec = (version: string) => ({
  type: 'object',
  properties: {
    [`in${version}`]: { type: 'string', default: `of ${version}` },
    size: { type: 'integer' },
    added: { type: 'string' },
  },
});

const versions = ['v1', 'v2'].map((name) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: spec(name) } } },
}));

/** What a webhook makes of it says so. */
const convert: Convert = ({ objects, desiredAPIVersion }) => ({
  objects: objects.map((object: Loose) => {
    const { inv1, inv2, ...rest } = object.spec ?? {};
    const value = inv1 ?? inv2;
    const name = `in${desiredAPIVersion.split('/')[1]}`;
    return {
      ...object,
      apiVersion: desiredAPIVersion,
      spec: { ...rest, ...(value === undefined ? {} : { [name]: value }) },
    };
  }),
});

interface Paths {
  readonly v1: string;
  readonly v2: string;
}

async function install(server: ScenarioServer, conversion: object): Promise<Paths> {
  const made = crd(server, { versions }) as Loose;
  await server.installCrd({ ...made, spec: { ...made.spec, conversion } });
  const at = (version: string) => `/apis/${group(server)}/${version}/namespaces/${server.namespace}/widgets`;
  await server.until(at('v1'), (answer) => answer.status === 200);
  await server.until(at('v2'), (answer) => answer.status === 200);
  return { v1: at('v1'), v2: at('v2') };
}

/** Webhooks that ask for v1 of everything that is written. */
const inV1 = (server: ScenarioServer) => ({
  rules: [{ operations: ['*'], apiGroups: [group(server)], apiVersions: ['v1'], resources: ['widgets'] }],
});

async function write(server: ScenarioServer, hooks: WebhookServer, { v1, v2 }: Paths): Promise<void> {
  const asked = (title: string) => {
    const reviews = hooks.calls.splice(0).map(({ name, review: { request } }) => {
      const { kind, requestKind, object, oldObject } = request;
      return { name, kind, requestKind, object: object?.spec ?? null, oldObject: oldObject?.spec ?? null };
    });
    server.record(`asked: ${title}`, reviews);
  };
  await server.post(v1, widget(server, 'a', { inv1: 'one' }));
  asked('created in v1');
  await server.post(v2, { ...widget(server, 'b', { inv2: 'two' }), apiVersion: `${group(server)}/v2` });
  asked('created in v2');
  await server.patch(`${v2}/a`, 'merge', { spec: { size: 3 } });
  asked('changed in v2');
  await server.patch(`${v2}/a`, 'merge', { spec: { inv2: 'other' } });
  asked('changed in v2 once more');
  await server.get(`${v1}/a`);
  await server.delete(`${v2}/a`);
  asked('deleted in v2');
}

const asksForAnother = (name: string, conversionOf: (server: ConversionServer) => object): Scenario =>
  scenario(area, `webhooks ask for another one than the request has, ${name}`, async (server) => {
    await using converter = await ConversionServer.start(convert);
    const paths = await install(server, conversionOf(converter));
    await using hooks = await WebhookServer.start(server);
    const change = patchWith({ op: 'add', path: '/spec/added', value: 'by the webhook' });
    const reply = ({ request }: Loose) => (request.operation === 'DELETE' ? allow : change);
    await hooks.configure('Mutating', 'changing', { changing: { reply, webhook: inV1(server) } });
    await hooks.configure('Validating', 'watching', { watching: { webhook: inV1(server) } });
    await write(server, hooks, paths);
  });

export const convertedAdmission: readonly Scenario[] = [
  asksForAnother('with the strategy None', () => ({ strategy: 'None' })),
  asksForAnother('with a conversion webhook', (converter) => converter.conversion()),
  scenario(area, 'a webhook is asked about nothing that cannot be converted', async (server) => {
    await using converter = await ConversionServer.start(convert);
    const { v2 } = await install(server, converter.conversion());
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Validating', 'watching', {
      watching: { webhook: { ...inV1(server), failurePolicy: 'Ignore' } },
    });
    converter.convert = () => ({ response: { result: { status: 'Failure', message: 'I will not' } } });
    await server.post(v2, { ...widget(server, 'a', { inv2: 'two' }), apiVersion: `${group(server)}/v2` });
    server.record('asked', hooks.calls.length);
  }),
  scenario(area, 'take parameters that a webhook converts', async (server) => {
    await using converter = await ConversionServer.start(({ objects, desiredAPIVersion }) => ({
      objects: objects.map((object) => ({ ...object, apiVersion: desiredAPIVersion, spec: { size: 2 } })),
    }));
    const [v1] = (crd(server) as { spec: { versions: object[] } }).spec.versions;
    const made = crd(server, { versions: [v1 as object, { ...v1, name: 'v2', storage: false }] }) as { spec: object };
    await server.installCrd({ ...made, spec: { ...made.spec, conversion: converter.conversion() } });
    await server.until(widgets(server).replace('/v1/', '/v2/'), ({ status }) => status === 200);
    await server.post(widgets(server), widget(server, 'one', { size: 5 }));
    await withPolicies(server, async ({ policy, ready }) => {
      const spec = {
        paramKind: { apiVersion: `${group(server)}/v2`, kind: 'Widget' },
        matchConstraints: { resourceRules: aboutConfigMaps },
        validations: [
          { expression: 'object.data.size() < params.spec.size', messageExpression: "'of ' + params.apiVersion" },
        ],
      };
      const paramRef = { namespace: server.namespace, name: 'one', parameterNotFoundAction: 'Deny' };
      await policy('converted', spec, { paramRef });
      await ready();
      const post = (options: object) =>
        server.post(`${configMaps(server)}?dryRun=All`, { metadata: { name: 'a' }, data: { a: '1', b: '2' } }, options);
      // The real server reads parameters from a cache that follows.
      for (let attempt = 0; attempt < 600; attempt++) {
        const { text } = await post({ unrecorded: true });
        if (text.includes('/v2')) break;
        await delay(100);
      }
      await post({});
    });
  }),
];
