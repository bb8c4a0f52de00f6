// What is kept in config/ and dist/ follows from the declarations; `npm run manifests` in this folder writes it again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '@setpoint/cli';
import { needs } from 'setpoint/controller';
import { crdManifest, manifestYaml, rulesFor } from 'setpoint/manifests';
import { expect, test } from 'vitest';
import { Foo } from '../src/api/v1/foo.ts';
import operator from '../src/operator.ts';

test('config/ and dist/ are up to date', async () => {
  const said: string[] = [];
  const output = { out: () => {}, err: (text: string) => void said.push(text) };
  const project = join(import.meta.dirname, '..');
  expect(await main(['manifests', '--check', '--project', project], output), said.join('')).toBe(0);
});

test('WALKTHROUGH.md shows that CRD', async () => {
  const page = readFileSync(join(import.meta.dirname, '../WALKTHROUGH.md'), 'utf8');
  const shown = /```diff\n([\s\S]*?)```/.exec(page)?.[1]?.trimEnd().split('\n') ?? [];
  const ours = shown.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
  const generated = (await manifestYaml(crdManifest(Foo))).split('\n').values();
  expect(ours.length).toBeGreaterThan(30);
  for (const line of ours)
    expect(
      generated.some((candidate) => candidate === line),
      line,
    ).toBe(true);
});

test('the role is minimal', () => {
  const { cluster: rules, namespaces } = rulesFor(operator.controllers.flatMap((controller) => needs(controller)));
  expect(namespaces).toEqual({});
  expect(rules.map(({ resources, verbs }) => `${resources}: ${verbs}`)).toEqual([
    'pods: list,watch',
    'events: create,patch',
    'foos: list,watch',
    'foos/status: patch',
  ]);
});
