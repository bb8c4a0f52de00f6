import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { createControlPlane } from './control-plane.ts';

async function ask(plane: ReturnType<typeof createControlPlane>, method: string, url: string, body?: object) {
  const response = await plane.handle({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    body: body ? Buffer.from(JSON.stringify(body)) : new Uint8Array(),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString('utf8')) };
}

const names = async (plane: ReturnType<typeof createControlPlane>, path: string): Promise<string[]> => {
  const { body } = await ask(plane, 'GET', path);
  return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
};

const services = '/apis/apiregistration.k8s.io/v1/apiservices';

test('a new cluster has its classes of priority, flow control and API services, also after a reset', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  for (const _ of ['new', 'reset']) {
    const classes = await names(plane, '/apis/scheduling.k8s.io/v1/priorityclasses');
    expect(classes).toEqual(['system-cluster-critical', 'system-node-critical']);
    expect(await names(plane, '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas')).toHaveLength(11);
    expect(await names(plane, '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations')).toHaveLength(8);
    expect(await names(plane, services)).toHaveLength(21);
    plane.reset();
  }
});

test('a group of custom resources has an API service while it is served', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const schema = { openAPIV3Schema: { type: 'object' } };
  await ask(plane, 'POST', definitions, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'foos', kind: 'Foo' },
      scope: 'Cluster',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  expect((await ask(plane, 'GET', `${services}/v1.example.com`)).body.spec).toMatchObject({ group: 'example.com' });
  await ask(plane, 'DELETE', `${definitions}/foos.example.com`);
  expect((await ask(plane, 'GET', `${services}/v1.example.com`)).status).toBe(404);
});

test('an API service of another server is not taken, nor are dynamic resources', async () => {
  await using plane = createControlPlane({ clock: new FakeClock(), controllers: [] });
  const service = { namespace: 'default', name: 'metrics' };
  const spec = { group: 'metrics.k8s.io', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service };
  const external = await ask(plane, 'POST', services, { metadata: { name: 'v1.metrics.k8s.io' }, spec });
  expect(external).toMatchObject({ status: 501, body: { message: expect.stringContaining('another server') } });
  const claim = { metadata: { name: 'c' }, spec: { devices: { requests: [] } } };
  const dynamic = await ask(plane, 'POST', '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims', claim);
  expect(dynamic).toMatchObject({ status: 501, body: { message: expect.stringContaining('resource.k8s.io') } });
});
