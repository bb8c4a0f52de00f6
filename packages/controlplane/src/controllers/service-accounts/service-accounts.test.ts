import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const accounts = (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`;
const maps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;

test('every namespace has a service account, and gets it again', async () => {
  await using c = new TestCluster(['serviceaccount']);
  await c.create('/api/v1/namespaces', { metadata: { name: 'a' } });
  await c.settle();
  expect((await c.get('/api/v1/serviceaccounts')).body.items).toHaveLength(5);
  const { uid } = (await c.get(`${accounts('a')}/default`)).body.metadata;
  await c.delete(`${accounts('a')}/default`);
  await c.settle();
  expect((await c.get(`${accounts('a')}/default`)).body.metadata.uid).not.toBe(uid);
});

test('a namespace that is going gets nothing any more', async () => {
  await using c = new TestCluster(['serviceaccount', 'root-ca-cert-publisher', 'namespace']);
  await c.create('/api/v1/namespaces', { metadata: { name: 'a' } });
  await c.settle();
  await c.delete('/api/v1/namespaces/a');
  await c.settle();
  expect((await c.get('/api/v1/namespaces/a')).status).toBe(404);
  expect((await c.get(accounts('a'))).body.items).toEqual([]);
  expect(c.failures).toEqual([]);
});

test('every namespace has the certificate of the authority, and gets it back as it was', async () => {
  await using c = new TestCluster(['root-ca-cert-publisher']);
  await c.settle();
  const url = `${maps('default')}/kube-root-ca.crt`;
  const { data } = (await c.get(url)).body;
  expect(data['ca.crt']).toMatch(/^-----BEGIN CERTIFICATE-----/);
  await c.patch(url, { data: { other: 'x' } });
  await c.settle();
  expect((await c.get(url)).body.data).toEqual(data);
  await c.delete(url);
  await c.settle();
  expect((await c.get(url)).body.data).toEqual(data);
});

test('a secret for a token is filled, and goes with its account', async () => {
  await using c = new TestCluster(['serviceaccount-token']);
  await c.create(accounts('default'), { metadata: { name: 'robot' } });
  const secrets = '/api/v1/namespaces/default/secrets';
  const annotations = { 'kubernetes.io/service-account.name': 'robot' };
  await c.create(secrets, { metadata: { name: 's', annotations }, type: 'kubernetes.io/service-account-token' });
  await c.settle();
  const { data } = (await c.get(`${secrets}/s`)).body;
  expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
  expect(atob(data.namespace)).toBe('default');
  await c.delete(`${accounts('default')}/robot`);
  await c.settle();
  expect((await c.get(`${secrets}/s`)).status).toBe(404);
});
