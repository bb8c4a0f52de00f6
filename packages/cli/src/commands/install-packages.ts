import { spawn } from 'node:child_process';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { commandsOf, type PackageManager } from '../scaffold/index.ts';

/**
 * Has the package manager install a project's packages, with its output shown.
 *
 * @param stop ends it
 * @throws Failure if that does not work out; the project itself is whole
 */
export async function installPackages(
  folder: string,
  manager: PackageManager,
  stop: AbortSignal,
  output: Output,
): Promise<void> {
  const { install } = commandsOf(manager);
  output.err(`setpoint init: ${install}\n`);
  const ended = await run(folder, manager.name, stop);
  if (ended === undefined) return;
  throw new Failure(`the project is in ${folder}, but ${ended}; run \`${install}\` there`);
}

/** What went wrong, if something did. */
function run(folder: string, program: string, stop: AbortSignal): Promise<string | undefined> {
  // On Windows package managers are scripts, which only a shell can start.
  const shell = process.platform === 'win32';
  const child = spawn(program, ['install'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], shell });
  const end = () => void child.kill('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  return new Promise<string | undefined>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? `${program} is not installed here` : `${program} cannot be run`),
    );
    child.once('exit', (code) => {
      if (stop.aborted) resolve('installing its packages was interrupted');
      else resolve(code === 0 ? undefined : `\`${program} install\` failed; its message is above`);
    });
  }).finally(() => stop.removeEventListener('abort', end));
}
