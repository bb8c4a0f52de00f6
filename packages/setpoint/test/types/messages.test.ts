import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const modules = join(import.meta.dirname, '../../../../node_modules');

/** The settings of an ordinary project: strict, and nothing that only we have. */
const settings = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    noEmit: true,
    strict: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

const common = `
import { defineKind, type Resource } from 'setpoint';
import { z } from 'zod';
export const Foo = defineKind({
  group: 'tutorial.my.domain', version: 'v1', kind: 'Foo',
  spec: z.object({ name: z.string(), size: z.int().default(1) }),
  status: z.object({ happy: z.boolean().optional(), inner: z.object({ a: z.string() }).optional() }),
});
export type Foo = Resource<typeof Foo>;
`;

const patcher = `
import type { CheckedStatusPatch, StatusOf, StatusPatch } from 'setpoint';
import { Foo } from './common.ts';
type Status = StatusOf<typeof Foo>;
declare const maybe: boolean | undefined;
declare function patch<const P extends StatusPatch<Status>>(patch: CheckedStatusPatch<P, Status>): void;
`;

/** The pass of a controller that reads Pods' names, and nothing else. */
const controlled = (pass: string) => `
import { controller, index, metadata } from 'setpoint';
import { Deployment } from 'setpoint/apps/v1';
import { ConfigMap, Pod, Secret } from 'setpoint/core/v1';
import { Foo } from './common.ts';
const podsByName = index(metadata(Pod), (pod) => pod.metadata.name);
controller(Foo, {
  reads: [podsByName],
  owns: [Deployment],
  writes: [ConfigMap],
  reconcile(foo, { cache, status, apply }) { ${pass} },
});
void Secret;
`;

/** Mistakes people make, and what the compiler has to say of each. */
const mistakes: Readonly<Record<string, readonly [source: string, ...said: string[]]>> = {
  'the spec of an object that is watched by its metadata': [
    `import { index, metadata } from 'setpoint';
     import { Pod } from 'setpoint/core/v1';
     index(metadata(Pod), (pod) => pod.spec.nodeName);`,
    `Property 'spec' does not exist on type 'PartialObjectMetadata<"v1", "Pod">'`,
  ],
  'a path of a predicate that its kind does not have': [
    `import { contentChanged, controller } from 'setpoint';
     import { Foo } from './common.ts';
     controller(Foo, { predicates: [contentChanged('.spec.nmae')], reconcile() {} });`,
    `there is no .spec.nmae`,
  ],
  'a kind that a pass reads and its controller does not declare': [
    `${controlled('cache.list(Secret);')}`,
    'Secret is not declared: add it to the reads of this controller',
  ],
  'a kind of which only the metadata is declared': [
    `${controlled('cache.list(Pod);')}`,
    'Pod is not declared: add it to the reads of this controller',
  ],
  'an object that a pass applies though its controller declares none such': [
    `${controlled(`void apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } });`)}`,
    'Secret is not declared for writing: add it to owns or writes of this controller',
  ],
  'a misspelt field deep in an object that is applied': [
    `${controlled(`void apply({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' },
      spec: { selector: {}, template: { spec: { containers: [{ name: 'c', imagge: 'x' }] } } },
    });`)}`,
    `'imagge' does not exist`,
    `Did you mean to write 'image'?`,
  ],
  'a misspelt label member of an object that is applied': [
    `${controlled(`void apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', lables: {} } });`)}`,
    `'lables' does not exist`,
    `Did you mean to write 'labels'?`,
  ],
  'an object of the cache that is applied': [
    `${controlled('for (const deployment of cache.list(Deployment)) void apply(deployment);')}`,
    'this object comes from the cache: applying it would take ownership of all its fields',
  ],
  'a status of undefined in a pass': [
    `${controlled('void status.patch({ happy: undefined });')}`,
    '"happy is undefined, which does nothing in a patch: leave it out to keep it, or write null to remove it"',
  ],
  'a misspelt field beside a right one in a pass': [
    `${controlled('void status.patch({ happy: true, hapy: true });')}`,
    '"the status has no hapy"',
  ],
  'a misspelt field in what a function makes of the status': [
    `${controlled('void status.patch((before) => ({ happy: !before.happy, hapy: true }));')}`,
    '"the status has no hapy"',
  ],
  'a status of undefined from a function': [
    `${controlled('void status.patch((before) => ({ happy: before.happy }));')}`,
    'happy is undefined',
  ],
  'the metadata of a kind whose objects are all optional, read as the kind itself': [
    `import { controller, metadata } from 'setpoint';
     import { ConfigMap } from 'setpoint/core/v1';
     import { Foo } from './common.ts';
     controller(Foo, { reads: [metadata(ConfigMap)], reconcile(_, { cache }) { cache.list(ConfigMap); } });`,
    'ConfigMap is not declared: add it to the reads of this controller',
  ],
  'a misspelt field of the status': [
    `${patcher} patch({ hapy: true });`,
    `'hapy' does not exist`,
    `Did you mean to write 'happy'?`,
  ],
  'a misspelt field beside a right one': [`${patcher} patch({ happy: true, hapy: true });`, '"the status has no hapy"'],
  'a misspelt field deep down': [
    `${patcher} patch({ happy: true, inner: { a: 'x', b: 'y' } });`,
    '"the status has no inner.b"',
  ],
  'a wrong type in a status': [`${patcher} patch({ happy: 'yes' });`, `Type 'string' is not assignable`],
  'undefined in a status patch': [
    `${patcher} patch({ happy: maybe });`,
    '"happy is undefined, which does nothing in a patch: leave it out to keep it, or write null to remove it"',
  ],
  'undefined deep in a status patch': [`${patcher} patch({ inner: { a: undefined } });`, '"inner.a is undefined'],
  'applying a cached object': [
    `import type { Cached, NotCached, ResourceInput } from 'setpoint';
     import { Foo } from './common.ts';
     declare const cached: Cached<Foo>;
     declare function apply(object: NotCached & ResourceInput<typeof Foo>): void;
     apply(cached);`,
    'this object comes from the cache: applying it would take ownership of all its fields',
    'Build an object that has only the fields you mean to own',
  ],
  'reading a kind that is not declared': [
    `import { controller } from 'setpoint';
     import { Pod } from 'setpoint/core/v1';
     import { Foo } from './common.ts';
     controller(Foo, { async reconcile(_, { cache }) { cache.list(Pod); } });`,
    'Pod is not declared: add it to the reads of this controller',
  ],
  'writing to an object that was read': [
    `import { Foo } from './common.ts';
     export function rename(foo: Foo) { foo.spec.name = 'x'; }`,
    `Cannot assign to 'name' because it is a read-only property`,
  ],
  'a typebox schema without its door': [
    `import { defineKind } from 'setpoint';
     import Type from 'typebox';
     defineKind({ group: 'a.b', version: 'v1', kind: 'Foo', spec: Type.Object({ a: Type.String() }) });`,
    `Property '"~standard"' is missing`,
  ],
  'a column of a type that is none': [
    `import { defineKind } from 'setpoint';
     defineKind({ group: 'a.b', version: 'v1', kind: 'Foo', columns: [{ name: 'A', type: 'int', path: '.spec.a' }] });`,
    `Type '"int"' is not assignable to type '"boolean" | "date" | "integer" | "number" | "string"'`,
  ],
};

const right = `${patcher}
patch({ happy: true });
patch({ happy: null, inner: { a: null } });
patch({ inner: { a: 'x' } });
patch({});
`;

const rightInPasses = controlled(`
  cache.list(metadata(Pod)).map((pod) => pod.metadata.uid);
  cache.get(Deployment, { namespace: 'x', name: 'y' })?.spec.replicas;
  void status.patch({ happy: true, inner: null });
  void status.patch((before) => ({ happy: !before.happy }));
  void status.patch(() => ({ inner: { a: 'x' } }));
  void apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: foo.metadata.name }, data: { a: 'b' } });
  const children = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } },
  ] as const;
  void (async () => {
    for (const child of children) if (child.kind === 'ConfigMap') (await apply(child)).data?.a;
    const made = await apply({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', labels: { app: 'x' } },
      spec: { selector: {}, template: { spec: { containers: [{ name: 'c' }] } } },
    });
    made.spec.replicas;
  })();
`);

let folder = '';
let output = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setpoint-types-'));
  await symlink(modules, join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'common.ts'), common);
  await writeFile(join(folder, 'right.ts'), right);
  await writeFile(join(folder, 'passes.ts'), rightInPasses);
  for (const [index, [source]] of Object.values(mistakes).entries())
    await writeFile(join(folder, `mistake${index}.ts`), `${source}\nexport {};\n`);
  const compiler = join(modules, 'typescript/bin/tsc');
  output = await new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], (_, stdout) => resolve(stdout));
  });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the compiler said of one file, its continuation lines included. */
function saidOf(file: string): string {
  const blocks = output.split(/^(?=\S)/m);
  return blocks.filter((block) => block.includes(`${file}(`)).join('');
}

describe('the compiler says in words a person can act on:', () => {
  for (const [index, [name, [, ...said]]] of Object.entries(mistakes).entries()) {
    it(name, () => {
      const message = saidOf(`mistake${index}.ts`);
      for (const part of said) expect(message.replaceAll('\\"', '"')).toContain(part);
    });
  }

  it('nothing of what is right', () => {
    expect(output).not.toBe('');
    expect(saidOf('right.ts') + saidOf('passes.ts') + saidOf('common.ts')).toBe('');
  });

  it('one thing for each mistake', () => {
    for (const index of Object.keys(mistakes).keys())
      expect(saidOf(`mistake${index}.ts`).match(/error TS/g) ?? []).toHaveLength(1);
  });
});
