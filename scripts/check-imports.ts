// Checks that imports point one way (docs/architecture.md) and that a folder's index.ts is its only door.
// Ready-made checkers read no file under TypeScript 7 and call that success.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { runSourceCheck } from './lib/findings.ts';

/**
 * Inside a package, lower folders never import higher ones, and folders on one line not each other. What stands beside
 * the folders (index.ts, createControlPlane) is on top of all of them.
 */
const layers: Readonly<Record<string, readonly (readonly string[])[]>> = {
  apimachinery: [
    ['meta', 'clock'],
    ['json'],
    ['errors'],
    ['quantity', 'duration', 'names', 'jsonpath', 'patch', 'certificates'],
    ['selectors'],
    ['schema', 'kinds'],
    ['cel'],
    ['rules'],
  ],
  setpoint: [
    ['errors', 'signals', 'ownership'],
    ['schema'],
    ['kinds', 'zod'],
    ['readiness'],
    ['manifests'],
    ['deployment', 'rights', 'client'],
    ['cache'],
    ['queue', 'metrics'],
    ['reconcile'],
    ['controller'],
    ['webhook'],
    ['manager'],
  ],
  controlplane: [
    ['status', 'registry', 'store'],
    ['http', 'quota'],
    ['apply'],
    ['authorization'],
    ['authentication'],
    ['audit'],
    ['kinds', 'table', 'discovery', 'openapi', 'verbs'],
    ['admission', 'crd', 'controllers', 'pods', 'pipeline'],
  ],
};

/** Which packages of ours a package may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '@setpoint/apimachinery': [],
  setpoint: ['@setpoint/apimachinery'],
  '@setpoint/controlplane': ['@setpoint/apimachinery'],
  '@setpoint/testing': ['@setpoint/apimachinery', 'setpoint', '@setpoint/controlplane'],
  '@setpoint/cli': ['@setpoint/apimachinery', 'setpoint', '@setpoint/controlplane', '@setpoint/testing'],
  'create-setpoint': ['@setpoint/cli'],
};

const nameOf: Readonly<Record<string, string>> = {
  apimachinery: '@setpoint/apimachinery',
  setpoint: 'setpoint',
  controlplane: '@setpoint/controlplane',
  testing: '@setpoint/testing',
  cli: '@setpoint/cli',
  'create-setpoint': 'create-setpoint',
};

const specifier =
  /\b(?:import|export)\b[^'"();]*?from\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm;

/** The complaints about one file, as sentences. `file` is relative to the repository. */
function complaintsOf(file: string, source: string): string[] {
  const complaints: string[] = [];
  for (const match of source.matchAll(specifier)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    const why = target.startsWith('.') ? wrongPath(file, target) : wrongPackage(file, target);
    if (why) complaints.push(`${file}: imports '${target}': ${why}`);
  }
  const [, pkg = '', , folder = ''] = file.split('/');
  if (layers[pkg] && !folder.includes('.') && folder !== 'testing' && lineOf(pkg, folder) < 0) {
    complaints.push(
      `${file}: ${folder}/ has no place in the order of folders; give it one in scripts/check-imports.ts`,
    );
  }
  return complaints;
}

function wrongPath(file: string, target: string): string | undefined {
  const [, pkg = '', , folder = ''] = file.split('/');
  const resolved = normalize(join(dirname(file), target));
  const [, targetPackage, , targetFolder = ''] = resolved.split('/');
  if (targetPackage !== pkg) return 'reaches into another package; import it by name';
  const onTop = folder.includes('.');
  if (targetFolder === folder || !resolved.includes('/src/') || isTest(file) || onTop) return undefined;
  if (targetFolder.endsWith('.ts')) return layers[pkg] ? `${targetFolder} lies above all folders` : undefined;
  const inside = relative(join('packages', pkg, 'src', targetFolder), resolved);
  if (inside !== 'index.ts') return `index.ts is the only door of ${targetFolder}/`;
  if (targetFolder === 'testing') return 'testing/ is for tests';
  const [from, to] = [lineOf(pkg, folder), lineOf(pkg, targetFolder)];
  if (from >= 0 && to > from) return `${folder}/ lies below ${targetFolder}/`;
  if (from >= 0 && to === from) return `${folder}/ and ${targetFolder}/ lie side by side`;
  return undefined;
}

function wrongPackage(file: string, target: string): string | undefined {
  const self = nameOf[file.split('/')[1] ?? ''];
  if (/^(@?vitest|fast-check)\b/.test(target) && !file.endsWith('.test.ts')) return 'for tests only';
  const targetPackage = Object.keys(packages).find((name) => target === name || target.startsWith(`${name}/`));
  if (!targetPackage || !self || targetPackage === self || isTest(file)) return undefined;
  return packages[self]?.includes(targetPackage) ? undefined : `${self} must not depend on ${targetPackage}`;
}

function isTest(file: string): boolean {
  return /\.test\.ts$|\/src\/(.*\/)?testing\//.test(file);
}

function lineOf(pkg: string, folder: string): number {
  return layers[pkg]?.findIndex((line) => line.includes(folder)) ?? -1;
}

runSourceCheck(
  {
    unit: 'modules',
    files: globSync('packages/*/src/**/*.ts'),
    atLeast: 300,
    complaintsOf,
    planted: [
      ['packages/setpoint/src/errors/x.ts', "import { a } from '../manager/index.ts';"],
      ['packages/setpoint/src/manager/x.ts', "import { a } from '../errors/api-error.ts';"],
      ['packages/setpoint/src/kinds/x.ts', "import { a } from '../zod/index.ts';"],
      ['packages/setpoint/src/client/x.ts', "import { a } from '@setpoint/controlplane';"],
      ['packages/setpoint/src/client/x.ts', "import { a } from '../index.ts';"],
      ['packages/setpoint/src/client/x.ts', "import { a } from '../../../testing/src/index.ts';"],
      ['packages/setpoint/src/novel/x.ts', ''],
      ['packages/controlplane/src/http/x.ts', "const a = await import('setpoint/client');"],
      ['packages/controlplane/src/store/x.ts', "import { a } from '../verbs/index.ts';"],
      ['packages/controlplane/src/http/x.ts', "import type { A } from '../pipeline/index.ts';"],
      ['packages/controlplane/src/verbs/x.ts', "import { a } from '../kinds/index.ts';"],
      ['packages/controlplane/src/verbs/x.ts', "import { a } from '../options.ts';"],
      ['packages/controlplane/src/verbs/x.ts', "import { a } from '../testing/index.ts';"],
      ['packages/apimachinery/src/meta/x.ts', "export { a } from '../schema/index.ts';"],
      ['packages/testing/src/x.ts', "import { it } from 'vitest';"],
    ],
    allowed: [
      ['packages/setpoint/src/errors/x.test.ts', "import { a } from '../manager/manager.ts';"],
      ['packages/controlplane/src/control-plane.ts', "import { a } from './verbs/index.ts';"],
      ['packages/controlplane/src/crd/x.ts', "import { a } from '../registry/index.ts';"],
    ],
  },
  (file) => readFileSync(file, 'utf8'),
);

for (const [pkg, lines] of Object.entries(layers)) {
  for (const folder of lines.flat().filter((folder) => !existsSync(join('packages', pkg, 'src', folder)))) {
    console.error(`the order of folders names packages/${pkg}/src/${folder}, which is not there`);
    process.exitCode = 1;
  }
}
