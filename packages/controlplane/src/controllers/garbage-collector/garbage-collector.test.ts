import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const cluster = () => new TestCluster(['garbagecollector']);

interface Owner {
  readonly metadata: { readonly name: string; readonly uid: string };
}
const ownedBy = (owner: Owner, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});
const map = (name: string, ownerReferences: readonly object[] = []) => ({ metadata: { name, ownerReferences } });

test('a dependent goes after its owner, and its own dependents after it', async () => {
  await using c = cluster();
  const owner = await c.create(maps, map('owner'));
  const child = await c.create(maps, map('child', [ownedBy(owner)]));
  await c.create(maps, map('grandchild', [ownedBy(child)]));
  await c.settle();
  await c.delete(`${maps}/owner`);
  await c.settle();
  expect((await c.get(maps)).body.items).toEqual([]);
});

test('a dependent with another owner stays, without the reference to the one that is gone', async () => {
  await using c = cluster();
  const [one, two] = [await c.create(maps, map('one')), await c.create(maps, map('two'))];
  await c.create(maps, map('child', [ownedBy(one), ownedBy(two)]));
  await c.delete(`${maps}/one`);
  await c.settle();
  const child = await c.get(`${maps}/child`);
  expect(child.body.metadata.ownerReferences).toEqual([ownedBy(two)]);
});

test('an owner that is absent, of another uid or in another namespace is none', async () => {
  await using c = cluster();
  const here = await c.create(maps, map('here'));
  await c.create('/api/v1/namespaces', { metadata: { name: 'other' } });
  await c.create(maps, map('absent', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'nobody' }]));
  await c.create(maps, map('wrong-uid', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'here', uid: 'nobody' }]));
  const others = '/api/v1/namespaces/other/configmaps';
  const stranger = await c.create(others, map('stranger', [ownedBy(here)]));
  await c.settle();
  expect((await c.get(maps)).body.items.map((one: Owner) => one.metadata.name)).toEqual(['here']);
  expect((await c.get(others)).body.items).toEqual([]);
  const events = await c.get('/api/v1/namespaces/other/events');
  expect(events.body.items).toMatchObject([
    {
      reason: 'OwnerRefInvalidNamespace',
      type: 'Warning',
      message: `ownerRef [v1/ConfigMap, namespace: other, name: here, uid: ${here.metadata.uid}] does not exist in namespace "other"`,
      involvedObject: { kind: 'ConfigMap', name: 'stranger', uid: stranger.metadata.uid },
      source: { component: 'garbage-collector-controller' },
      count: 1,
    },
  ]);
});

test('what belongs to the cluster and refers to an owner in a namespace is left alone', async () => {
  await using c = cluster();
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'nobody' };
  await c.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', { ...map('r', [owner]), rules: [] });
  await c.settle();
  expect((await c.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/r')).status).toBe(200);
});

test('in the foreground the owner waits for those that block it', async () => {
  await using c = cluster();
  const owner = await c.create(maps, map('owner'));
  const blocking = ownedBy(owner, { blockOwnerDeletion: true });
  const held = map('held', [blocking]);
  await c.create(maps, { metadata: { ...held.metadata, finalizers: ['x.y/z'] } });
  await c.create(maps, map('free', [blocking]));
  await c.delete(`${maps}/owner`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' });
  await c.settle();
  expect((await c.get(`${maps}/free`)).status).toBe(404);
  expect((await c.get(`${maps}/owner`)).body.metadata.finalizers).toEqual(['foregroundDeletion']);
  await c.patch(`${maps}/held`, { metadata: { finalizers: null } });
  await c.settle();
  expect((await c.get(maps)).body.items).toEqual([]);
});

test('in the foreground a dependent that does not block any more lets the owner go', async () => {
  await using c = cluster();
  const owner = await c.create(maps, map('owner'));
  const blocking = ownedBy(owner, { blockOwnerDeletion: true });
  await c.create(maps, { metadata: { ...map('held', [blocking]).metadata, finalizers: ['x.y/z'] } });
  await c.delete(`${maps}/owner`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' });
  await c.settle();
  expect((await c.get(`${maps}/owner`)).status).toBe(200);
  await c.patch(`${maps}/held`, { metadata: { ownerReferences: [ownedBy(owner, { blockOwnerDeletion: false })] } });
  await c.settle();
  expect((await c.get(`${maps}/owner`)).status).toBe(404);
});

test('a circle of owners that is deleted in the foreground does not wait for itself', async () => {
  await using c = cluster();
  const one = await c.create(maps, map('one'));
  const two = await c.create(maps, map('two', [ownedBy(one, { blockOwnerDeletion: true })]));
  await c.patch(`${maps}/one`, { metadata: { ownerReferences: [ownedBy(two, { blockOwnerDeletion: true })] } });
  await c.delete(`${maps}/one`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' });
  await c.settle();
  expect((await c.get(maps)).body.items).toEqual([]);
});

test('an owner that orphans leaves its dependents without it', async () => {
  await using c = cluster();
  const owner = await c.create(maps, map('owner'));
  await c.create(maps, map('child', [ownedBy(owner, { controller: true })]));
  await c.delete(`${maps}/owner`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Orphan' });
  await c.settle();
  expect((await c.get(`${maps}/owner`)).status).toBe(404);
  expect((await c.get(`${maps}/child`)).body.metadata.ownerReferences).toBeUndefined();
});

test('an owner of a kind that is not served is waited for', async () => {
  await using c = cluster();
  await c.create(maps, map('child', [{ apiVersion: 'x.dev/v1', kind: 'Foo', name: 'a', uid: 'nobody' }]));
  await c.settle();
  expect((await c.get(`${maps}/child`)).status).toBe(200);
  const schema = { openAPIV3Schema: { type: 'object' } };
  await c.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.x.dev' },
    spec: {
      group: 'x.dev',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await c.settle();
  expect((await c.get(`${maps}/child`)).status).toBe(404);
});

test('custom resources are collected as well', async () => {
  await using c = cluster();
  const schema = { openAPIV3Schema: { type: 'object' } };
  await c.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.x.dev' },
    spec: {
      group: 'x.dev',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const owner = await c.create(maps, map('owner'));
  const foos = '/apis/x.dev/v1/namespaces/default/foos';
  await c.create(foos, { apiVersion: 'x.dev/v1', kind: 'Foo', ...map('a', [ownedBy(owner)]) });
  await c.delete(`${maps}/owner`);
  await c.settle();
  expect((await c.get(foos)).body.items).toEqual([]);
});

test('after a reset nothing is remembered, and the collector works', async () => {
  await using c = cluster();
  const before = await c.create(maps, map('owner'));
  await c.create(maps, map('child', [ownedBy(before)]));
  c.plane.reset();
  expect(c.plane.activity().controllers).toBe(0);
  const owner = await c.create(maps, map('owner'));
  await c.create(maps, map('child', [ownedBy(owner)]));
  await c.delete(`${maps}/owner`);
  await c.settle();
  expect((await c.get(maps)).body.items).toEqual([]);
  expect(c.failures).toEqual([]);
});
