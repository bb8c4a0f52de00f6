import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { type ControlPlane, createControlPlane } from '../index.ts';

const pods = '/api/v1/namespaces/default/pods';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';

async function send(controlPlane: ControlPlane, method: string, url: string, body?: unknown) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const response = await controlPlane.handle({
    method,
    url,
    headers: { 'content-type': type },
    body: body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body)),
    signal: new AbortController().signal,
  });
  return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString()) };
}

async function withPod(status?: object): Promise<ControlPlane> {
  const controlPlane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await send(controlPlane, 'POST', pods, { metadata: { name: 'a', labels: { app: 'a' } }, spec });
  if (status) await send(controlPlane, 'PATCH', `${pods}/a/status`, { status });
  return controlPlane;
}

const binding = { metadata: { name: 'a' }, target: { kind: 'Node', name: 'n' } };
const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } };
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

test('a binding gives a pod its node and says that it is scheduled', async () => {
  await using controlPlane = await withPod();
  const answer = await send(controlPlane, 'POST', `${pods}/a/binding`, binding);
  expect(answer).toMatchObject({ status: 201, body: { kind: 'Status', status: 'Success' } });
  const { body } = await send(controlPlane, 'GET', `${pods}/a`);
  expect(body.spec.nodeName).toBe('n');
  expect(body.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
  expect((await send(controlPlane, 'POST', `${pods}/a/binding`, binding)).body.message).toContain('already assigned');
});

test('a dry run of a binding and of an eviction changes nothing', async () => {
  await using controlPlane = await withPod();
  const before = controlPlane.revision;
  expect((await send(controlPlane, 'POST', `${pods}/a/binding?dryRun=All`, binding)).status).toBe(201);
  expect((await send(controlPlane, 'POST', `${pods}/a/eviction?dryRun=All`, eviction)).status).toBe(201);
  const inBody = { ...eviction, deleteOptions: { dryRun: ['All'] } };
  expect((await send(controlPlane, 'POST', `${pods}/a/eviction`, inBody)).status).toBe(201);
  expect(controlPlane.revision).toBe(before);
});

test('an eviction removes a pod without a node, and marks one that runs somewhere', async () => {
  await using controlPlane = await withPod();
  expect((await send(controlPlane, 'POST', `${pods}/a/eviction`, eviction)).status).toBe(201);
  expect((await send(controlPlane, 'GET', `${pods}/a`)).status).toBe(404);
  await using other = await withPod(running);
  await send(other, 'POST', `${pods}/a/binding`, binding);
  await send(other, 'POST', `${pods}/a/eviction`, eviction);
  const { body } = await send(other, 'GET', `${pods}/a`);
  expect(body.metadata.deletionGracePeriodSeconds).toBe(30);
  expect(body.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }),
  );
});

test('an eviction takes from the budget of a pod that runs, and is 429 once nothing is left', async () => {
  await using controlPlane = await withPod(running);
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'a' } } };
  await send(controlPlane, 'POST', budgets, { metadata: { name: 'p' }, spec });
  const evict = () => send(controlPlane, 'POST', `${pods}/a/eviction`, eviction);
  expect((await evict()).body.details.causes[0].message).toContain('still being processed');
  const status = {
    observedGeneration: 1,
    disruptionsAllowed: 0,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
  };
  await send(controlPlane, 'PATCH', `${budgets}/p/status`, { status });
  const refused = await evict();
  expect([refused.status, refused.body.details.causes[0].message]).toEqual([
    429,
    'The disruption budget p needs 1 healthy pods and has 1 currently',
  ]);
  await send(controlPlane, 'PATCH', `${budgets}/p/status`, { status: { disruptionsAllowed: 1 } });
  expect((await evict()).status).toBe(201);
  const { body } = await send(controlPlane, 'GET', `${budgets}/p`);
  expect(body.status).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'InsufficientPods' }] });
  expect(Object.keys(body.status.disruptedPods)).toEqual(['a']);
});

test('a pod that is not healthy goes where its budget has enough healthy ones', async () => {
  await using controlPlane = await withPod({ phase: 'Running' });
  const spec = { minAvailable: 1, selector: {} };
  await send(controlPlane, 'POST', budgets, { metadata: { name: 'p' }, spec });
  const status = {
    observedGeneration: 1,
    disruptionsAllowed: 0,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 2,
  };
  await send(controlPlane, 'PATCH', `${budgets}/p/status`, { status });
  expect((await send(controlPlane, 'POST', `${pods}/a/eviction`, eviction)).status).toBe(201);
});
