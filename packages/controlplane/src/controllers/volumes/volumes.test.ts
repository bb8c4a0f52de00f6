import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
const volumes = '/api/v1/persistentvolumes';
const classes = '/apis/storage.k8s.io/v1/storageclasses';
const on = ['persistentvolume-binder', 'volume-provisioner', 'pvc-protection', 'pv-protection'];

const claim = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const volume = (name: string, storage: string, spec: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, hostPath: { path: '/x' }, ...spec },
});
const noClass = { storageClassName: '' };

test('a claim gets the smallest volume that fits, and keeps it', async () => {
  await using c = new TestCluster(on);
  await c.create(volumes, volume('big', '9Gi'));
  await c.create(volumes, volume('small', '2Gi'));
  await c.settle();
  await c.create(claims, claim('c', noClass));
  await c.settle();
  expect((await c.get(`${claims}/c`)).body).toMatchObject({
    spec: { volumeName: 'small' },
    status: { phase: 'Bound', capacity: { storage: '2Gi' } },
  });
  expect((await c.get(`${volumes}/small`)).body).toMatchObject({
    spec: { claimRef: { kind: 'PersistentVolumeClaim', name: 'c' } },
    status: { phase: 'Bound' },
  });
  expect((await c.get(`${volumes}/big`)).body.status.phase).toBe('Available');
});

test('two claims never share a volume; the other one waits until there is one', async () => {
  await using c = new TestCluster(on);
  await c.create(volumes, volume('one', '2Gi'));
  for (const name of ['a', 'b']) await c.create(claims, claim(name, noClass));
  await c.settle();
  const phases = async () =>
    (await c.get(claims)).body.items.map((one: { status: { phase: string } }) => one.status.phase);
  expect((await phases()).sort()).toEqual(['Bound', 'Pending']);
  await c.create(volumes, volume('two', '2Gi'));
  await c.settle();
  expect(await phases()).toEqual(['Bound', 'Bound']);
});

test('a class makes a volume for each claim, and takes it back with the claim', async () => {
  await using c = new TestCluster(on);
  await c.create(classes, { metadata: { name: 'fast' }, provisioner: 'x.y/z' });
  await c.create(claims, claim('c', { storageClassName: 'fast' }));
  await c.settle();
  const { spec, status } = (await c.get(`${claims}/c`)).body;
  expect(status.phase).toBe('Bound');
  expect((await c.get(`${volumes}/${spec.volumeName}`)).body).toMatchObject({
    metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': 'x.y/z' } },
    status: { phase: 'Bound' },
  });
  await c.delete(`${claims}/c`);
  await c.settle();
  expect((await c.get(claims)).body.items).toEqual([]);
  expect((await c.get(volumes)).body.items).toEqual([]);
});

test('a class that binds late makes the volume when a pod uses the claim', async () => {
  await using c = new TestCluster(on);
  const volumeBindingMode = 'WaitForFirstConsumer';
  await c.create(classes, { metadata: { name: 'late' }, provisioner: 'x.y/z', volumeBindingMode });
  await c.create(claims, claim('c', { storageClassName: 'late' }));
  await c.settle();
  expect((await c.get(`${claims}/c`)).body.status.phase).toBe('Pending');
  expect((await c.get(volumes)).body.items).toEqual([]);
  const uses = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: uses } };
  await c.create('/api/v1/namespaces/default/pods', pod);
  await c.settle();
  expect((await c.get(`${claims}/c`)).body.status.phase).toBe('Bound');
  expect(c.failures).toEqual([]);
});

test('a claim without a class gets the default one once there is one', async () => {
  await using c = new TestCluster(on);
  await c.create(claims, claim('c'));
  await c.settle();
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  await c.create(classes, { metadata: { name: 'usual', annotations }, provisioner: 'x.y/z' });
  await c.settle();
  expect((await c.get(`${claims}/c`)).body).toMatchObject({
    spec: { storageClassName: 'usual' },
    status: { phase: 'Bound' },
  });
});

test('a claim that a pod uses is kept until the pod goes, and its volume with it', async () => {
  await using c = new TestCluster(on);
  await c.create(volumes, volume('one', '2Gi'));
  await c.create(claims, claim('c', noClass));
  const uses = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], volumes: uses };
  await c.create('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec });
  await c.settle();
  await c.delete(`${claims}/c`);
  await c.delete(`${volumes}/one`);
  await c.settle();
  expect((await c.get(`${claims}/c`)).body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  expect((await c.get(`${volumes}/one`)).body.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
  await c.delete('/api/v1/namespaces/default/pods/p', { gracePeriodSeconds: 0 });
  await c.settle();
  expect((await c.get(`${claims}/c`)).status).toBe(404);
  expect((await c.get(`${volumes}/one`)).status).toBe(404);
});
