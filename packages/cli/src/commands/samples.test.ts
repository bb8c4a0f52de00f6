import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { ConfigMap, Namespace } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { cluster, temporaryFolder } from '../../test/command.ts';
import { applySamples } from './samples.ts';

/** A project with these samples. */
function projectWith(samples: Readonly<Record<string, string>>): string {
  const project = temporaryFolder();
  const folder = join(project, 'config/samples');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(samples)) writeFileSync(join(folder, name), text);
  return project;
}

async function apply(samples: Readonly<Record<string, string>>) {
  const at = await cluster();
  const said: string[] = [];
  const flags = { project: projectWith(samples), kubeconfig: at.kubeconfig };
  await applySamples(flags, { out: (text: string) => said.push(text) } as never);
  return { at, said: said.join('') };
}

test('samples without a namespace go where kubectl would put them', async () => {
  const { at, said } = await apply({
    'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: elsewhere }\n',
    'b.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: two, namespace: elsewhere }\n',
  });
  expect(said).toBe('namespace/elsewhere applied\nconfigmap/one applied\nconfigmap/two applied\n');
  await at.client.get(Namespace, { name: 'elsewhere' });
  await at.client.get(ConfigMap, { name: 'one', namespace: 'default' });
  await at.client.get(ConfigMap, { name: 'two', namespace: 'elsewhere' });
});

test('a sample that is refused is named with its file', async () => {
  const sample = 'apiVersion: example.com/v1\nkind: Nothing\nmetadata: { name: one }\n';
  await expect(apply({ 'a.yaml': sample })).rejects.toThrow('config/samples/a.yaml: the Nothing one was not applied: ');
});

test('a sample whose version has to be converted waits for who does so', async () => {
  const at = await cluster();
  const names = { kind: 'Foo', listKind: 'FooList', plural: 'foos', singular: 'foo' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const clientConfig = { url: 'https://127.0.0.1:1' };
  await at.client.create(CustomResourceDefinition, {
    metadata: { name: 'foos.example.com' },
    spec: {
      ...{ group: 'example.com', names, scope: 'Namespaced' },
      versions: ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema })),
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
    },
  });
  const flags = {
    project: projectWith({ 'a.yaml': 'apiVersion: example.com/v2\nkind: Foo\nmetadata: { name: one }\n' }),
    kubeconfig: at.kubeconfig,
  };
  const output = { out: () => undefined, err: () => undefined };
  await expect(applySamples(flags, output)).rejects.toThrow('conversion webhook');
  const waiting = applySamples(flags, output, 30_000);
  const body = { spec: { conversion: { strategy: 'None', webhook: null } } };
  await at.client.patch(CustomResourceDefinition, { name: 'foos.example.com' }, { type: 'merge', body });
  await waiting;
});
