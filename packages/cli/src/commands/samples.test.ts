import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
