import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
const rule = { verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] };
const gathering = (name: string, label: string) => ({
  metadata: { name },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
});

test('a role gathers what others allow, in the order of their names, each rule once, and lets go of it', async () => {
  await using c = new TestCluster(['clusterrole-aggregation']);
  const part = (name: string, ...rules: object[]) => ({ metadata: { name, labels: { a: 'true' } }, rules });
  await c.create(roles, part('part-b', { ...rule, verbs: ['list'] }, rule));
  await c.create(roles, part('part-a', rule));
  await c.create(roles, gathering('all', 'a'));
  await c.settle();
  expect((await c.get(`${roles}/all`)).body.rules).toEqual([rule, { ...rule, verbs: ['list'] }]);
  await c.delete(`${roles}/part-b`);
  await c.settle();
  expect((await c.get(`${roles}/all`)).body.rules).toEqual([rule]);
  expect(c.failures).toEqual([]);
});

test('what is added to view is in edit and admin as well', async () => {
  await using c = new TestCluster(['clusterrole-aggregation']);
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  await c.create(roles, { metadata: { name: 'things-view', labels }, rules: [rule] });
  await c.settle();
  for (const name of ['view', 'edit', 'admin']) {
    expect((await c.get(`${roles}/${name}`)).body.rules).toContainEqual(rule);
  }
});

test('the roles of a new cluster have what they gather from the start', async () => {
  await using c = new TestCluster(['clusterrole-aggregation']);
  const before = c.plane.revision;
  await c.settle();
  expect(c.plane.revision).toBe(before);
  const view = (await c.get(`${roles}/system:aggregate-to-view`)).body;
  expect((await c.get(`${roles}/view`)).body.rules).toEqual(view.rules);
});
