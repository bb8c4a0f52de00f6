import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createControlPlane } from '@setpoint/controlplane';
import type { AnyKind } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { createClient, inProcessTransport } from 'setpoint/client';
import { expect, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { scaffolded } from './scaffolded.ts';

/** A module of Go that carries definitions, with kinds of theirs and an object of each. It is fetched, not kept. */
export interface ForeignModule {
  readonly module: string;
  /** The definitions in it. */
  readonly files: string;
  readonly objects: readonly { readonly apiVersion: string; readonly kind: string; readonly spec: object }[];
}

const pathOf = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }) =>
  `src/external/${apiVersion}/${kind.toLowerCase()}.ts`;

/** Imports all kinds of the module into a project: they compile, are linted, and their objects are applied and read. */
export async function importsAll({ module, files, objects }: ForeignModule): Promise<void> {
  const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' }));
  const paths = globSync(files, { cwd: Dir }).sort();
  expect(paths.length).toBeGreaterThan(0);
  const project = await scaffolded();
  for (const path of paths) await project.runs(`import ${join(Dir, path)} --all`);
  const sources = project.files();
  for (const path of paths)
    expect(await project.runs(`import ${join(Dir, path)} --all`)).not.toMatch(/ (written|changed)$/m);
  expect(project.files()).toEqual(sources);

  for (const [i, object] of objects.entries()) {
    const typed = JSON.stringify({ ...object, metadata: { name: 'a', namespace: 'default' } });
    const lines = [
      `import type { ResourceInput } from 'setpoint';`,
      ['import', '{', object.kind, '}', 'from', `'../${pathOf(object)}';`].join(' '),
      `export const object: ResourceInput<typeof ${object.kind}> = ${typed};`,
    ];
    project.write(`test/object${i}.ts`, `${lines.join('\n')}\n`);
  }
  project.write('biome.json', '{ "linter": { "rules": { "preset": "recommended" } } }\n');
  const run = (program: string, ...argv: readonly string[]) =>
    promisify(execFile)(join(project.folder, 'node_modules/.bin', program), argv, { cwd: project.folder }).catch(
      (error: { readonly stdout?: string; readonly stderr?: string }) => {
        throw new Error(`${program}: ${error.stdout}${error.stderr}`);
      },
    );
  await run('tsc');
  await run('biome', 'lint', '--error-on-warnings', 'src');
  await applyAll(
    project.folder,
    paths.map((path) => join(Dir, path)),
    objects,
  );
}

/** Applies each object by its imported kind on an embedded control plane, and reads it. */
async function applyAll(
  folder: string,
  definitions: readonly string[],
  objects: readonly { readonly apiVersion: string; readonly kind: string; readonly spec: object }[],
): Promise<void> {
  const controlPlane = createControlPlane();
  const client = createClient({ transport: inProcessTransport(controlPlane.handle), fieldManager: 'import' });
  onTestFinished(async () => {
    await client.close();
    await controlPlane.close();
  });
  for (const file of definitions) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const crd = document.toJS();
      if (crd?.kind === 'CustomResourceDefinition') await client.create(CustomResourceDefinition, crd);
    }
  }
  for (const object of objects) {
    const module = (await import(pathToFileURL(join(folder, pathOf(object))).href)) as Readonly<
      Record<string, AnyKind>
    >;
    const kind = module[object.kind] as AnyKind;
    const key = { name: 'a', ...(kind.scope === 'Namespaced' ? { namespace: 'default' } : {}) };
    const body = { ...object, metadata: key };
    await client.patch(kind, key, { type: 'apply', body, force: true });
    expect(await client.get(kind, key)).toMatchObject(object);
  }
}
