// The manifests kept in config/ are what the declarations say; `npm test -- --update` writes them again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from 'setpoint/controller';
import { crdManifest, manifestYaml, roleManifest, rulesFor } from 'setpoint/manifests';
import { expect, test } from 'vitest';
import { Foo } from '../src/api/v1/foo.ts';
import operator from '../src/operator.ts';

test('the CRD is the one in config/crd/bases', async () => {
  const yaml = await manifestYaml(crdManifest(Foo));
  await expect(yaml).toMatchFileSnapshot('../config/crd/bases/tutorial.my.domain_foos.yaml');
});

test('the README shows that CRD', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const shown = /```diff\n([\s\S]*?)```/.exec(readme)?.[1]?.trimEnd().split('\n') ?? [];
  const ours = shown.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
  const generated = (await manifestYaml(crdManifest(Foo))).split('\n').values();
  expect(ours.length).toBeGreaterThan(30);
  for (const line of ours)
    expect(
      generated.some((candidate) => candidate === line),
      line,
    ).toBe(true);
});

test('the role is the one in config/rbac', async () => {
  const { cluster, namespaces } = rulesFor(operator.controllers.flatMap(needs));
  const yaml = await manifestYaml(roleManifest('ClusterRole', { name: 'manager-role' }, cluster));
  await expect(yaml).toMatchFileSnapshot('../config/rbac/role.yaml');
  expect(namespaces).toEqual({});
});

test('the role is minimal', () => {
  const rules = rulesFor(operator.controllers.flatMap(needs)).cluster;
  expect(rules.map(({ resources, verbs }) => `${resources}: ${verbs}`)).toEqual([
    'pods: list,watch',
    'events: create,patch',
    'foos: list,watch',
    'foos/status: patch',
  ]);
});
