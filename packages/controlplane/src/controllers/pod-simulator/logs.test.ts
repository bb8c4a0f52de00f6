import { expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.ts';
import type { PodRule } from './index.ts';

const pods = '/api/v1/namespaces/default/pods';

const newCluster = (...rules: readonly PodRule[]) =>
  new TestCluster(['pod-simulator', 'serviceaccount'], { pods: rules });

const pod = (name: string, ...containers: readonly string[]) => ({
  metadata: { name },
  spec: { containers: containers.map((one) => ({ name: one, image: 'i' })) },
});

async function logs(cluster: TestCluster, name: string, query = '') {
  const { status, headers, body } = await cluster.plane.handle({
    method: 'GET',
    url: `${pods}/${name}/log${query}`,
    headers: {},
    body: new Uint8Array(0),
    signal: AbortSignal.timeout(5000),
  });
  if (body instanceof Uint8Array) return { status, type: headers['content-type'], text: Buffer.from(body).toString() };
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return { status, type: headers['content-type'], text };
}

test('what a container has written is its log: all, the last lines, since then, with times, up to a size', async () => {
  await using cluster = newCluster({ log: 'one\ntwo\nthree\n' });
  await cluster.create(pods, pod('a', 'c'));
  await cluster.advance(1000);
  expect(await logs(cluster, 'a')).toEqual({ status: 200, type: 'text/plain', text: 'one\ntwo\nthree\n' });
  expect((await logs(cluster, 'a', '?tailLines=1')).text).toBe('three\n');
  expect((await logs(cluster, 'a', '?limitBytes=5')).text).toBe('one\nt');
  expect((await logs(cluster, 'a', '?timestamps=true&tailLines=1')).text).toMatch(
    /^2026-01-01T00:00:00\.\d{9}Z three\n$/,
  );
  await cluster.advance(60_000);
  cluster.plane.pods.write({ name: 'a' }, 'late');
  expect((await logs(cluster, 'a', '?sinceSeconds=10')).text).toBe('late\n');
});

test('a reader that follows gets what comes, until the pod goes', async () => {
  await using cluster = newCluster({ log: 'begin' });
  await cluster.create(pods, pod('a', 'c'));
  await cluster.advance(1000);
  const following = logs(cluster, 'a', '?follow=true');
  await cluster.settle();
  cluster.plane.pods.write({ name: 'a', container: 'c' }, 'middle');
  await cluster.settle();
  await cluster.delete(`${pods}/a`);
  await cluster.advance(1000);
  expect((await following).text).toBe('begin\nmiddle\n');
});

test('the log of the run before is kept', async () => {
  await using cluster = newCluster({ log: 'boom', exitCode: 1 });
  await cluster.create(pods, pod('a', 'c'));
  expect((await logs(cluster, 'a')).text).toBe('');
  await cluster.advance(5000);
  expect((await logs(cluster, 'a', '?previous=true')).text).toBe('boom\n');
});

test('what cannot be read is said as the API server and a kubelet say it', async () => {
  await using cluster = newCluster({ match: { name: 'b' }, pullError: 'gone' });
  await cluster.create(pods, pod('a', 'c', 'd'));
  await cluster.create(pods, pod('b', 'c'));
  await cluster.advance(1000);
  const message = async (name: string, query?: string) => {
    const { status, text } = await logs(cluster, name, query);
    return [status, JSON.parse(text).message];
  };
  expect(await message('a')).toEqual([400, 'a container name must be specified for pod a, choose one of: [c d]']);
  expect(await message('a', '?container=x')).toEqual([400, 'container x is not valid for pod a']);
  expect(await message('a', '?container=c&previous=true')).toEqual([
    400,
    'previous terminated container "c" in pod "a" not found',
  ]);
  expect(await message('b')).toEqual([
    400,
    'container "c" in pod "b" is waiting to start: trying and failing to pull image',
  ]);
  expect(await message('none')).toEqual([404, 'pods "none" not found']);
  expect((await logs(cluster, 'a', '?container=c&tailLines=-1')).status).toBe(422);
});
