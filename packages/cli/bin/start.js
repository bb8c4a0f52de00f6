// Plain JavaScript that any Node from 18 on can read: finds a Node that is new enough, then starts a program.
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What runs sources as they are, and all that was written for it. */
const current = '22.19';

/**
 * Runs what `file` (its URL) starts with the arguments of this process.
 *
 * @param {string} file the starter itself, to start again with another Node
 * @param {string} name of the module, and of its function that resolves with the exit code
 * @param {string} least the oldest Node that runs the module once it is compiled
 */
export async function start(file, name, least = current) {
  const here = dirname(fileURLToPath(file));
  // Published packages hold JavaScript; a checkout of the repository holds its sources.
  const compiled = join(here, '..', 'dist', `${name}.js`);
  const isCompiled = existsSync(compiled);
  const needed = isCompiled ? least : current;
  if (!isAtLeast(process.versions.node, needed)) return restart(fileURLToPath(file), needed);
  // Compiling takes a tenth of the time to the first answer; where nothing can be written, nothing is kept.
  module.enableCompileCache?.();
  const program = await import(pathToFileURL(isCompiled ? compiled : join(here, '..', 'src', `${name}.ts`)).href);
  process.exitCode = await program[name](process.argv.slice(2));
}

async function restart(file, needed) {
  const { spawn } = await import('node:child_process');
  const node = newerNode(file);
  if (node) {
    const child = spawn(node, [file, ...process.argv.slice(2)], { stdio: 'inherit' });
    // A terminal sends Ctrl-C to the child as well, where a second one means: at once.
    const fromTerminal = process.stdin.isTTY === true;
    process.on('SIGINT', () => fromTerminal || child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code) => process.exit(code ?? 1));
  } else {
    process.stderr.write(
      `${basename(file, '.js')} needs Node ${needed} or newer and this is ${process.versions.node}; install a newer Node, or add the package node-${platform()} to your project.\n`,
    );
    process.exitCode = 1;
  }
}

function isAtLeast(version, needed) {
  const [[major, minor], [leastMajor, leastMinor]] = [version, needed].map((one) => one.split('.').map(Number));
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The Node that the project itself depends on, if it does. */
function newerNode(file) {
  for (const from of [join(process.cwd(), 'x.js'), file]) {
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
