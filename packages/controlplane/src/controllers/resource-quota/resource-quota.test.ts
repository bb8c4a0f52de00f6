import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';

const core = '/api/v1/namespaces/default';
const map = (name: string) => ({ metadata: { name } });
const quota = (hard: object, more: object = {}) => ({ metadata: { name: 'q' }, spec: { hard, ...more } });
const statusOf = async (c: TestCluster) => (await c.get(`${core}/resourcequotas/q`)).body.status;

function pod(name: string, cpu: string, more: object = {}): object {
  return {
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...more },
  };
}

test('what is there is counted, what comes is charged, and what goes is given back', async () => {
  await using c = new TestCluster(['resourcequota']);
  await c.create(`${core}/configmaps`, map('before'));
  await c.create(`${core}/resourcequotas`, quota({ configmaps: '2', 'count/things.example.com': '1' }));
  await c.settle();
  const hard = { configmaps: '2', 'count/things.example.com': '1' };
  expect(await statusOf(c)).toEqual({ hard, used: { configmaps: '1' } });
  await c.create(`${core}/configmaps`, map('a'));
  const refused = await c.request('POST', `${core}/configmaps`, map('b'));
  expect(refused.body.message).toMatch(
    'exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
  );
  await c.delete(`${core}/configmaps/before`);
  await c.settle();
  expect((await statusOf(c)).used).toEqual({ configmaps: '1' });
  await c.create(`${core}/configmaps`, map('b'));
  expect(c.failures).toEqual([]);
});

test('pods that have ended use no more than their place', async () => {
  await using c = new TestCluster(['resourcequota']);
  await c.create(`${core}/resourcequotas`, quota({ 'requests.cpu': '1', pods: '5', 'count/pods': '5' }));
  await c.settle();
  await c.create(`${core}/pods`, pod('a', '600m'));
  expect((await c.request('POST', `${core}/pods`, pod('b', '600m'))).status).toBe(403);
  await c.patch(`${core}/pods/a/status`, { status: { phase: 'Succeeded' } });
  await c.settle();
  expect((await statusOf(c)).used).toEqual({ 'count/pods': '1', pods: '0', 'requests.cpu': '0' });
  await c.create(`${core}/pods`, pod('b', '600m'));
});

test('many at once never use more than there is', async () => {
  await using c = new TestCluster(['resourcequota']);
  await c.create(`${core}/resourcequotas`, quota({ configmaps: '7' }));
  await c.settle();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => c.request('POST', `${core}/configmaps`, map(`m${index}`))),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(7);
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(13);
  expect((await statusOf(c)).used).toEqual({ configmaps: '7' });
});

test('a quota that changes is counted anew, also by other conditions', async () => {
  await using c = new TestCluster(['resourcequota']);
  await c.create(`${core}/pods`, pod('short', '1', { activeDeadlineSeconds: 1 }));
  await c.create(`${core}/pods`, pod('long', '2'));
  await c.create(`${core}/resourcequotas`, quota({ 'requests.cpu': '9' }, { scopes: ['Terminating'] }));
  await c.settle();
  expect((await statusOf(c)).used).toEqual({ 'requests.cpu': '1' });
  await c.patch(`${core}/resourcequotas/q`, { spec: { hard: { 'requests.cpu': null, pods: '3' } } });
  await c.settle();
  expect(await statusOf(c)).toEqual({ hard: { pods: '3' }, used: { pods: '1' } });
});

test('all is counted again every five minutes', async () => {
  await using c = new TestCluster(['resourcequota']);
  await c.create(`${core}/resourcequotas`, quota({ configmaps: '2' }));
  await c.create(`${core}/configmaps`, map('a'));
  await c.settle();
  // It was charged before its name was found taken.
  expect((await c.request('POST', `${core}/configmaps`, map('a'))).status).toBe(409);
  expect((await statusOf(c)).used).toEqual({ configmaps: '2' });
  await c.clock.advance(300_000);
  await c.settle();
  expect((await statusOf(c)).used).toEqual({ configmaps: '1' });
});
