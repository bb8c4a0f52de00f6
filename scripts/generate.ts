// Writes what is generated from the API definitions of Kubernetes: the tables of apimachinery and the built-in
// kinds of the library. `node scripts/generate.ts` writes, `--check` says whether the files are current,
// `--server KUBECONFIG` also takes the facts that only discovery knows (plurals, short names, verbs) from a server.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Columns, columnsFile, readColumns } from './generate/columns.ts';
import { factsFile, type KindFacts, readDiscovery } from './generate/discovery.ts';
import { interfaceFiles } from './generate/interfaces.ts';
import { goIsInstalled, header, readModel } from './generate/model.ts';
import { tableFiles } from './generate/tables.ts';

const root = join(import.meta.dirname, '..');
const tool = join(root, 'tools/kinds');
const tables = 'packages/apimachinery/src/kinds/generated';
const interfaces = 'packages/setpoint/src/kinds/builtin';
const printers = 'packages/controlplane/src/kinds/printers/generated';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes('--check');
  const server = args.includes('--server') ? args[args.indexOf('--server') + 1] : undefined;
  const unknown = args.filter((arg) => arg !== '--check' && arg !== '--server' && arg !== server);
  if (unknown.length > 0 || (args.includes('--server') && !server)) {
    console.error('usage: generate.ts [--check] [--server KUBECONFIG]');
    return 2;
  }
  if (!goIsInstalled()) {
    console.log('skipped: Go is not installed');
    return check ? 0 : 1;
  }
  const files = await generate(server);
  return check ? report(files) : write(files);
}

/** Every generated file with its text, by path from the root of the repository. */
async function generate(server: string | undefined): Promise<Map<string, string>> {
  const model = readModel(tool);
  const factsPath = join(tool, 'generated/discovery.json');
  const columnsPath = join(tool, 'generated/columns.json');
  if (server) {
    const discovered = readDiscovery(server, model);
    writeFileSync(factsPath, `${JSON.stringify(discovered, null, 2)}\n`);
    writeFileSync(columnsPath, `${JSON.stringify(await readColumns(server, discovered), null, 2)}\n`);
  }
  const facts = JSON.parse(readFileSync(factsPath, 'utf8')) as readonly KindFacts[];
  const columns = JSON.parse(readFileSync(columnsPath, 'utf8')) as Columns;
  const files = new Map<string, string>();
  for (const [name, text] of tableFiles(model)) files.set(join(tables, name), text);
  files.set(join(tables, 'facts.ts'), factsFile(facts));
  files.set(join(printers, 'columns.ts'), columnsFile(columns));
  for (const [name, text] of interfaceFiles(model, facts)) files.set(join(interfaces, name), text);
  return files;
}

function write(files: ReadonlyMap<string, string>): number {
  for (const stale of leftovers(files)) rmSync(join(root, stale));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  console.log(`${files.size} files written`);
  return 0;
}

function report(files: ReadonlyMap<string, string>): number {
  const stale = [...files].filter(([path, text]) => !isCurrent(path, text)).map(([path]) => path);
  for (const path of [...stale, ...leftovers(files)]) console.error(`not current: ${path}; run npm run generate`);
  if (stale.length + leftovers(files).length > 0) return 1;
  console.log(`${files.size} generated files are current`);
  return 0;
}

function isCurrent(path: string, text: string): boolean {
  const full = join(root, path);
  return existsSync(full) && readFileSync(full, 'utf8') === text;
}

/** Generated files on disk that the definitions no longer ask for. */
function leftovers(files: ReadonlyMap<string, string>): readonly string[] {
  return globSync([`${tables}/**/*.ts`, `${interfaces}/**/*.ts`, `${printers}/*.ts`], { cwd: root }).filter(
    (path) => !files.has(path) && readFileSync(join(root, path), 'utf8').startsWith(header.slice(0, 40)),
  );
}
