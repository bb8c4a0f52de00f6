// Plain JavaScript that any Node from 18 on can read: finds a Node that is new enough, then starts a program.
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Runs what `file` (its URL) starts with the arguments of this process.
 *
 * @param {string} file the starter itself, to start again with another Node
 * @param {string} name of the module, and of its function that resolves with the exit code
 */
export async function start(file, name) {
  if (!isNewEnough(process.versions.node)) return restart(fileURLToPath(file));
  // Published packages hold JavaScript; a checkout of the repository holds its sources.
  const compiled = join(here, '..', 'dist', `${name}.js`);
  const entry = existsSync(compiled) ? compiled : join(here, '..', 'src', `${name}.ts`);
  // Compiling takes a tenth of the time to the first answer; where nothing can be written, nothing is kept.
  module.enableCompileCache();
  const program = await import(pathToFileURL(entry).href);
  process.exitCode = await program[name](process.argv.slice(2));
}

async function restart(file) {
  const { spawn } = await import('node:child_process');
  const node = newerNode();
  if (node) {
    const child = spawn(node, [file, ...process.argv.slice(2)], { stdio: 'inherit' });
    // A terminal sends Ctrl-C to the child as well, where a second one means: at once.
    const fromTerminal = process.stdin.isTTY === true;
    process.on('SIGINT', () => fromTerminal || child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code) => process.exit(code ?? 1));
  } else {
    process.stderr.write(
      `setpoint needs Node 22.19 or newer and this is ${process.versions.node}; install a newer Node, or add the package node-${platform()} to your project.\n`,
    );
    process.exitCode = 1;
  }
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

/** The Node that the project itself depends on, if it does. */
function newerNode() {
  for (const from of [join(process.cwd(), 'x.js'), import.meta.url]) {
    try {
      const folder = dirname(createRequire(from).resolve(`node-${platform()}/package.json`));
      const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(node)) return node;
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

function platform() {
  return `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}
