import { expect, test } from 'vitest';
import { type ControlPlane, createControlPlane } from './index.ts';

async function send(controlPlane: ControlPlane, method: string, url: string, body?: unknown) {
  const response = await controlPlane.handle({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body)),
    signal: new AbortController().signal,
  });
  return JSON.parse(Buffer.from(response.body as Uint8Array).toString());
}

const definition = {
  metadata: { name: 'foos.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'foos', kind: 'Foo' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer', default: 1 } } },
        },
      },
    ],
  },
};
const foos = '/apis/example.com/v1/namespaces/default/foos';
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a custom resource lies under its group, and what is put there is read through its schema', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  await send(controlPlane, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  const metadata = { name: 'a', namespace: 'default' };
  const foo = { apiVersion: 'example.com/v1', kind: 'Foo', metadata, unknown: true };
  const revision = controlPlane.storage.put('example.com/foos/default/a', bytes(foo));
  const read = await send(controlPlane, 'GET', `${foos}/a`);
  expect(read).toMatchObject({ size: 1, metadata: { ...metadata, resourceVersion: String(revision) } });
  expect(read).not.toHaveProperty('unknown');
  const entry = controlPlane.storage.get('example.com/foos/default/a');
  expect(entry?.revision).toBe(revision);
  const stored = JSON.parse(Buffer.from(entry?.value ?? '').toString());
  expect(stored).toEqual(foo);
});

test('built-in kinds lie where the real server keeps them, and under their group', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  await send(controlPlane, 'POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  await send(controlPlane, 'POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }] },
  });
  for (const key of ['minions/n', 'core/nodes/n', 'services/specs/default/s', 'core/services/default/s'])
    expect(controlPlane.storage.get(key)).toBeDefined();
  expect(controlPlane.storage.get('clusterroles/admin')).toBeDefined();
  expect(controlPlane.storage.get('rbac.authorization.k8s.io/clusterroles/admin')).toBeDefined();
  for (const key of ['', 'n', 'minions', 'minions/n/x', 'nowhere/n', 'apps/deployments/x'])
    expect(controlPlane.storage.get(key)).toBeUndefined();
});

test('what is no such object is refused', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  const key = 'configmaps/default/a';
  const put = (value: unknown, at = key) => controlPlane.storage.put(at, bytes(value));
  const metadata = { name: 'a', namespace: 'default' };
  expect(() => controlPlane.storage.put(key, Buffer.from('{'))).toThrow('the value is no JSON');
  expect(() => put([])).toThrow('no Kubernetes object');
  expect(() => put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } })).toThrow('another name');
  expect(() => put({ apiVersion: 'v1', kind: 'Secret', metadata })).toThrow('no ConfigMap of a version');
  expect(() => put({}, 'nowhere/default/a')).toThrow('no resource keeps an object');
});
