import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command, temporaryFolder } from '../../test/command.ts';
import { findProject, loadOperator } from '../project.ts';
import { versions } from '../scaffold/index.ts';

const packages = join(import.meta.dirname, '../../../../node_modules');

async function newProject(): Promise<string> {
  const folder = join(temporaryFolder(), 'My Demo!');
  expect((await command('init', folder, '--no-api', '--domain', 'my.domain')).code).toBe(0);
  symlinkSync(packages, join(folder, 'node_modules'));
  return folder;
}

const api = (folder: string, ...argv: string[]) =>
  command('create', 'api', '--project', folder, '--group', 'tutorial', '--version', 'v1', ...argv);
const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

test('a new project depends on what Setpoint is tested with', () => {
  const repository = join(import.meta.dirname, '../../../../package.json');
  const { devDependencies } = JSON.parse(readFileSync(repository, 'utf8'));
  expect(devDependencies).toMatchObject(versions);
});

test('a project that was made is an operator, named after its folder', async () => {
  const folder = await newProject();
  expect((await loadOperator(findProject(folder))).name).toBe('my-demo');
});

test('a kind with its controller joins the operator, and a second time nothing is changed', async () => {
  const folder = await newProject();
  const { code, out } = await api(folder, '--kind', 'Foo');
  expect({ code, out }).toEqual({
    code: 0,
    out: `src/api/v1/foo.ts written
config/samples/tutorial_v1_foo.yaml written
src/controllers/foo.ts written
test/foo.test.ts written
src/operator.ts changed
`,
  });
  const { kinds, controllers } = await loadOperator(findProject(folder));
  expect(kinds.map(({ group, plural }) => `${plural}.${group}`)).toEqual(['foos.tutorial.my.domain']);
  expect(controllers.map(({ name }) => name)).toEqual(['foo']);
  const again = await api(folder, '--kind', 'Foo');
  expect(again.out).not.toMatch(/ (written|changed)$/m);
});

test('a file that somebody changed is left alone', async () => {
  const folder = await newProject();
  await api(folder, '--kind', 'Foo');
  writeFileSync(join(folder, 'src/controllers/foo.ts'), 'mine');
  expect((await api(folder, '--kind', 'Foo')).out).toContain(
    'src/controllers/foo.ts is there and was changed: left alone',
  );
  expect(read(folder, 'src/controllers/foo.ts')).toBe('mine');
});

test('a kind alone, in no namespace and with a plural of its own', async () => {
  const folder = await newProject();
  await api(folder, '--kind', 'URLMap', '--plural', 'urlmappings', '--cluster', '--no-controller');
  const { kinds } = await loadOperator(findProject(folder));
  expect(kinds[0]).toMatchObject({ kind: 'URLMap', plural: 'urlmappings', scope: 'Cluster' });
  expect(read(folder, 'config/samples/tutorial_v1_urlmap.yaml')).not.toContain('namespace');
});

test('an operator that cannot be added to is left alone, and what to add is said', async () => {
  const folder = await newProject();
  const text = `import { operator } from 'setpoint';\nconst mine = operator({});\nexport default mine;\n`;
  writeFileSync(join(folder, 'src/operator.ts'), text);
  const { out } = await api(folder, '--kind', 'Foo');
  expect(out).toContain("import { fooController } from './controllers/foo.ts';");
  expect(read(folder, 'src/operator.ts')).toBe(text);
});

test.each([
  [['--kind', 'foo'], 2, "kind: 'foo' is no name for it"],
  [['--kind', 'Foo', '--group', 'apps.k8s.io'], 2, 'belongs to Kubernetes'],
  [['--kind', 'Foo', '--version', '1'], 2, '"1" is no version of an API'],
  [['--kind', 'Foos', '--plural', 'bars'], 1, 'as Bar of src/api/v1/bar.ts is'],
  [['--kind', 'Bar', '--group', 'other.example.com'], 1, 'is the Bar of the group tutorial.my.domain'],
])('refuses %j and writes nothing', async (argv, code, message) => {
  const folder = await newProject();
  await api(folder, '--kind', 'Bar');
  const files = () => ['src', 'config', 'test'].map((name) => readdirSync(join(folder, name), { recursive: true }));
  const before = files();
  const result = await api(folder, ...argv);
  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
  expect(files()).toEqual(before);
});

test('a further version is made by another command, and a kind that is elsewhere is not made twice', async () => {
  const folder = await newProject();
  await api(folder, '--kind', 'Foo');
  const other = await command(
    ...['create', 'api', '--project', folder, '--group', 'tutorial', '--version', 'v2', '--kind', 'Foo'],
  );
  expect(other).toMatchObject({ code: 1 });
  expect(other.err).toContain('is made by setpoint create version --kind Foo --version v2\n');
  mkdirSync(join(folder, 'src/kinds'));
  renameSync(join(folder, 'src/api/v1/foo.ts'), join(folder, 'src/kinds/foo.ts'));
  expect((await api(folder, '--kind', 'Foo')).err).toBe(
    'setpoint: the Foo of tutorial.my.domain/v1 is there already, in src/kinds/foo.ts\n',
  );
});

test('a kind of Kubernetes gets a controller, as does an imported one, and others are looked for', async () => {
  const folder = await newProject();
  const external = (...names: readonly string[]) =>
    command('create', 'api', '--project', folder, '--external', '--version', 'v1', ...names);
  expect((await external('--group', 'apps', '--kind', 'Deployment')).code).toBe(0);
  expect((await external('--group', 'core', '--kind', 'Event')).code).toBe(0);
  const definition = join(import.meta.dirname, '../../test/definitions/gadgets.yaml');
  expect((await external('--group', 'import.example.com', '--kind', 'Gadget')).err).toContain(
    'there is no Gadget of import.example.com/v1 in Kubernetes, nor was one imported: run setpoint import',
  );
  await command('import', definition, '--project', folder);
  expect((await external('--group', 'import.example.com', '--kind', 'Gadget')).out).toContain('gadget.ts written');
  const { controllers, kinds } = await loadOperator(findProject(folder));
  expect(controllers.map(({ kind }) => `${kind?.apiVersion} ${kind?.kind}`)).toEqual([
    'apps/v1 Deployment',
    'v1 Event',
    'import.example.com/v1 Gadget',
  ]);
  expect(kinds).toEqual([]);
  expect(await external('--group', 'apps', '--kind', 'Deployment', '--no-controller')).toMatchObject({ code: 2 });
});

test('a group of Kubernetes needs an approval, which stands in the CRD', async () => {
  const folder = await newProject();
  const approval = 'https://github.com/kubernetes/kubernetes/pull/1';
  const argv = ['--kind', 'Foo', '--group', 'foo.k8s.io', '--api-approved'];
  expect((await api(folder, ...argv, 'yes')).code).toBe(2);
  expect((await api(folder, ...argv, approval)).code).toBe(0);
  const { kinds } = await loadOperator(findProject(folder));
  expect(kinds[0]?.definition?.annotations).toEqual({ 'api-approved.kubernetes.io': approval });
});

test('an operator that cannot be parsed is named with its line, and nothing is written', async () => {
  const folder = await newProject();
  writeFileSync(join(folder, 'src/operator.ts'), 'export default operator({\n');
  const { code, err } = await api(folder, '--kind', 'Foo');
  expect({ code, err }).toEqual({
    code: 1,
    err: 'setpoint: src/operator.ts:2 cannot be parsed: Unexpected token. Mend it first; nothing was changed\n',
  });
  expect(readdirSync(join(folder, 'src')).sort()).toEqual(['main.ts', 'operator.ts']);
});

test('init leaves a folder alone that has anything in it', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.git'));
  expect((await command('init', folder, '--name', 'a')).code).toBe(0);
  const { code, err } = await command('init', folder, '--name', 'a');
  expect(code).toBe(1);
  expect(err).toContain('is not empty (.dockerignore, .gitignore, Dockerfile, …); name a folder that is new or empty');
  rmSync(join(folder, 'Makefile'));
  expect((await command('init', join(folder, 'x'), '--name', 'A b')).code).toBe(2);
  expect((await command('init', join(folder, 'x'), '--domain', 'a_b')).code).toBe(2);
});
