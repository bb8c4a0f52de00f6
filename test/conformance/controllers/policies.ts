import { type ScenarioServer, scenario } from '../scenario.ts';
import { crd, group } from '../scenarios/fixtures.ts';

const area = 'controllers: policies';
const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

const about = (apiGroups: string[], apiVersions: string[], ...resources: string[]) => ({
  apiGroups,
  apiVersions,
  operations: ['CREATE'],
  resources,
});

const deployments = about(['apps'], ['v1'], 'deployments');

/** Makes a policy, waits until it has been looked at, and records what was said of it. */
async function checked(
  server: ScenarioServer,
  name: string,
  spec: object,
  rules: object[] = [deployments],
): Promise<string> {
  const path = `${policies}/${server.unique}-${name}`;
  const body = {
    metadata: { name: `${server.unique}-${name}` },
    spec: { matchConstraints: { resourceRules: rules }, ...spec },
  };
  const { status, text } = await server.post(policies, body, { unrecorded: true });
  if (status !== 201) throw new Error(text);
  await looked(server, path);
  return path;
}

async function looked(server: ScenarioServer, path: string): Promise<void> {
  await server.until(path, ({ body }) => body.status?.observedGeneration === body.metadata?.generation);
  await server.get(path);
}

const valid = (...expressions: string[]) => ({ validations: expressions.map((expression) => ({ expression })) });

export const policyControllers = [
  scenario(area, 'say what is wrong with expressions for the kinds that a policy names', async (server) => {
    const made = [
      await checked(server, 'right', valid('object.spec.replicas > 1', "object.metadata.name == 'a'")),
      await checked(server, 'field', valid('object.spec.replica > 1', 'oldObject == null || oldObject.spec.nope == 1')),
      await checked(
        server,
        'type',
        valid("object.spec.replicas == 'a'", 'object.spec.template.spec.containers.exists(c, c.image == 1)'),
      ),
      await checked(server, 'message', {
        validations: [{ expression: 'true', messageExpression: "'has ' + object.spec.nope" }],
      }),
      await checked(server, 'variables', {
        variables: [
          { name: 'good', expression: 'object.spec.replicas' },
          { name: 'bad', expression: 'object.spec.nope' },
        ],
        ...valid("variables.good == 'a'", 'variables.bad == 1'),
      }),
      await checked(server, 'kinds', valid('object.spec.replicas > 1'), [
        about(['apps'], ['v1'], 'deployments', 'daemonsets', 'statefulsets/scale'),
        about([''], ['v1'], 'pods', 'events', 'namespaces'),
      ]),
      await checked(server, 'stars', valid('object.spec.nope > 1'), [
        about(['*'], ['v1'], 'deployments'),
        about(['apps'], ['*'], 'deployments'),
        about(['apps'], ['v1'], '*'),
        about(['nobody.example.com'], ['v1'], 'things'),
      ]),
      await checked(
        server,
        'mixed',
        valid(
          'object.spec.template.spec.containers[0].ports[0].containerPort > 1',
          "object.spec.strategy.rollingUpdate.maxSurge == 1 || object.spec.strategy.rollingUpdate.maxSurge == 'a'",
        ),
      ),
      await checked(
        server,
        'times',
        valid(
          "object.metadata.creationTimestamp > timestamp('2020-01-01T00:00:00Z')",
          "object.metadata.labels['a'] == 'b'",
          'object.metadata.nope == 1',
          "object.spec.template.spec.containers[0].resources.limits['cpu'] == '1'",
        ),
      ),
      await checked(server, 'params', {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        ...valid("params.data['a'] == 'b'", 'params.nope == 1'),
      }),
      await checked(
        server,
        'authorizer',
        valid(
          "authorizer.group('').resource('pods').check('get').allowed()",
          "authorizer.requestResource.check('get').allowed()",
        ),
      ),
    ];
    for (const path of made) await server.delete(path, { unrecorded: true });
  }),
  scenario(area, 'look at policies about custom resources, and again when they change', async (server) => {
    await server.installCrd(crd(server));
    const rules = [about([group(server)], ['v1'], 'widgets')];
    // Kinds are known by what is published of them, and each generation is looked at but once.
    const published = `/openapi/v3/apis/${group(server)}/v1`;
    await server.until(published, ({ text }) => text.includes('Widget'));
    const path = await checked(server, 'custom', valid('object.spec.size > 1', 'object.spec.nope > 1'), rules);
    await server.patch(path, 'merge', { spec: valid("object.spec.color == 'red'") }, { unrecorded: true });
    await looked(server, path);
    await server.delete(path, { unrecorded: true });
  }),
];
