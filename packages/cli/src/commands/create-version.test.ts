import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkRoundTrips } from '@setpoint/testing';
import type { Crd } from 'setpoint';
import { expect, test } from 'vitest';
import { scaffolded } from '../../test/scaffolded.ts';
import { findProject, loadOperator } from '../project.ts';

async function withFoo() {
  const project = await scaffolded();
  await project.runs('create api --group tutorial --version v1 --kind Foo');
  const crd = async () => {
    const path = join(project.folder, 'src/api/foo.ts');
    const module = await import(
      `${pathToFileURL(path).href}?${encodeURIComponent(project.read('src/api/foo.ts')).length}`
    );
    return (module as { readonly FooCrd: Crd }).FooCrd;
  };
  return { ...project, crd };
}

const versions = (crd: Crd | undefined) => crd?.versions.map(({ kind }) => kind.version);

test('a further version is converted to and from the first, and nothing is changed twice', async () => {
  const project = await withFoo();
  expect(await project.runs('create version --kind Foo --version v2')).toBe(
    `src/api/v2/foo.ts written
src/api/foo.ts written
test/foo.conversion.test.ts written
src/operator.ts changed
config/samples/tutorial_v2_foo.yaml written
`,
  );
  const { crds, kinds } = await loadOperator(findProject(project.folder));
  expect(kinds).toEqual([]);
  const [crd] = crds;
  expect(versions(crd)).toEqual(['v2', 'v1']);
  expect(crd).toMatchObject({ storage: { version: 'v1' }, hub: { version: 'v1' }, conversion: 'Webhook' });
  await checkRoundTrips(crd as Crd, { runs: 20 });
  expect(project.read('config/samples/tutorial_v2_foo.yaml')).toMatch(
    /^apiVersion: tutorial.my.domain\/v2\n.*\n.*\n {2}name: foo-sample-v2\n/,
  );
  const before = project.files();
  expect(await project.runs('create version --kind Foo --version v2')).not.toMatch(/ (changed|written)$/m);
  expect(project.files()).toEqual(before);
});

test('the new version may be hub and storage, and a third one joins as they are written', async () => {
  const project = await withFoo();
  await project.runs('create version --kind Foo --version v2 --hub --storage');
  expect(await project.crd()).toMatchObject({ storage: { version: 'v2' }, hub: { version: 'v2' } });
  project.write('src/api/foo.ts', project.read('src/api/foo.ts').replaceAll("'", '"').replaceAll(';', ''));
  await project.runs('create version --kind Foo --version v3alpha1 --from v1 --storage');
  const text = project.read('src/api/foo.ts');
  expect(text).toContain('import { Foo as FooV3alpha1 } from "./v3alpha1/foo.ts"\n');
  expect(text).not.toMatch(/[';]/);
  expect(await project.crd()).toMatchObject({ storage: { version: 'v3alpha1' }, hub: { version: 'v2' } });
});

test('versions that need no conversion get one more of them', async () => {
  const project = await withFoo();
  const crd = `import { defineCrd } from 'setpoint';\nimport { Foo } from './v1/foo.ts';\n\nexport const FooCrd = defineCrd({ storage: Foo, versions: [Foo] });\n`;
  project.write('src/api/foo.ts', crd);
  expect(await project.runs('create version --kind Foo --version v2')).not.toContain('conversion.test');
  expect(versions(await project.crd())).toEqual(['v2', 'v1']);
});

test('what the file of a version imports is found from the other folder too', async () => {
  const project = await withFoo();
  project.write('src/api/v1/shared.ts', 'export const most = 5;\n');
  const text = project
    .read('src/api/v1/foo.ts')
    .replace("from 'zod';", "from 'zod';\nimport { most } from './shared.ts';");
  project.write('src/api/v1/foo.ts', text);
  await project.runs('create version --kind Foo --version v2');
  expect(project.read('src/api/v2/foo.ts')).toContain("from '../v1/shared.ts'");
});

test('--conversion makes the conversion of versions that were written by hand', async () => {
  const project = await withFoo();
  project.write('src/api/v2/foo.ts', project.read('src/api/v1/foo.ts').replace("'v1'", "'v2'"));
  expect(await project.runs('create webhook --group tutorial --version v2 --kind Foo --conversion')).toBe(
    'src/api/foo.ts written\ntest/foo.conversion.test.ts written\nsrc/operator.ts changed\n',
  );
  expect(await project.crd()).toMatchObject({ hub: { version: 'v2' }, storage: { version: 'v1' } });
});

test.each([
  ['--version 2', 2, '"2" is no version of an API; use v1, v1beta1, v2alpha3 or the like'],
  ['--version v2 --kind Bar', 1, 'there is no Bar in this project (there is Foo): make its first version with'],
  ['--version v1', 1, 'Foo has only the version v1'],
  ['--version v2 --from v0', 2, '--from: Foo has no version v0; it has v1'],
])('refuses %j in a sentence and writes nothing', async (flags, code, message) => {
  const project = await withFoo();
  const before = project.files();
  const result = await project.run('create', 'version', '--kind', 'Foo', ...flags.split(' '));
  expect(result.code).toBe(code);
  expect(result.err).toMatch(/^setpoint: [^\n]+\n$/);
  expect(result.err).toContain(message);
  expect(project.files()).toEqual(before);
});

test('a second hub is refused, as is a version that is computed', async () => {
  const project = await withFoo();
  await project.runs('create version --kind Foo --version v2');
  expect((await project.run('create', 'version', '--kind', 'Foo', '--version', 'v3', '--hub')).err).toContain(
    'src/api/foo.ts has another hub already',
  );
});

test('a version that is computed is for a person to write down', async () => {
  const project = await withFoo();
  project.write('src/api/v1/foo.ts', project.read('src/api/v1/foo.ts').replace("'v1'", "['v1'].join() as 'v1'"));
  const { code, err } = await project.run('create', 'version', '--kind', 'Foo', '--version', 'v2');
  expect({ code, err }).toEqual({
    code: 1,
    err: "setpoint: src/api/v1/foo.ts computes the version of Foo: write it as a text, such as 'v1'\n",
  });
});
