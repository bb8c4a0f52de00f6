import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const rules = (group: string, version: string, ...resources: string[]) => ({
  resourceRules: [{ apiGroups: [group], apiVersions: [version], operations: ['CREATE'], resources }],
});

const policy = (matchConstraints: object, ...expressions: string[]) => ({
  metadata: { name: 'p' },
  spec: { matchConstraints, validations: expressions.map((expression) => ({ expression })) },
});

const cluster = () => new TestCluster(['validatingadmissionpolicy-status-controller']);

async function statusOf(c: TestCluster): Promise<unknown> {
  await c.settle();
  return (await c.get(`${policies}/p`)).body.status;
}

test('the status says which expressions do not fit the kinds that a policy names', async () => {
  await using c = cluster();
  const deployments = rules('apps', 'v1', 'deployments', 'daemonsets');
  await c.create(
    policies,
    policy(deployments, 'object.spec.replicas > 1', 'object.spec.template.spec.hostNetwork == true'),
  );
  const warning =
    "apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n | ...........^\n";
  expect(await statusOf(c)).toEqual({
    observedGeneration: 1,
    typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning }] },
  });
  expect(c.failures).toEqual([]);
});

test('each generation is looked at once', async () => {
  await using c = cluster();
  await c.create(policies, policy(rules('apps', 'v1', 'deployments'), 'object.spec.nope == 1'));
  expect(await statusOf(c)).toMatchObject({ typeChecking: { expressionWarnings: [{}] } });
  await c.patch(`${policies}/p`, { spec: { validations: [{ expression: 'object.spec.paused == true' }] } });
  expect(await statusOf(c)).toEqual({ observedGeneration: 2 });
  const { revision } = c.plane;
  await c.settle();
  expect(c.plane.revision).toBe(revision);
});

test('whoever says everything is not checked, and lists that nest in themselves have an end', async () => {
  await using c = cluster();
  await c.create(policies, policy(rules('apps', '*', 'deployments'), 'object.spec.nope == 1'));
  expect(await statusOf(c)).toEqual({ observedGeneration: 1, typeChecking: {} });
  const crds = rules('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  const versions = "object.spec.versions.all(v, v.schema.openAPIV3Schema.type == 'object')";
  await c.patch(`${policies}/p`, { spec: { matchConstraints: crds, validations: [{ expression: versions }] } });
  expect(await statusOf(c)).toEqual({ observedGeneration: 2, typeChecking: {} });
});

test('custom resources are what their definition says', async () => {
  await using c = cluster();
  const properties = { spec: { type: 'object', properties: { size: { type: 'integer' } } } };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties } },
  };
  await c.create(definitions, {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [version] },
  });
  await c.create(
    policies,
    policy(rules('example.com', 'v1', 'foos'), "object.spec.size == 'a'", 'object.spec.size > 1'),
  );
  expect(await statusOf(c)).toMatchObject({
    typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression' }] },
  });
});
