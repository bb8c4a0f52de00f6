// The operator of the tutorial, deployed by the command: its life in a cluster.

import type { Client } from 'setpoint/client';
import { Namespace, Pod } from 'setpoint/core/v1';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Foo } from '../../operators/foo/src/api/v1/foo.ts';
import { connected, deploy, leader, objectsOf, patience, readyPods, scale, undeploy } from './testing.ts';

const name = 'foo-operator';
const namespace = `${name}-system`;
let client: Client;
let before: readonly string[];

beforeAll(async () => {
  client = await connected();
  before = await objectsOf(client);
  await deploy('foo', 'localhost/foo:1');
});

afterAll(async () => {
  await undeploy('foo');
  await client[Symbol.asyncDispose]();
});

/** A Foo gets happy with a Pod of its friend's name: somebody reconciles. */
async function reconciles(friend: string): Promise<void> {
  const key = { namespace: 'default', name: friend };
  await client.create(Foo, { metadata: key, spec: { name: friend } });
  const happy = async () => (await client.get(Foo, key)).status?.happy;
  await expect.poll(happy, patience).toBe(false);
  await client.create(Pod, { metadata: key, spec: { containers: [{ name: 'web', image: 'localhost/web:1' }] } });
  await expect.poll(happy, patience).toBe(true);
  await client.delete(Pod, key, { gracePeriodSeconds: 0 });
  await expect.poll(happy, patience).toBe(false);
  await client.delete(Foo, key);
}

test('its pod is ready where only restricted pods may be, and holds the Lease', async () => {
  const { metadata } = await client.get(Namespace, { name: namespace });
  expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const pods = await readyPods(client, name);
  expect(pods).toHaveLength(1);
  await expect.poll(() => leader(client, name), patience).toBe(pods[0]);
});

test('it reconciles', () => reconciles('friend'));

test('it survives the deletion of its pod', async () => {
  const [first = ''] = await readyPods(client, name);
  await client.delete(Pod, { namespace, name: first });
  await expect.poll(() => readyPods(client, name), patience).toEqual([expect.not.stringMatching(first)]);
  const [second] = await readyPods(client, name);
  await expect.poll(() => leader(client, name), patience).toBe(second);
  await reconciles('after-deletion');
});

test('a second replica takes over, and the work goes on', async () => {
  await scale(client, name, 2);
  await expect.poll(() => readyPods(client, name), patience).toHaveLength(2);
  const first = await leader(client, name);
  const [second] = (await readyPods(client, name)).filter((pod) => pod !== first);
  await client.delete(Pod, { namespace, name: first });
  await expect.poll(() => leader(client, name), patience).toBe(second);
  await reconciles('after-take-over');
  await expect.poll(() => readyPods(client, name), patience).toHaveLength(2);
});

test('undeploy leaves nothing behind', async () => {
  await undeploy('foo');
  await expect.poll(() => objectsOf(client), patience).toEqual(before);
});
