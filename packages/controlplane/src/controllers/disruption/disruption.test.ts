import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

test('a budget counts the pods that it selects', async () => {
  await using cluster = new TestCluster(['*']);
  const labels = { app: 'a' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 4, selector: { matchLabels: labels }, template };
  await cluster.create(deployments, { metadata: { name: 'a' }, spec });
  const selector = { matchLabels: labels };
  await cluster.create(budgets, { metadata: { name: 'min' }, spec: { minAvailable: '50%', selector } });
  await cluster.create(budgets, { metadata: { name: 'max' }, spec: { maxUnavailable: 1, selector } });
  await cluster.settle();
  expect((await cluster.get(`${budgets}/min`)).body.status).toMatchObject({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 2,
    expectedPods: 4,
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
  });
  await cluster.advance(1000);
  expect((await cluster.get(`${budgets}/min`)).body.status).toMatchObject({ disruptionsAllowed: 2, currentHealthy: 4 });
  expect((await cluster.get(`${budgets}/max`)).body.status).toMatchObject({ disruptionsAllowed: 1, desiredHealthy: 3 });
  expect(cluster.failures).toEqual([]);
});
