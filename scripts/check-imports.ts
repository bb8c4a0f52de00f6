// Checks that imports point one way (docs/architecture.md) and that a folder's index.ts is its only door.
// Ready-made checkers read no file under TypeScript 7 and call that success; so this one also proves, on each
// run, that it looked at a fair number of modules and that it finds planted violations.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** Inside a package, lower folders never import higher ones. Folders on one line may not import each other. */
const layers: Readonly<Record<string, readonly (readonly string[])[]>> = {
  apimachinery: [
    ['meta', 'errors', 'clock', 'json'],
    ['quantity', 'duration', 'names', 'jsonpath', 'patch'],
    ['selectors'],
    ['schema', 'kinds'],
  ],
  setpoint: [
    ['errors'],
    ['schema'],
    ['kinds'],
    ['manifests'],
    ['client'],
    ['cache'],
    ['queue'],
    ['reconcile'],
    ['controller'],
    ['webhook'],
    ['manager'],
  ],
};

/** Which packages of ours a package may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '@setpoint/apimachinery': [],
  setpoint: ['@setpoint/apimachinery'],
  '@setpoint/controlplane': ['@setpoint/apimachinery'],
  '@setpoint/testing': ['@setpoint/apimachinery', 'setpoint', '@setpoint/controlplane'],
  '@setpoint/cli': ['@setpoint/apimachinery', 'setpoint', '@setpoint/controlplane', '@setpoint/testing'],
};

const nameOf: Readonly<Record<string, string>> = {
  apimachinery: '@setpoint/apimachinery',
  setpoint: 'setpoint',
  controlplane: '@setpoint/controlplane',
  testing: '@setpoint/testing',
  cli: '@setpoint/cli',
};

const specifier =
  /\b(?:import|export)\b[^'"();]*?from\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm;

/** The complaints about one file, as sentences. `file` is relative to the repository. */
function check(file: string, source: string): string[] {
  const [, pkg = '', , folder = ''] = file.split('/');
  const complaints: string[] = [];
  const isTest = /\.test\.ts$|\/test\/|\/testing\//.test(file);
  for (const match of source.matchAll(specifier)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    const say = (why: string) => complaints.push(`${file}: imports '${target}': ${why}`);
    if (target.startsWith('.')) {
      const resolved = normalize(join(dirname(file), target));
      const [, targetPackage, , targetFolder = ''] = resolved.split('/');
      if (targetPackage !== pkg) {
        say(`reaches into another package; import it by name`);
        continue;
      }
      if (targetFolder === folder || !resolved.includes('/src/')) continue;
      const inside = relative(join('packages', pkg, 'src', targetFolder), resolved);
      if (inside.includes('/') || (inside !== 'index.ts' && !targetFolder.endsWith('.ts'))) {
        if (!isTest && !folder.endsWith('.ts')) say(`index.ts is the only door of ${targetFolder}/`);
      }
      const order = layers[pkg];
      if (!order || isTest || folder.endsWith('.ts')) continue;
      const from = order.findIndex((line) => line.includes(folder));
      const to = order.findIndex((line) => line.includes(targetFolder));
      if (from >= 0 && to > from) say(`${folder}/ lies below ${targetFolder}/`);
    } else {
      const targetPackage = Object.keys(packages).find((name) => target === name || target.startsWith(`${name}/`));
      const self = nameOf[pkg];
      if (!targetPackage || !self || targetPackage === self || isTest) continue;
      if (!packages[self]?.includes(targetPackage)) say(`${self} must not depend on ${targetPackage}`);
    }
  }
  return complaints;
}

const files = globSync('packages/*/src/**/*.ts');
const complaints = files.flatMap((file) => check(file, readFileSync(file, 'utf8')));

const planted: readonly (readonly [string, string])[] = [
  ['packages/setpoint/src/errors/x.ts', "import { a } from '../manager/index.ts';"],
  ['packages/setpoint/src/manager/x.ts', "import { a } from '../errors/api-error.ts';"],
  ['packages/setpoint/src/client/x.ts', "import { a } from '@setpoint/controlplane';"],
  ['packages/controlplane/src/http/x.ts', "const a = await import('setpoint/client');"],
  ['packages/apimachinery/src/meta/x.ts', "export { a } from '../schema/index.ts';"],
];
for (const [file, source] of planted) {
  if (check(file, source).length === 0)
    complaints.push(`the check itself is broken: it does not find ${source} in ${file}`);
}
if (files.length < 40) complaints.push(`the check itself is broken: it saw only ${files.length} modules`);

for (const complaint of complaints) console.error(complaint);
console.log(`${files.length} modules, ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
