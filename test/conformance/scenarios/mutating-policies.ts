import { setTimeout as delay } from 'node:timers/promises';
import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMaps } from './fixtures.ts';

const area = 'mutating admission policies';
const registration = '/apis/admissionregistration.k8s.io/v1';
const policies = `${registration}/mutatingadmissionpolicies`;
const bindings = `${registration}/mutatingadmissionpolicybindings`;
const rule = (apiGroup: string, resource: string, apiVersion = '*') => ({
  operations: ['CREATE', 'UPDATE'],
  apiGroups: [apiGroup],
  apiVersions: [apiVersion],
  resources: [resource],
});
const aboutConfigMaps = { resourceRules: [rule('', 'configmaps')] };

const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const map = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data });

interface Kept {
  readonly policy: (name: string, spec: object, binding?: object) => Promise<void>;
  readonly ready: () => Promise<void>;
}

/** Policies of one scenario, bound to its namespace; taken away afterwards. */
async function withPolicies(server: ScenarioServer, use: (kept: Kept) => Promise<void>): Promise<void> {
  const paths: string[] = [];
  const create = async (path: string, name: string, spec: object) => {
    const answer = await server.post(path, { metadata: { name }, spec }, { unrecorded: true });
    if (answer.status !== 201) throw new Error(answer.text);
    paths.push(`${path}/${name}`);
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': server.namespace } };
  const kept: Kept = {
    async policy(name, spec, binding = {}) {
      const full = `${server.unique}-${name}`;
      await create(policies, full, { matchConstraints: aboutConfigMaps, reinvocationPolicy: 'Never', ...spec });
      await create(bindings, full, { policyName: full, matchResources: { namespaceSelector }, ...binding });
    },
    async ready() {
      const objectSelector = { matchLabels: { probe: 'yes' } };
      await kept.policy('probe', {
        matchConstraints: { ...aboutConfigMaps, objectSelector },
        mutations: [apply('Object{data: {"probe": "done"}}')],
      });
      let last = '';
      for (let attempt = 0; attempt < 600; attempt++) {
        const probe = { metadata: { name: 'probe', labels: { probe: 'yes' } } };
        const answer = await server.post(`${configMaps(server)}?dryRun=All`, probe, { unrecorded: true });
        if (answer.body.data?.probe === 'done') return;
        last = answer.text;
        await delay(100);
      }
      throw new Error(`the policies are not acted upon: ${last}`);
    },
  };
  try {
    await use(kept);
  } finally {
    for (const path of paths.toReversed()) await server.delete(path, { unrecorded: true });
  }
}

export const mutatingPolicies = [
  scenario(area, 'a configuration is merged into what is written', async (server) => {
    await withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        variables: [{ name: 'who', expression: 'request.name' }],
        matchConditions: [{ name: 'named', expression: 'object.metadata.name != "not"' }],
        mutations: [
          apply(
            'Object{metadata: Object.metadata{labels: {"by": "policy"}}, data: {"op": request.operation, "who": string(size(variables.who))}}',
          ),
          apply('Object{data: has(object.data) && has(object.data.op) ? {"seen": object.data.op} : {}}'),
        ],
      });
      await ready();
      const maps = configMaps(server);
      await server.post(maps, map('a', { own: 'x' }));
      await server.post(maps, map('not', { own: 'x' }));
      await server.patch(`${maps}/a`, 'merge', { data: { own: 'y' } });
      await server.patch(`${maps}/b?fieldManager=m`, 'apply', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        ...map('b', { own: 'z' }),
      });
      await server.delete(`${maps}/a`);
    });
  }),
  scenario(area, 'a patch is carried out', async (server) => {
    await withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        matchConstraints: { ...aboutConfigMaps, objectSelector: { matchLabels: { a: 'yes' } } },
        mutations: [
          patch(
            '[JSONPatch{op: "add", path: "/data", value: {"a": "1"}}, JSONPatch{op: "add", path: "/metadata/annotations", value: {"a.b/c": "d"}}]',
          ),
          patch('[JSONPatch{op: "test", path: "/data/a", value: "2"}, JSONPatch{op: "remove", path: "/data/a"}]'),
          patch(
            '[JSONPatch{op: "copy", from: "/data/a", path: "/data/b"}, JSONPatch{op: "replace", path: "/metadata/annotations/" + jsonpatch.escapeKey("a.b/c"), value: "e"}]',
          ),
        ],
      });
      await policy('b', {
        matchConstraints: { ...aboutConfigMaps, objectSelector: { matchLabels: { b: 'yes' } } },
        mutations: [patch('[JSONPatch{op: "remove", path: "/data/none"}]')],
      });
      await ready();
      const maps = configMaps(server);
      await server.post(maps, { metadata: { name: 'a', labels: { a: 'yes' } } });
      await server.post(maps, { metadata: { name: 'b', labels: { b: 'yes' } }, data: { a: 'b' } });
    });
  }),
  scenario(area, 'containers are added to pods, and fields to containers', async (server) => {
    await withPolicies(server, async ({ policy, ready }) => {
      const sidecar = 'Object.spec.containers{name: "side", image: "s:v1"}';
      const all =
        'object.spec.containers.map(c, Object.spec.containers{name: c.name, env: [Object.spec.containers.env{name: "A", value: "b"}]})';
      await policy('a', {
        matchConstraints: { resourceRules: [rule('', 'pods')] },
        matchConditions: [{ name: 'once', expression: '!object.spec.containers.exists(c, c.name == "side")' }],
        mutations: [
          apply(`Object{spec: Object.spec{containers: [${sidecar}]}}`),
          apply(`Object{spec: Object.spec{containers: ${all}}}`),
        ],
      });
      await ready();
      const pods = `/api/v1/namespaces/${server.namespace}/pods`;
      await server.post(pods, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    });
  }),
  scenario(area, 'what cannot be done is refused, or passed over', async (server) => {
    await withPolicies(server, async ({ policy, ready }) => {
      const selected = (name: string) => ({
        matchConstraints: { ...aboutConfigMaps, objectSelector: { matchLabels: { a: name } } },
      });
      const wrong: Record<string, object> = {
        mismatch: apply('Object{metadata: Object.spec{name: "x"}}'),
        unknown: apply('Object{spec: Object.spec{a: 1}}'),
        atomic: apply('Object{metadata: Object.metadata{ownerReferences: []}, data: {}}'),
        type: apply('Object{data: {"a": 1}}'),
        error: apply('Object{data: {"a": string(object.nothing)}}'),
        list: patch('[JSONPatch{op: "add", path: "/data/x", value: Object.data{a: "b"}}]'),
        odd: patch('[JSONPatch{op: "odd", path: "/data"}]'),
      };
      for (const [name, mutation] of Object.entries(wrong)) {
        await policy(name, { ...selected(name), mutations: [mutation] });
      }
      await policy('ignored', { ...selected('ignored'), failurePolicy: 'Ignore', mutations: [wrong.error] });
      await policy('condition', {
        ...selected('condition'),
        matchConditions: [{ name: 'c', expression: 'object.nothing == 1' }],
        mutations: [apply('Object{}')],
      });
      await ready();
      for (const name of [...Object.keys(wrong), 'ignored', 'condition']) {
        await server.post(configMaps(server), { metadata: { name, labels: { a: name } }, data: { a: 'b' } });
      }
    });
  }),
  // The real server carries policies out in an order of its own, another one each time its list changes: what is
  // compared must come to the same in each order.
  scenario(area, 'a policy is carried out once more where it asks for it', async (server) => {
    await withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        reinvocationPolicy: 'IfNeeded',
        mutations: [apply('Object{data: {"seen": has(object.data) && "b" in object.data ? "after b" : "before b"}}')],
      });
      await policy('b', { mutations: [apply('Object{data: {"b": "1"}}')] });
      await ready();
      await server.post(configMaps(server), map('m'));
      await server.patch(`${configMaps(server)}/m`, 'merge', { data: { own: 'x' } });
    });
  }),
  scenario(area, 'expressions that cannot be compiled are refused', async (server) => {
    const post = (name: string, mutations: object[], more: object = {}) =>
      server.post(`${policies}?dryRun=All`, {
        metadata: { name: `${server.unique}-${name}` },
        spec: { matchConstraints: aboutConfigMaps, reinvocationPolicy: 'Never', mutations, ...more },
      });
    await post('good', [apply('Object{}'), patch('[JSONPatch{op: "add"}]')]);
    await post('syntax', [apply('Object{')]);
    await post('type', [apply('{}'), patch('Object{}'), patch('[]'), apply('1')]);
    await post('field', [patch('[JSONPatch{op: 1}]'), apply('Objects{}'), apply('Object.spec{}')]);
    await post('variables', [apply('Object{data: {"a": variables.b}}')], {
      variables: [{ name: 'b', expression: 'Object{}' }],
    });
    await post('condition', [apply('Object{}')], {
      matchConditions: [{ name: 'a', expression: 'Object{} == Object{}' }],
    });
    await post('escape', [patch('[JSONPatch{op: "add", path: jsonpatch.escapeKey(1)}]')]);
  }),
  scenario(area, 'malformed policies and bindings are refused', async (server) => {
    const post = (path: string, name: string, spec: object) =>
      server.post(`${path}?dryRun=All`, { metadata: { name: `${server.unique}-${name}` }, spec });
    const good = { matchConstraints: aboutConfigMaps, reinvocationPolicy: 'Never', mutations: [apply('Object{}')] };
    await post(policies, 'empty', {});
    await post(policies, 'none', { ...good, mutations: [] });
    await post(policies, 'values', { ...good, reinvocationPolicy: 'Always', failurePolicy: 'Warn' });
    await post(policies, 'type', { ...good, mutations: [{ patchType: 'Merge' }, {}] });
    await post(policies, 'member', {
      ...good,
      mutations: [{ patchType: 'JSONPatch' }, { patchType: 'ApplyConfiguration' }],
    });
    await post(policies, 'both', { ...good, mutations: [{ ...apply('Object{}'), ...patch(' ') }] });
    const deletes = { resourceRules: [{ ...rule('', 'pods'), operations: ['CREATE', 'DELETE'] }] };
    await post(policies, 'operations', { ...good, matchConstraints: deletes });
    await post(bindings, 'empty', {});
    await post(bindings, 'operations', { policyName: 'a', matchResources: deletes });
    await post(bindings, 'params', { policyName: 'A_', paramRef: {} });
  }),
];
