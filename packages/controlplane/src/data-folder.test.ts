import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ControlPlane } from './index.ts';
import { createControlPlane } from './index.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'setpoint-data-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'made', 'by-it');
}

async function ask(controlPlane: ControlPlane, method: string, url: string, body?: object) {
  const response = await controlPlane.handle({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body ? JSON.stringify(body) : ''),
    signal: new AbortController().signal,
  });
  return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString()) };
}

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });
const configMaps = '/api/v1/namespaces/default/configmaps';
const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    ],
  },
};

test('objects, definitions and their instances are there in the next life, under the revisions they had', async () => {
  const dataDir = folder();
  const first = createControlPlane({ dataDir });
  const created = await ask(first, 'POST', configMaps, configMap('kept'));
  await ask(first, 'POST', configMaps, configMap('deleted'));
  await ask(first, 'DELETE', `${configMaps}/deleted`);
  await ask(first, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgets);
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, size: 3 };
  const instance = await ask(first, 'POST', '/apis/example.com/v1/widgets', widget);
  expect(instance.status).toBe(201);
  const namespaces = await ask(first, 'GET', '/api/v1/namespaces');
  await first.close();

  await using second = createControlPlane({ dataDir });
  expect((await ask(second, 'GET', `${configMaps}/kept`)).body).toEqual(created.body);
  expect((await ask(second, 'GET', `${configMaps}/deleted`)).status).toBe(404);
  expect((await ask(second, 'GET', '/apis/example.com/v1/widgets/w')).body).toEqual(instance.body);
  expect((await ask(second, 'GET', '/api/v1/namespaces')).body.items).toEqual(namespaces.body.items);
});

test('a watch goes on where it was in the life before', async () => {
  const dataDir = folder();
  const first = createControlPlane({ dataDir });
  const { body } = await ask(first, 'POST', configMaps, configMap('a'));
  await ask(first, 'POST', configMaps, configMap('b'));
  await first.close();

  await using second = createControlPlane({ dataDir });
  const response = await second.handle({
    method: 'GET',
    url: `${configMaps}?watch=1&resourceVersion=${body.metadata.resourceVersion}`,
    headers: {},
    body: new Uint8Array(),
    signal: AbortSignal.timeout(5000),
  });
  const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const { value } = await reader.next();
  expect(JSON.parse(Buffer.from(value as Uint8Array).toString())).toMatchObject({
    type: 'ADDED',
    object: { metadata: { name: 'b' } },
  });
  await reader.return?.();
});

test('a reset is remembered', async () => {
  const dataDir = folder();
  const first = createControlPlane({ dataDir });
  await ask(first, 'POST', configMaps, configMap('a'));
  first.reset();
  await ask(first, 'POST', configMaps, configMap('b'));
  await first.close();
  await using second = createControlPlane({ dataDir });
  const { body } = await ask(second, 'GET', configMaps);
  expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toContain('b');
  expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).not.toContain('a');
});

test('a kubeconfig stays good, and keys are for their owner only', async () => {
  const dataDir = folder();
  const authorities: unknown[] = [];
  for (let life = 0; life < 2; life++) {
    await using controlPlane = createControlPlane({ dataDir });
    const { kubeconfig } = await controlPlane.listen();
    authorities.push(/certificate-authority-data: (.*)/.exec(kubeconfig)?.[1]);
  }
  expect(authorities[0]).toBeDefined();
  expect(authorities[1]).toBe(authorities[0]);
  const modes = readdirSync(dataDir).map((name) => statSync(join(dataDir, name)).mode & 0o077);
  expect(new Set(modes)).toEqual(new Set([0]));
  expect(statSync(dataDir).mode & 0o077).toBe(0);
});

test('a folder in use is refused, and free again after the close', async () => {
  const dataDir = folder();
  const first = createControlPlane({ dataDir });
  expect(() => createControlPlane({ dataDir })).toThrow(`the data folder ${dataDir} is in use by process`);
  await first.close();
  await createControlPlane({ dataDir }).close();
});
