import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyKind } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { cluster } from '../../test/command.ts';
import { scaffolded } from '../../test/scaffolded.ts';

const file = join(import.meta.dirname, '../../test/definitions/gadgets.yaml');
const path = 'src/external/import.example.com/v1/gadget.ts';
const definition = () => parse(readFileSync(file, 'utf8'));

test('a definition becomes a kind with the types of its objects, and a second time nothing is changed', async () => {
  const project = await scaffolded();
  expect(await project.runs(`import ${file}`)).toBe(
    `${path} written\nGadget is of import.example.com/v1. Its controller: setpoint create api --external --group import.example.com --version v1 --kind Gadget\n`,
  );
  expect(await project.runs(`import ${file}`)).toContain(`${path} unchanged\n`);
  const { Gadget } = (await import(pathToFileURL(join(project.folder, path)).href)) as { readonly Gadget: AnyKind };
  expect(Gadget).toMatchObject({
    plural: 'gadgets',
    shortNames: ['gg'],
    scope: 'Namespaced',
    subresources: { status: true, scale: true },
  });
});

test('the types say what the server says: unions, nulls, maps, what is filled in, what is kept', async () => {
  const project = await scaffolded();
  await project.runs(`import ${file}`);
  const text = project.read(path);
  for (const line of [
    `readonly mode: 'Fast' | 'It\\'s "slow"';`,
    'readonly port: number | string;',
    'readonly note?: string | null;',
    'readonly labels?: { readonly [key: string]: string };',
    'readonly anything?: unknown;',
    'readonly template?: { readonly apiVersion: string; readonly kind: string; readonly [key: string]: unknown };',
    'readonly empty?: { readonly [key: string]: never };',
    `readonly 'x-odd name': string;`,
    'readonly replicas: number;',
    `export interface GadgetSpecInput extends Omit<GadgetSpec, 'options' | 'policies' | 'replicas'> {`,
    'readonly policies?: readonly GadgetSpecPolicyInput[];',
    'readonly ports?: readonly (number | string)[];',
    'readonly secretRef?: GadgetCaRef;',
    '/** A Gadget does things. It ends no comment, as in *\\/ here. */',
    '* @default 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text.match(/interface GadgetCaRef /g)).toHaveLength(1);
});

test('a newer definition takes the place of what was written, whoever formatted it, and nothing of what was changed', async () => {
  const project = await scaffolded();
  await project.runs(`import ${file}`);
  const written = project.read(path);
  project.write(path, written.replaceAll("'Fast'", '"Fast"').replaceAll(';\n', '\n').replaceAll('\n', '\r\n'));
  expect(await project.runs(`import ${file}`)).toContain(`${path} unchanged\n`);

  const newer = definition();
  newer.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size = { type: 'integer' };
  project.write('newer.json', JSON.stringify(newer));
  expect(await project.runs(`import ${join(project.folder, 'newer.json')}`)).toContain(`${path} changed\n`);
  expect(project.read(path)).toContain('readonly size?: number;');

  const mine = project.read(path).replace('readonly size?: number;', 'readonly size?: 1 | 2;');
  project.write(path, mine);
  expect(await project.runs(`import ${file}`)).toContain(`${path} is there and was changed: left alone; --force`);
  expect(project.read(path)).toBe(mine);
  await project.runs(`import ${file} --force`);
  expect(project.read(path)).toBe(written);
});

test('the same is read from a cluster, whose order of members is another', async () => {
  const { client, kubeconfig } = await cluster();
  await client.create(CustomResourceDefinition, definition());
  const project = await scaffolded();
  await project.runs(`import ${file}`);
  const line = `import --from-cluster gadgets.import.example.com --kubeconfig ${kubeconfig}`;
  expect(await project.runs(line)).toContain(`${path} unchanged\n`);
  expect(await project.runs(`${line} --version v1beta1`)).toContain('v1beta1/gadget.ts written\n');
  expect(project.read(path.replace('v1', 'v1beta1'))).toContain('/** @deprecated */');

  const missing = await project.run('import', '--from-cluster', 'gadget', '--kubeconfig', kubeconfig);
  expect(missing).toMatchObject({
    code: 1,
    err: 'setpoint: the cluster has no CustomResourceDefinition gadget; there is gadgets.import.example.com\n',
  });
});

test.each([
  [[], 2, 'give a file with a CustomResourceDefinition, or --from-cluster and the name of one'],
  [[file, '--from-cluster', 'x'], 2, 'give a file with'],
  [['nowhere.yaml'], 1, 'cannot read nowhere.yaml: ENOENT'],
  [[file, '--version', 'v1alpha1'], 2, 'gadgets.import.example.com does not serve v1alpha1; it serves v1, v1beta1'],
  [['broken.yaml'], 1, 'broken.yaml is no YAML: '],
  [['deployment.yaml'], 1, 'deployment.yaml holds no CustomResourceDefinition, but Deployment'],
  [['empty.yaml'], 1, 'empty.yaml holds no CustomResourceDefinition, but no objects'],
  [['old.yaml'], 1, 'the CustomResourceDefinition a.b is of apiextensions.k8s.io/v1beta1: servers of today take only'],
  [['half.yaml'], 1, 'the CustomResourceDefinition a.b lacks metadata.name, spec.group, spec.names or spec.versions'],
  [
    ['two.yaml'],
    1,
    'two.yaml has 2 definitions: say --name of one, or --all (gadgets.import.example.com, as.other.org)',
  ],
  [
    ['two.yaml', '--name', 'bs.other.org'],
    1,
    'has no definition bs.other.org; it has gadgets.import.example.com, as.ot',
  ],
  [['--from-cluster', 'a.b', '--kubeconfig', 'unreachable'], 1, 'cannot connect to 127.0.0.1:1: nothing listens there'],
])('refuses %j in a sentence and writes nothing', async (argv, code, message) => {
  const project = await scaffolded();
  const crd = 'kind: CustomResourceDefinition\nmetadata: { name: a.b }\n';
  const small = `${crd.replace('a.b', 'as.other.org')}apiVersion: apiextensions.k8s.io/v1
spec: { group: other.org, names: { kind: A, plural: as }, versions: [{ name: v1, served: true }] }\n`;
  const server = `clusters: [{ name: a, cluster: { server: 'https://127.0.0.1:1' } }]\ncontexts: [{ name: a, context: { cluster: a } }]\ncurrent-context: a\n`;
  const files = {
    'broken.yaml': 'a: [\n',
    'deployment.yaml': 'kind: Deployment\n',
    'empty.yaml': '',
    'old.yaml': `${crd}apiVersion: apiextensions.k8s.io/v1beta1\n`,
    'half.yaml': `${crd}apiVersion: apiextensions.k8s.io/v1\n`,
    'two.yaml': `${readFileSync(file, 'utf8')}---\n${small}`,
    unreachable: server,
  };
  for (const [name, text] of Object.entries(files)) project.write(name, text);
  const before = project.files();
  const placed = argv.map((word) => (word in files ? join(project.folder, word) : word));
  const result = await project.run('import', ...placed);
  expect(result.err).toContain(message);
  expect(result.err).toMatch(/^setpoint: [^\n]+\n$/);
  expect(result.code).toBe(code);
  expect(project.files()).toEqual(before);
});

test('all definitions of a file are imported at once, and one of them by its kind', async () => {
  const project = await scaffolded();
  const second = readFileSync(file, 'utf8').replaceAll('Gadget', 'Widget').replaceAll('gadget', 'widget');
  project.write('list.yaml', `${readFileSync(file, 'utf8')}---\n${second}`);
  const list = join(project.folder, 'list.yaml');
  expect(await project.runs(`import ${list} --name Widget`)).toMatch(/^src\/external\/\S+\/widget.ts written\n/);
  expect(await project.runs(`import ${list} --all`)).toMatch(/gadget.ts written\n\S+widget.ts unchanged\n/);
});
