// Fetches and builds test suites of others, which start kube-apiserver and etcd by name.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { binaryFolder } from '../real-apiserver/build.ts';
import type { SuiteModule } from './modules.ts';

/** One package of a module with its test program. */
export interface Suite {
  /** Such as `controller-runtime pkg/client`. */
  readonly name: string;
  /** Its folder, in which its tests expect to run. */
  readonly folder: string;
  readonly program: string;
  /** Go tests that only run the specs of the suite. */
  readonly runners: ReadonlySet<string>;
  /** The folder of definitions that it wants in a server that runs already. */
  readonly definitions?: string;
}

export interface FetchedModule extends SuiteModule {
  /** Its sources, where tests may write beside them. */
  readonly folder: string;
  readonly suites: readonly Suite[];
}

/** What says that a test starts a control plane. */
const startsControlPlane = /envtest\.Environment|ControlPlane\{|\bAPIServer\{|\bEtcd\{/;

/** Such as `controller-runtime`. */
export function shortName(module: Pick<SuiteModule, 'path'>): string {
  return module.path
    .split('/')
    .filter((part) => !/^v\d+$/.test(part))
    .slice(1)
    .join('/')
    .replace('fluxcd/', '');
}

/** The module's sources, copied to where tests may write beside them, and its suites. */
export function fetchModule(module: SuiteModule): FetchedModule {
  // Beside the servers that are built from modules.
  const root = join(
    binaryFolder(),
    '..',
    '..',
    'envtest',
    `${shortName(module).replaceAll('/', '-')}@${module.version}`,
  );
  const folder = join(root, 'module');
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    cpSync(download(module.path, module.version), unfinished, { recursive: true });
    for (const [place, path] of Object.entries(module.nested ?? {}))
      cpSync(download(path, module.version), join(unfinished, place), { recursive: true });
    // The module cache is read-only.
    for (const file of ['', ...globSync('**/*', { cwd: unfinished })]) chmodSync(join(unfinished, file), 0o755);
    renameSync(unfinished, folder);
  }
  return { ...module, folder, suites: listSuites(module, folder) };
}

/** The folder in the module cache; go checks the sum by the public database. */
function download(path: string, version: string): string {
  const { status, stdout, stderr } = spawnSync('go', ['mod', 'download', '-json', `${path}@${version}`], {
    // Outside of any module, so that no go.mod has a say.
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${path}@${version} cannot be downloaded: ${stdout || stderr}`);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

function listSuites(module: SuiteModule, folder: string): readonly Suite[] {
  const texts = new Map<string, string>();
  for (const file of globSync('**/*_test.go', { cwd: folder })) {
    const name = dirname(file);
    texts.set(name, (texts.get(name) ?? '') + readFileSync(join(folder, file), 'utf8'));
  }
  const wanted =
    module.packages ?? [...texts].filter(([, text]) => startsControlPlane.test(text)).map(([name]) => name);
  return wanted.toSorted().map((name) => ({
    name: name === '.' ? shortName(module) : `${shortName(module)} ${name}`,
    folder: join(folder, name),
    program: join(folder, '..', 'bin', `${name === '.' ? 'root' : name.replaceAll('/', '-')}.test`),
    runners: runnersOf(texts.get(name) ?? ''),
    ...(module.definitions ? { definitions: join(folder, module.definitions) } : {}),
  }));
}

/** The Go tests that hand over to ginkgo. */
function runnersOf(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^func (Test\w+)\([^)]*\) \{((?:\n\t.*|\n)*)\n\}/gm)].flatMap(([, test = '', body = '']) =>
      body.includes('RunSpecs(') ? [test] : [],
    ),
  );
}

/** Builds what is missing; the first of a module takes some minutes, each of the others some seconds. */
export function buildSuites(module: FetchedModule, suites: readonly Suite[]): void {
  for (const { name, folder, program } of suites) {
    if (existsSync(program)) continue;
    console.log(`building the tests of ${name} …`);
    const tags = module.tags ? [`-tags=${module.tags}`] : [];
    const place = `./${relative(module.folder, folder)}`;
    const args = ['test', '-c', '-vet=off', '-ldflags=-s -w', ...tags, '-o', `${program}.new`, place];
    const env = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
    mkdirSync(dirname(program), { recursive: true });
    if (spawnSync('go', args, { cwd: module.folder, env, stdio: 'inherit' }).status !== 0)
      throw new Error(`go ${args.join(' ')} failed; its message is above`);
    renameSync(`${program}.new`, program);
  }
}
