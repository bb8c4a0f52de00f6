// An operator whose children are real pods that answer, and one whose webhooks the API server asks.
import { MutatingWebhookConfiguration } from 'setpoint/admissionregistration.k8s.io/v1';
import { Deployment } from 'setpoint/apps/v1';
import type { Client } from 'setpoint/client';
import { Service } from 'setpoint/core/v1';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EasyService } from '../../operators/easyservice/src/api/v1/easyservice.ts';
import { cluster, connected, deploy, objectsOf, patience, undeploy } from './testing.ts';

const key = { namespace: 'default', name: 'hello' };
let client: Client;
let before: readonly string[];

beforeAll(async () => {
  client = await connected();
  before = await objectsOf(client);
  await deploy('easyservice', 'localhost/easyservice:1');
});

afterAll(async () => {
  await undeploy('easyservice');
  await client[Symbol.asyncDispose]();
});

test('children of an EasyService answer at the port of the node, and go with it', async () => {
  const nodePort = 30123;
  const spec = { size: 2, image: 'localhost/web:1', ports: [{ port: 80, targetPort: 8080, nodePort }] };
  const { metadata } = await client.create(EasyService, { metadata: key, spec });
  // By the webhook, before the object was stored.
  expect(JSON.parse(metadata.annotations?.spec ?? '{}')).toMatchObject({ size: 2 });
  const available = async () => (await client.get(EasyService, key)).status?.availableReplicas;
  await expect.poll(available, patience).toBe(2);
  const answer = async () => (await fetch(`http://${cluster.address}:${nodePort}/`)).text();
  await expect.poll(answer, patience).toBe('hello\n');

  await client.patch(EasyService, key, { type: 'merge', body: { spec: { size: 1 } } });
  await expect.poll(available, patience).toBe(1);
  await client.delete(EasyService, key);
  const children = async () => [
    ...(await client.list(Deployment, { namespace: 'default' })).items,
    ...(await client.list(Service, { namespace: 'default', fieldSelector: 'metadata.name=hello' })).items,
  ];
  await expect.poll(children, patience).toEqual([]);
});

test('the API server trusts its webhooks by a certificate that it made itself', async () => {
  const { webhooks = [] } = await client.get(MutatingWebhookConfiguration, {
    name: 'easyservice-mutating-webhook-configuration',
  });
  expect(webhooks).toMatchObject([
    { failurePolicy: 'Fail', clientConfig: { caBundle: expect.stringMatching(/^LS0t/) } },
  ]);
});

test('undeploy leaves nothing behind', async () => {
  await undeploy('easyservice');
  await expect.poll(() => objectsOf(client), patience).toEqual(before);
});
