import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { below, type Files, folderWith } from '../../test/image-project.ts';
import { bundleProject } from '../image/index.ts';
import { findProject } from '../project.ts';
import { type Bundle, bundleFolder, Unbundleable } from './index.ts';

const platform = { os: 'linux', architecture: 'amd64' };

/** A project whose package.json depends on what lies in its `node_modules`. */
function project(sources: Files, packages: Readonly<Record<string, Files>> = {}, manifest: object = {}): string {
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '1']));
  const installed = Object.entries(packages).map(([name, files]) =>
    below(`node_modules/${name}`, {
      'package.json': { name, version: '1.0.0', main: 'index.js', ...(files['package.json'] as object | undefined) },
      ...Object.fromEntries(Object.entries(files).filter(([path]) => path !== 'package.json')),
    }),
  );
  return folderWith({
    'package.json': { name: 'demo', type: 'module', dependencies, ...manifest },
    'src/operator.ts': '',
    ...below('src', sources),
    ...Object.assign({}, ...installed),
  });
}

const bundleOf = (folder: string) => bundleProject(findProject(folder), platform);

/** What the program says in a folder that has nothing but it. */
function run({ files, program }: Bundle, more: Files = {}): { status: number | null; out: string; err: string } {
  const folder = folderWith({ 'package.json': { type: 'module' }, ...more });
  for (const { name, text } of files) {
    const file = join(folder, bundleFolder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--enable-source-maps', program], {
    cwd: folder,
    encoding: 'utf8',
    env: {},
  });
  return { status, out: stdout.replaceAll(folder, '/app'), err: stderr.replaceAll(folder, '/app') };
}

const esm = (code: string, more: Files = {}): Files => ({
  'package.json': { type: 'module' },
  'index.js': code,
  ...more,
});

test('a program runs without its packages, whichever kind of modules they are', async () => {
  const bundle = await bundleOf(
    project(
      {
        'main.ts': `import { first } from './part.ts'; import second from 'second'; import { readFileSync } from 'node:fs';
          import type { Nothing } from 'absent';
          const { third } = await import('third'); console.log(first, second.value, third as string, typeof readFileSync);`,
        'part.ts': `export { first } from 'first';`,
      },
      {
        first: esm(`export const first = 'esm';`),
        second: {
          'index.js': `exports.value = require('./inner').toString(); `,
          'inner.js': `module.exports = 'cjs';`,
        },
        third: esm(`export const third = 'late';`),
      },
    ),
  );
  expect([...bundle.outside]).toEqual([]);
  expect(run(bundle)).toEqual({ status: 0, out: 'esm cjs late function\n', err: '' });
});

test('stacks name lines of the sources, and functions of packages', async () => {
  const sources = {
    'main.ts': `import { fail } from './deep/part.ts';\n\ninterface Options {\n  at: number;\n}\nfail({ at: 1 } as Options);\n`,
    'deep/part.ts': `// about this\nimport { call } from 'caller';\n\nexport function fail(o: object) {\n  call(() => {\n    throw new RangeError('no');\n  });\n}\n`,
  };
  const bundle = await bundleOf(project(sources, { caller: esm('export function call(inner) {\n  inner();\n}\n') }));
  const { status, err } = run(bundle);
  expect(status).toBe(1);
  expect(err).toContain('RangeError: no');
  expect(err).toMatch(/\/app\/src\/deep\/part\.ts:6:\d+/);
  expect(err).toMatch(/at call \(.*\/app\/dist\/operator\/packages-[\w-]+\.mjs:\d+:\d+\)/);
  expect(err).toMatch(/at (?:Object\.)?fail \(.*\/app\/src\/deep\/part\.ts:5:\d+\)/);
  expect(err).toMatch(/\/app\/src\/main\.ts:6:\d+/);
  expect(bundle.files.map(({ name }) => name).filter((name) => /packages.*map/.test(name))).toEqual([]);
});

test('what a source knows of its place stays true', async () => {
  const bundle = await bundleOf(
    project({
      'main.ts': `import { place } from './deep/part.ts';\nconsole.log(JSON.stringify([import.meta.main, ...place]));`,
      'deep/part.ts': `export const place = [import.meta.main, import.meta.dirname, import.meta.filename, new URL('./text', import.meta.url).pathname];`,
    }),
  );
  const [main, other, ...places] = JSON.parse(run(bundle).out);
  expect([main, other]).toEqual([true, false]);
  expect(places).toEqual(['/app/src/deep', '/app/src/deep/part.ts', '/app/src/deep/text']);
});

test('a program that waits may load what needs the same modules as it does', async () => {
  const bundle = await bundleOf(
    project(
      {
        'main.ts': `import { settings } from './settings.ts'; import { shared } from 'shared'; import { own } from './own.ts';
          const { late } = await import('./late.ts'); console.log(settings, late, shared, own);`,
        'settings.ts': `import { shared } from 'shared'; const { more } = await import('lazy'); export const settings = more + shared;`,
        'late.ts': `import { settings } from './settings.ts'; import { own } from './own.ts'; export const late = 'late ' + settings + own;`,
        'own.ts': `export const own = 'own';`,
      },
      {
        shared: esm(`export const shared = 'shared';`),
        lazy: esm(`import { shared } from 'shared'; export const more = 'lazy ' + shared;`, {
          'package.json': { type: 'module', dependencies: { shared: '1' } },
        }),
      },
    ),
  );
  expect(run(bundle)).toEqual({ status: 0, out: 'lazy sharedshared late lazy sharedsharedown shared own\n', err: '' });
});

test('native parts, questions about their place and package.json keep packages outside', async () => {
  const sources = { 'main.ts': `import 'native'; import 'placed'; import 'listed'; import 'plain'; import 'parted';` };
  const folder = project(
    sources,
    {
      native: { 'index.js': '', 'build/binding.node': 'x' },
      parted: { 'package.json': { optionalDependencies: { '@parted/linux-x64': '1' } }, 'index.js': '' },
      placed: { 'index.js': `require('./read');`, 'read.js': `require('fs').readFileSync(__dirname + '/x');`, x: '' },
      listed: { 'index.js': '' },
      plain: { 'index.js': '' },
    },
    { setpoint: { external: ['listed'] } },
  );
  const { outside } = await bundleOf(folder);
  expect([...outside].map(([name, { why }]) => [name, why])).toEqual([
    ['listed', 'package.json leaves it outside'],
    ['native', 'it has parts that are no JavaScript'],
    ['parted', 'it has parts that are no JavaScript'],
    ['placed', 'it asks where it lies'],
  ]);
});

test('what is not installed for running is missing when it is asked for, as without a bundle', async () => {
  const ask = (name: string) => `await import('${name}').catch((error) => console.log(error.code));`;
  const folder = project(
    { 'main.ts': `${ask('maybe')}\n${ask('tool')}` },
    {},
    { peerDependencies: { maybe: '1' }, peerDependenciesMeta: { maybe: { optional: true } } },
  );
  folderWith({ 'node_modules/tool/package.json': { name: 'tool' }, 'node_modules/tool/index.js': '' }, folder);
  expect(run(await bundleOf(folder)).out).toBe('ERR_MODULE_NOT_FOUND\nERR_MODULE_NOT_FOUND\n');
});

test('the same sources and packages make the same files, wherever they lie', async () => {
  const sources = {
    'main.ts': `import { a } from 'a'; import './part.ts'; console.log(a, await import('./late.ts'));`,
    'part.ts': `import b from 'b'; console.log(b, 'ß');`,
    'late.ts': `import { a } from 'a'; export const late = a;`,
  };
  const packages = {
    a: esm('export const a = 1;'),
    b: { 'index.js': 'module.exports = 2;', LICENSE: 'Do as you like.' },
  };
  const [first, second] = await Promise.all([project(sources, packages), project(sources, packages)].map(bundleOf));
  expect(second).toEqual(first);
  const linked = folderWith({
    'package.json': { name: 'demo', type: 'module', dependencies: { a: '1', b: '1' } },
    'src/operator.ts': '',
    ...below('src', sources),
    ...below('node_modules/.store/a', {
      'package.json': { name: 'a', version: '1.0.0', main: 'index.js', type: 'module' },
      'index.js': 'export const a = 1;',
    }),
    ...below('node_modules/.store/b', {
      'package.json': { name: 'b', version: '1.0.0', main: 'index.js' },
      ...packages.b,
    }),
    'node_modules/a': '-> .store/a',
    'node_modules/b': '-> .store/b',
  });
  expect(await bundleOf(linked)).toEqual(first);
  expect(first?.files.find(({ name }) => name === 'LICENSES.txt')?.text).toContain('b 1.0.0\n\nDo as you like.\n');
});

const plain = { 'index.js': '' };

test.each<[string, Files, Readonly<Record<string, Files>>, RegExp]>([
  [
    'starts a worker',
    { 'main.ts': `new Worker(new URL('./w.ts', import.meta.url));` },
    {},
    /^src\/main\.ts calls Worker,/,
  ],
  [
    'makes the names of modules',
    { 'main.ts': `await import('./' + process.argv[2]);` },
    {},
    /^src\/main\.ts imports modules whose names it makes$/,
  ],
  [
    'asks how imports are resolved',
    { 'main.ts': `import.meta.resolve('x');` },
    {},
    /^src\/main\.ts uses import\.meta for more than/,
  ],
  [
    'needs what it does not declare',
    { 'main.ts': `import 'absent';` },
    {},
    /^src\/main\.ts imports absent, which is not found among the dependencies$/,
  ],
  [
    'has a source that is loaded beside it',
    { 'main.ts': '', 'tracing.ts': `import 'plain';` },
    { plain },
    /^src\/tracing\.ts imports plain, and src\/main\.ts does not import src\/tracing\.ts$/,
  ],
])('a program that %s is not bundled', async (_, sources, packages, message) => {
  const error = await bundleOf(project(sources, packages)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Unbundleable);
  expect((error as Error).message).toMatch(message);
});

test('two versions of what stays outside cannot lie beside a program', async () => {
  const placed = { 'package.json': { name: 'placed', version: '2.0.0' }, 'index.js': 'module.exports = __dirname;' };
  const folder = project(
    { 'main.ts': `import 'placed'; import 'user';` },
    {
      placed: { 'index.js': 'module.exports = __dirname;' },
      user: {
        'package.json': { dependencies: { placed: '2' } },
        'index.js': `require('placed');`,
        ...below('node_modules/placed', placed),
      },
    },
  );
  await expect(bundleOf(folder)).rejects.toThrow('placed is needed in two versions, and it asks where it lies');
});

test('sources that are no TypeScript are told with their place', async () => {
  const folder = project({ 'main.ts': 'const = 1;' });
  await expect(bundleOf(folder)).rejects.toThrow(/cannot join the sources of .*main\.ts/s);
});
