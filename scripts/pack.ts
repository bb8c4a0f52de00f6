// `npm run pack`: installable tarballs of every package in build/packages/.
//
// Node refuses to strip types below node_modules, so what is published is JavaScript with declarations. One compilation
// makes both; then the modules of a package are joined into one file per door plus shared chunks, since Node spends more
// time on finding two hundred small files than on running them (start-up is less than half of what it was).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InputOptions, type OutputChunk, type Plugin, rolldown } from 'rolldown';

const compiled = 'build/compiled';
const staged = 'build/staged';
const tarballs = 'build/packages';

/**
 * Doors that are programs: all they need is joined with them, that of other packages too. A quarter of the time that a
 * control plane takes to start went into finding the files of three packages.
 */
const programs: Readonly<Record<string, readonly string[]>> = {
  cli: ['serve', 'launch'],
  'create-setpoint': ['create'],
};

/** Packages whose files are joined with a package's own: each that Node has to find costs half a millisecond at every start. */
const joined: Readonly<Record<string, readonly string[]>> = { cli: ['commander'] };

const processModule = '\0process';
/**
 * Who imports `node:process` rather than using the global has Node make a module of all of it: 4 ms of each call of the
 * command, which commander would cost.
 */
const processAsGlobal: Plugin = {
  name: 'process as a global',
  resolveId(id, importer) {
    if (id !== 'node:process') return undefined;
    return importer?.includes('/commander/') ? processModule : { id, external: true };
  },
  load: (id) => (id === processModule ? 'export default globalThis.process;' : undefined),
};

for (const folder of [compiled, staged, tarballs]) rmSync(folder, { recursive: true, force: true });
mkdirSync(tarballs, { recursive: true });

compile();
for (const name of readdirSync('packages')) {
  if (!existsSync(join('packages', name, 'package.json'))) continue;
  await stage(name);
  const output = execFileSync('npm', ['pack', '--silent', '--pack-destination', tarballs, `./${join(staged, name)}`], {
    encoding: 'utf8',
  });
  console.log(join(tarballs, output.trim().split('\n').at(-1) ?? ''));
}

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
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
    // Fakes that several tests share stand in testing/ beside them.
    exclude: ['../packages/**/*.test.ts', '../packages/*/src/**/testing'],
  };
  writeFileSync('build/tsconfig.pack.json', JSON.stringify(config));
  execFileSync('tsc', ['-p', 'build/tsconfig.pack.json'], { stdio: 'inherit' });
}

async function stage(name: string): Promise<void> {
  const source = join('packages', name);
  const target = join(staged, name);
  const dist = join(target, 'dist');
  const manifest: Manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  mkdirSync(target, { recursive: true });
  cpSync(join(compiled, name, 'src'), dist, { recursive: true, filter: (file) => !file.endsWith('.js') });
  const [apart, whole] = [programs[name] ?? [], doors(manifest)];
  const together = whole.filter((door) => !apart.includes(door));
  if (together.length > 0) await bundle(name, together, dist);
  if (apart.length > 0) await bundleWhole(name, apart, dist);
  for (const folder of ['bin', 'assets']) {
    if (existsSync(join(source, folder))) cpSync(join(source, folder), join(target, folder), { recursive: true });
  }
  if (existsSync(join(target, 'bin'))) cpSync('packages/cli/bin/start.js', join(target, 'bin/start.js'));
  cpSync(existsSync(join(source, 'README.md')) ? join(source, 'README.md') : 'README.md', join(target, 'README.md'));
  cpSync('LICENSE', join(target, 'LICENSE'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(manifest, joined[name] ?? []), null, 2)}\n`);
}

/** The doors of a package that are sources, without folder and ending: `client/index`. */
function doors({ exports }: Manifest): readonly string[] {
  return Object.values(exports).flatMap((file) => file.match(/^\.\/src\/(.*)\.ts$/)?.[1] ?? []);
}

/** One file a door, and chunks that they share. */
async function bundle(name: string, entries: readonly string[], folder: string): Promise<void> {
  const inside = joined[name] ?? [];
  const chunks = await joinModules(name, entries, folder, 'chunks', {
    external: (id) => !/^[./]/.test(id) && ![...inside, 'node:process', processModule].includes(id),
  });
  copyLicences(name, chunks, join(folder, 'chunks'));
}

/** The same with nothing left outside but what Node has; whose work comes along is said by its licence beside it. */
async function bundleWhole(name: string, entries: readonly string[], folder: string): Promise<void> {
  const chunks = await joinModules(name, entries, folder, 'server', {
    external: (id) => id.startsWith('node:') && id !== 'node:process',
    plugins: [{ name: 'workspace', resolveId: compiledModule }],
  });
  copyLicences(name, chunks, join(folder, 'server'));
}

/** Whose work comes along is said beside it. */
function copyLicences(name: string, chunks: readonly OutputChunk[], folder: string): void {
  const outside = chunks.flatMap(({ moduleIds }) =>
    moduleIds.flatMap((id) => id.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []),
  );
  for (const one of new Set(outside)) {
    const licence = readdirSync(join('node_modules', one)).find((file) => /^licen[cs]e\b/i.test(file));
    if (licence === undefined) throw new Error(`${one} comes along with ${name} and has no licence beside it`);
    cpSync(join('node_modules', one, licence), join(folder, `LICENSE.${one.replace('/', '-')}`));
  }
}

async function joinModules(
  name: string,
  entries: readonly string[],
  folder: string,
  chunks: string,
  options: InputOptions,
): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, resolve(compiled, name, 'src', `${entry}.js`)])),
    platform: 'node',
    logLevel: 'warn',
    // Nothing here is imported for what it does when it is loaded: what a door does not use it does not load.
    treeshake: { moduleSideEffects: false },
    ...options,
    plugins: [processAsGlobal, options.plugins],
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${chunks}/[name]-[hash].js`,
  });
  await build.close();
  for (const { fileName } of output) {
    const file = join(folder, fileName);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[\u0080-\uffff]/g, escaped));
  }
  return output.filter((one) => one.type === 'chunk');
}

/** A door of a package of this repository, as it was compiled. */
function compiledModule(id: string): string | undefined {
  const [, name, door = ''] = id.match(/^(?:@setpoint\/)?([a-z]+)((?:\/.*)?)$/) ?? [];
  if (name === undefined || !existsSync(join(compiled, name))) return undefined;
  const manifest: Manifest = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
  const file = manifest.exports[`.${door}`]?.match(/^\.\/src\/(.*)\.ts$/)?.[1];
  return file === undefined ? undefined : resolve(compiled, name, 'src', `${file}.js`);
}

/** V8 keeps sources as they are written, in twice the memory if a single character is not of Latin-1: 6 MB of a process. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The manifest as users get it. */
function published(manifest: Manifest, inside: readonly string[]): object {
  const exports: Record<string, unknown> = {};
  for (const [door, file] of Object.entries(manifest.exports)) {
    const base = file.match(/^\.\/src\/(.*)\.ts$/)?.[1];
    exports[door] = base ? { types: `./dist/${base}.d.ts`, default: `./dist/${base}.js` } : file;
  }
  const needed = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !inside.includes(name));
  const dependencies = needed.length > 0 ? { dependencies: Object.fromEntries(needed) } : {};
  return { ...manifest, ...dependencies, exports, files: ['dist', 'bin', 'assets'], setpoint: builtFrom() };
}

/** Which commit, and when it was made: the same sources pack to the same bytes on any day. */
function builtFrom(): { readonly commit: string; readonly built: string } {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', '--short=12', 'HEAD'), built: git('show', '-s', '--format=%cI', 'HEAD') };
}
