// `npm run pack`: installable tarballs of every package in build/packages/.
//
// Node refuses to strip types below node_modules, so what is published is JavaScript with declarations:
// one compilation of all packages, then each is staged with a package.json that points at dist/.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const compiled = 'build/compiled';
const staged = 'build/staged';
const tarballs = 'build/packages';

for (const folder of [compiled, staged, tarballs]) rmSync(folder, { recursive: true, force: true });
mkdirSync(tarballs, { recursive: true });

compile();
for (const name of readdirSync('packages')) {
  if (!existsSync(join('packages', name, 'package.json'))) continue;
  stage(name);
  const output = execFileSync('npm', ['pack', '--silent', '--pack-destination', tarballs, `./${join(staged, name)}`], {
    encoding: 'utf8',
  });
  console.log(join(tarballs, output.trim().split('\n').at(-1) ?? ''));
}

function compile(): void {
  mkdirSync('build', { recursive: true });
  const config = {
    extends: '../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: '../packages',
      outDir: '../build/compiled',
    },
    include: ['../packages/*/src'],
    exclude: ['../packages/**/*.test.ts', '../packages/**/*.test-d.ts'],
  };
  writeFileSync('build/tsconfig.pack.json', JSON.stringify(config));
  execFileSync('tsc', ['-p', 'build/tsconfig.pack.json'], { stdio: 'inherit' });
}

function stage(name: string): void {
  const source = join('packages', name);
  const target = join(staged, name);
  mkdirSync(target, { recursive: true });
  const dist = join(compiled, name, 'src');
  if (existsSync(dist)) cpSync(dist, join(target, 'dist'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  for (const folder of ['bin', 'assets']) {
    if (existsSync(join(source, folder))) cpSync(join(source, folder), join(target, folder), { recursive: true });
  }
  cpSync(existsSync(join(source, 'README.md')) ? join(source, 'README.md') : 'README.md', join(target, 'README.md'));
  cpSync('LICENSE', join(target, 'LICENSE'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
}

/** The manifest as users get it: exports of the compiled files, and exactly the versions that were tested together. */
function published(manifest: Manifest): Manifest {
  const exports: Record<string, unknown> = {};
  for (const [door, file] of Object.entries(manifest.exports ?? {})) {
    const base = String(file).match(/^\.\/src\/(.*)\.ts$/)?.[1];
    exports[door] = base ? { types: `./dist/${base}.d.ts`, default: `./dist/${base}.js` } : file;
  }
  return { ...manifest, exports, files: ['dist', 'bin', 'assets'], setpoint: builtFrom() };
}

/** Which commit, and when it was made: the same sources pack to the same bytes on any day. */
function builtFrom(): { readonly commit: string; readonly built: string } {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', '--short=12', 'HEAD'), built: git('show', '-s', '--format=%cI', 'HEAD') };
}

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly setpoint?: object;
}
