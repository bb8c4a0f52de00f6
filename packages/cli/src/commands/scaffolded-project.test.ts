import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scaffolded } from '../../test/scaffolded.ts';

const definition = join(import.meta.dirname, '../../test/definitions/gadgets.yaml');

/** All that there is to scaffold, in one project. */
const everything = [
  'create api --group tutorial --version v1 --kind Foo',
  'create api --group tutorial --version v1beta1 --kind Class --cluster --no-controller',
  'create webhook --group tutorial --version v1 --kind Foo --defaulting --validating',
  'create version --kind Foo --version v2 --storage',
  'create webhook --group tutorial --version v2 --kind Foo --validating',
  'create api --group apps --version v1 --kind Deployment --external',
  'create webhook --group core --version v1 --kind Pod --defaulting --validating',
  `import ${definition}`,
  'create api --group import.example.com --version v1 --kind Gadget --external',
  'create webhook --group import.example.com --version v1 --kind Gadget --validating',
  'edit --watch-namespaces default --replicas 2 --license apache2',
  'create version --kind Class --version v1 --hub',
];

/** Objects as a person and as a server would have them. */
const objects = `import type { Resource, ResourceInput } from 'setpoint';
import { Gadget } from '../src/external/import.example.com/v1/gadget.ts';

const metadata = { name: 'a', namespace: 'default' };
export const written: ResourceInput<typeof Gadget> = {
  metadata,
  spec: {
    'x-odd name': '', mode: 'Fast', port: 'http', note: null, labels: { a: 'b' }, anything: [1, { b: null }],
    template: { apiVersion: 'v1', kind: 'Pod', spec: {} }, empty: {}, policies: [{}, { action: 'Deny', ports: [1, 'a'] }],
    options: { other: true, mirror: { name: 'x' } },
  },
};
export const level = (gadget: Resource<typeof Gadget>): number => gadget.spec.replicas + (gadget.spec.options?.level ?? 0);
// @ts-expect-error: there is no such mode
export const wrong: ResourceInput<typeof Gadget> = { metadata, spec: { 'x-odd name': '', mode: 'Slow', port: 1 } };
`;

test('a project with everything that can be scaffolded passes its compiler, its tests, and a second run of all', async () => {
  const project = await scaffolded();
  for (const line of everything) await project.runs(line);
  const files = project.files();
  for (const line of everything) expect(await project.runs(line)).not.toMatch(/ (written|changed)$/m);
  expect(project.files()).toEqual(files);

  project.write('test/objects.ts', objects);
  // Sources of this repository run as they are; below a real node_modules nothing would be transformed either.
  const asTheyAre =
    'export default { test: { testTimeout: 60_000, server: { deps: { external: [/\\/packages\\/\\w+\\/src\\//] } } } };\n';
  project.write('vitest.config.js', asTheyAre);
  const run = (script: string, ...argv: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(project.folder, 'node_modules', script), ...argv], {
      cwd: project.folder,
      env: { ...process.env, NO_COLOR: '1', VITEST: undefined, NODE_OPTIONS: undefined },
    }).catch((error: { readonly stdout?: string; readonly stderr?: string }) => {
      throw new Error(`${script}: ${error.stdout}${error.stderr}`, { cause: error });
    });
  const [, tests] = await Promise.all([
    run('typescript/bin/tsc'),
    run('vitest/vitest.mjs', 'run', '--no-isolate', '--maxWorkers=1'),
  ]);
  expect(tests.stdout).toMatch(/Test Files {2}9 passed/);
}, 300_000);
