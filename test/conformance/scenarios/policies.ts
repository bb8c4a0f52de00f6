import { setTimeout as delay } from 'node:timers/promises';
import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, group, widget, widgets } from './fixtures.ts';

const area = 'admission policies';
const registration = '/apis/admissionregistration.k8s.io/v1';
const policies = `${registration}/validatingadmissionpolicies`;
const bindings = `${registration}/validatingadmissionpolicybindings`;
export const aboutConfigMaps = [
  { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
];

interface Kept {
  readonly policy: (name: string, spec: object, binding?: object) => Promise<void>;
  readonly ready: () => Promise<void>;
}

/** Policies of one scenario, bound to its namespace; taken away afterwards. */
export async function withPolicies(server: ScenarioServer, use: (kept: Kept) => Promise<void>): Promise<void> {
  const paths: string[] = [];
  const create = async (path: string, kind: string, name: string, spec: object) => {
    const answer = await server.post(
      path,
      { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec },
      { unrecorded: true },
    );
    if (answer.status !== 201) throw new Error(answer.text);
    paths.push(`${path}/${name}`);
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': server.namespace } };
  const kept: Kept = {
    async policy(name, spec, binding = {}) {
      const full = `${server.unique}-${name}`;
      await create(policies, 'ValidatingAdmissionPolicy', full, {
        matchConstraints: { resourceRules: aboutConfigMaps },
        ...spec,
      });
      await create(bindings, 'ValidatingAdmissionPolicyBinding', full, {
        policyName: full,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector },
        ...binding,
      });
    },
    async ready() {
      const objectSelector = { matchLabels: { probe: 'yes' } };
      await kept.policy(
        'probe',
        {
          matchConstraints: { resourceRules: aboutConfigMaps, objectSelector },
          validations: [{ expression: 'false', message: 'ready' }],
        },
        { validationActions: ['Warn'] },
      );
      for (let attempt = 0; attempt < 600; attempt++) {
        const probe = { metadata: { name: 'probe', labels: { probe: 'yes' } } };
        const answer = await server.post(`${configMaps(server)}?dryRun=All`, probe, { unrecorded: true });
        if (String(answer.headers.warning ?? '').includes('ready')) return;
        await delay(100);
      }
      throw new Error('the policies are not acted upon');
    },
  };
  try {
    await use(kept);
  } finally {
    for (const path of paths.toReversed()) await server.delete(path, { unrecorded: true });
  }
}

const notProbe = [
  { name: 'not-a-probe', expression: '!has(object.metadata.labels) || !("probe" in object.metadata.labels)' },
];

export const admissionPolicies = [
  scenario(area, 'deny with their message, a composed one, or the expression', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        matchConditions: notProbe,
        validations: [
          { expression: "object.metadata.name != 'message'", message: ' no such name ' },
          { expression: "object.metadata.name != 'composed'", messageExpression: "'not ' + object.metadata.name" },
          { expression: "object.metadata.name != 'fallback'", messageExpression: "''", message: 'fallback' },
          { expression: "object.metadata.name != 'lines'", messageExpression: "'a\\nb'" },
          { expression: " object.metadata.name != 'plain' " },
          { expression: "object.metadata.name != 'forbidden'", reason: 'Forbidden' },
          { expression: "object.metadata.name != 'large'", reason: 'RequestEntityTooLarge' },
        ],
      });
      await ready();
      for (const name of ['message', 'composed', 'fallback', 'lines', 'plain', 'forbidden', 'large', 'good']) {
        await server.post(configMaps(server), configMap(name));
      }
    }),
  ),
  scenario(area, 'warn instead, or as well', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      const validations = [
        { expression: "object.metadata.name != 'a'", message: 'first' },
        { expression: 'false', message: 'second' },
      ];
      await policy('a', { matchConditions: notProbe, validations }, { validationActions: ['Warn'] });
      await ready();
      await server.post(configMaps(server), configMap('a'));
      await server.post(configMaps(server), configMap('b'));
      await server.patch(`${configMaps(server)}/b`, 'merge', { data: { x: 'y' } });
    }),
  ),
  scenario(area, 'see the old object, the request and the namespace', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        matchConditions: notProbe,
        validations: [
          {
            expression:
              "request.operation == 'CREATE' ? oldObject == null : oldObject.metadata.name == object.metadata.name",
          },
          {
            expression:
              "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && !request.dryRun",
          },
          { expression: "request.userInfo.groups.exists(g, g == 'system:masters')" },
          { expression: 'namespaceObject.metadata.name == request.namespace' },
          { expression: "namespaceObject.status.phase == 'Active'" },
          {
            expression:
              "!has(object.data) || !('frozen' in object.data) || oldObject == null || object.data.frozen == oldObject.data.frozen",
            messageExpression: "'frozen was ' + oldObject.data.frozen + ' in ' + request.namespace.substring(0, 1)",
          },
        ],
      });
      await ready();
      await server.post(configMaps(server), configMap('a', { data: { frozen: '1' } }));
      await server.patch(`${configMaps(server)}/a`, 'merge', { data: { frozen: '2' } });
      await server.patch(`${configMaps(server)}/a`, 'merge', { data: { other: '2' } });
      await server.post(`${configMaps(server)}?dryRun=All`, configMap('b'));
    }),
  ),
  scenario(area, 'compose variables', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        matchConditions: notProbe,
        variables: [
          { name: 'data', expression: 'has(object.data) ? object.data : {}' },
          { name: 'count', expression: 'variables.data.size()' },
          { name: 'broken', expression: 'object.none.field' },
        ],
        validations: [
          { expression: 'variables.count < 2', messageExpression: "'too many: ' + string(variables.count)" },
          { expression: "!('broken' in variables.data) || variables.broken == 'x'" },
        ],
      });
      await ready();
      await server.post(configMaps(server), configMap('a', { data: { x: '1', y: '2' } }));
      await server.post(configMaps(server), configMap('b', { data: { broken: '1' } }));
      await server.post(configMaps(server), configMap('c', { data: { x: '1' } }));
    }),
  ),
  scenario(area, 'fail closed or open where an expression fails', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      const fails = [{ expression: "object.data.missing == 'x'" }];
      const only = (use: string) => ({ resourceRules: aboutConfigMaps, objectSelector: { matchLabels: { use } } });
      await policy('closed', { matchConstraints: only('closed'), validations: fails });
      await policy('open', { matchConstraints: only('open'), validations: fails, failurePolicy: 'Ignore' });
      const conditions = [{ name: 'fails', expression: "object.data.missing == 'x'" }];
      await policy('condition', {
        matchConstraints: only('condition'),
        matchConditions: conditions,
        validations: [{ expression: 'true' }],
      });
      await policy('decided', {
        matchConstraints: only('decided'),
        matchConditions: [...conditions, { name: 'no', expression: 'false' }],
        validations: [{ expression: 'false' }],
      });
      await ready();
      for (const use of ['closed', 'open', 'condition', 'decided']) {
        await server.post(configMaps(server), { metadata: { name: use, labels: { use } } });
      }
    }),
  ),
  scenario(area, 'take parameters by name and by selector', async (server) => {
    // Of a kind of its own: the real server does not see again what it has once stopped watching.
    await server.installCrd(crd(server));
    await withPolicies(server, async ({ policy, ready }) => {
      const paramKind = { apiVersion: `${group(server)}/v1`, kind: 'Widget' };
      const only = (use: string) => ({ resourceRules: aboutConfigMaps, objectSelector: { matchLabels: { use } } });
      for (const [name, size] of [
        ['one', 2],
        ['two', 3],
      ] as const) {
        const labels = { params: 'yes' };
        await server.post(widgets(server), widget(server, name, { size }, { metadata: { name, labels } }));
      }
      const spec = (use: string) => ({
        paramKind,
        matchConstraints: only(use),
        validations: [
          {
            expression: 'object.data.size() < params.spec.size',
            messageExpression: "'limited by ' + params.kind",
          },
        ],
      });
      const ref = (more: object) => ({
        paramRef: { namespace: server.namespace, parameterNotFoundAction: 'Deny', ...more },
      });
      await policy('named', spec('named'), ref({ name: 'one' }));
      await policy('selected', spec('selected'), ref({ selector: { matchLabels: { params: 'yes' } } }));
      await policy('missing', spec('missing'), ref({ name: 'none' }));
      await policy('allowed', spec('allowed'), ref({ name: 'none', parameterNotFoundAction: 'Allow' }));
      await ready();
      // The real server reads parameters from a cache that follows.
      for (let attempt = 0; attempt < 600; attempt++) {
        const probe = { metadata: { name: 'named', labels: { use: 'named' } }, data: { a: '1', b: '2', c: '3' } };
        const { text } = await server.post(`${configMaps(server)}?dryRun=All`, probe, { unrecorded: true });
        if (text.includes('limited by')) break;
        await delay(100);
      }
      for (const use of ['named', 'selected', 'missing', 'allowed']) {
        await server.post(configMaps(server), {
          metadata: { name: use, labels: { use } },
          data: { a: '1', b: '2', c: '3' },
        });
      }
    });
  }),
  scenario(area, 'match by exclusion, name and operation', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      const [rule] = aboutConfigMaps;
      await policy('a', {
        matchConstraints: {
          resourceRules: [{ ...rule, resourceNames: ['a', 'b'] }],
          excludeResourceRules: [{ ...rule, resourceNames: ['b'] }],
        },
        validations: [{ expression: 'false', message: 'matched' }],
      });
      await ready();
      for (const name of ['a', 'b', 'c']) await server.post(configMaps(server), configMap(name));
      await server.delete(`${configMaps(server)}/b`);
    }),
  ),
  scenario(area, 'of custom resources', async (server) => {
    await server.installCrd(crd(server));
    await withPolicies(server, async ({ policy, ready }) => {
      const resourceRules = [
        { operations: ['*'], apiGroups: [group(server)], apiVersions: ['*'], resources: ['widgets', 'widgets/status'] },
      ];
      await policy('a', {
        matchConstraints: { resourceRules },
        matchConditions: [{ name: 'no-deletion', expression: "request.operation != 'DELETE'" }],
        validations: [
          {
            expression: '!has(object.spec.size) || object.spec.size % 2 == 1',
            messageExpression: "'even: ' + string(object.spec.size)",
          },
          {
            expression: "request.?subResource.orValue('') != 'status' || object.status.phase != 'Bad'",
            message: 'bad phase',
          },
        ],
      });
      await ready();
      await server.post(widgets(server), widget(server, 'a', { size: 2 }));
      await server.post(widgets(server), widget(server, 'a', { size: 3 }));
      await server.patch(`${widgets(server)}/a/status`, 'merge', { status: { phase: 'Bad' } });
      await server.patch(`${widgets(server)}/a/status`, 'merge', { status: { phase: 'Good' } });
      await server.delete(`${widgets(server)}/a`);
    });
  }),
  scenario(area, 'ask what the user may do', (server) =>
    withPolicies(server, async ({ policy, ready }) => {
      await policy('a', {
        matchConditions: notProbe,
        validations: [
          {
            expression: "authorizer.group('').resource('pods').namespace(request.namespace).check('delete').allowed()",
          },
          { expression: "authorizer.requestResource.check('update').allowed()" },
          {
            expression:
              "!authorizer.serviceAccount(request.namespace, 'nobody').group('').resource('pods').check('delete').allowed()",
          },
          { expression: "authorizer.path('/healthz').check('get').allowed()" },
          {
            expression:
              "authorizer.serviceAccount(request.namespace, 'nobody').group('').resource('pods').check('delete').reason() != ''",
          },
        ],
      });
      await ready();
      await server.post(configMaps(server), configMap('a'));
    }),
  ),
  scenario(area, 'whose expressions are wrong are refused', async (server) => {
    const matchConstraints = { resourceRules: aboutConfigMaps };
    const spec = (more: object) => ({ matchConstraints, validations: [{ expression: 'true' }], ...more });
    const wrong = {
      syntax: spec({ validations: [{ expression: 'object.' }] }),
      type: spec({ validations: [{ expression: "'text'" }] }),
      dynamic: spec({ validations: [{ expression: 'object.spec' }] }),
      field: spec({ validations: [{ expression: 'request.nothing == 1' }] }),
      params: spec({ validations: [{ expression: "params.x == 'y'" }] }),
      unknown: spec({ validations: [{ expression: 'self.x > 1 && other' }] }),
      message: spec({ validations: [{ expression: 'true', messageExpression: '1 + 1' }] }),
      authorizer: spec({
        validations: [{ expression: 'true', messageExpression: "authorizer.path('/x').check('get').reason()" }],
      }),
      condition: spec({ matchConditions: [{ name: 'c', expression: '1' }] }),
      annotation: spec({ auditAnnotations: [{ key: 'k', valueExpression: '1' }] }),
      variable: spec({
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '1' },
        ],
      }),
      good: spec({ variables: [{ name: 'a', expression: '1' }], validations: [{ expression: 'variables.a == 1' }] }),
    };
    for (const [name, one] of Object.entries(wrong)) {
      await server.post(`${policies}?dryRun=All`, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: `${server.unique}-${name}` },
        spec: one,
      });
    }
  }),
  scenario(area, 'and their bindings that are malformed are refused', async (server) => {
    const [rule] = aboutConfigMaps;
    const matchConstraints = { resourceRules: aboutConfigMaps };
    const validations = [{ expression: 'true' }];
    const spec = (more: object) => ({ matchConstraints, validations, ...more });
    const wrong = {
      nothing: {},
      'no-rules': spec({ matchConstraints: {} }),
      'empty-rule': spec({ matchConstraints: { resourceRules: [{ ...rule, operations: [] }] } }),
      names: spec({ matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a', 'b/c'] }] } }),
      'no-validations': { matchConstraints },
      'empty-expression': spec({ validations: [{ expression: ' ' }] }),
      message: spec({ validations: [{ expression: 'true', message: ' ' }] }),
      lines: spec({ validations: [{ expression: 'true', message: 'a\nb' }] }),
      reason: spec({ validations: [{ expression: 'true', reason: 'Unauthorized' }] }),
      condition: spec({ matchConditions: [{ name: '', expression: 'true' }] }),
      conditions: spec({
        matchConditions: [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: '' },
        ],
      }),
      variable: spec({ variables: [{ name: 'a b', expression: '1' }] }),
      annotation: spec({ auditAnnotations: [{ key: 'a b', valueExpression: ' ' }] }),
      params: spec({ paramKind: { kind: 'Pod' } }),
    };
    const post = (path: string, kind: string, name: string, one: object) =>
      server.post(`${path}?dryRun=All`, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name: `${server.unique}-${name}` },
        spec: one,
      });
    for (const [name, one] of Object.entries(wrong)) await post(policies, 'ValidatingAdmissionPolicy', name, one);
    const binding = (more: object) => ({ policyName: 'p', validationActions: ['Deny'], ...more });
    const wrongBindings = {
      nothing: {},
      name: binding({ policyName: 'A b' }),
      actions: binding({ validationActions: ['Deny', 'Warn'] }),
      twice: binding({ validationActions: ['Audit', 'Audit'] }),
      unknown: binding({ validationActions: ['Log'] }),
      params: binding({ paramRef: {} }),
      both: binding({ paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } }),
      found: binding({ paramRef: { name: 'a', parameterNotFoundAction: 'Maybe' } }),
    };
    for (const [name, one] of Object.entries(wrongBindings)) {
      await post(bindings, 'ValidatingAdmissionPolicyBinding', name, one);
    }
  }),
];
