import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './command.ts';

/** Files by their path, with their text; a link by `->` and where it leads. */
export type Files = Readonly<Record<string, string | object>>;

/** A folder with these files; objects that are no bytes are written as JSON. */
export function folderWith(files: Files, folder: string = temporaryFolder()): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content instanceof Uint8Array) writeFileSync(file, content);
    else if (typeof content !== 'string') writeFileSync(file, JSON.stringify(content));
    else if (content.startsWith('-> ')) symlinkSync(content.slice(3), file);
    else writeFileSync(file, content);
  }
  return folder;
}

/** What every project has. */
export const projectSources: Files = {
  'src/operator.ts': "export default { name: 'demo' };",
  'src/main.ts': "import operator from './operator.ts';\nconsole.log(operator.name);\n",
  'src/operator.test.ts': 'never in an image',
  '.gitignore': 'node_modules/',
  'README.md': '# Demo',
};

/** The package.json of a project that needs `left`, which needs `right` 2, while the project itself needs `right` 1. */
export const projectManifest = {
  name: 'demo',
  version: '1.2.3',
  license: 'Apache-2.0',
  type: 'module',
  dependencies: { left: '1', right: '1' },
  devDependencies: { tool: '1' },
};

const packages = {
  left: { 'package.json': { name: 'left', version: '1.0.0', dependencies: { right: '2' } }, 'index.js': 'left 1' },
  right1: { 'package.json': { name: 'right', version: '1.0.0' }, 'lib/index.js': 'right 1' },
  right2: { 'package.json': { name: 'right', version: '2.0.0' }, 'lib/index.js': 'right 2' },
  tool: { 'package.json': { name: 'tool', version: '1.0.0' }, 'index.js': 'only for development' },
};

/** As npm lays it out. */
export function npmProject(manifest: object = {}, more: Files = {}): string {
  return folderWith({
    ...projectSources,
    'package.json': { ...projectManifest, ...manifest },
    'node_modules/.package-lock.json': {},
    ...below('node_modules/left', packages.left),
    ...below('node_modules/right', packages.right1),
    ...below('node_modules/left/node_modules/right', packages.right2),
    ...below('node_modules/tool', packages.tool),
    ...more,
  });
}

/** The same packages as pnpm lays them out: each in a folder of its own, with links to what it needs. */
export function pnpmProject(): string {
  const store = 'node_modules/.pnpm';
  return folderWith({
    ...projectSources,
    'package.json': projectManifest,
    'pnpm-lock.yaml': '',
    ...below(`${store}/left@1.0.0/node_modules/left`, packages.left),
    [`${store}/left@1.0.0/node_modules/right`]: '-> ../../right@2.0.0/node_modules/right',
    ...below(`${store}/right@1.0.0/node_modules/right`, packages.right1),
    ...below(`${store}/right@2.0.0/node_modules/right`, packages.right2),
    ...below(`${store}/tool@1.0.0/node_modules/tool`, packages.tool),
    'node_modules/left': '-> .pnpm/left@1.0.0/node_modules/left',
    'node_modules/right': '-> .pnpm/right@1.0.0/node_modules/right',
    'node_modules/tool': '-> .pnpm/tool@1.0.0/node_modules/tool',
  });
}

export function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}
