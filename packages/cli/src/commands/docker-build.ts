import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { planDeployment } from '../deployment/index.ts';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { formatReference, parseReference } from '../registry/index.ts';

export interface DockerBuildFlags {
  readonly project: string;
  /** The name of the image. @default that of the project's deployment */
  readonly tag?: string;
  /** Which program builds. @default the first that is installed */
  readonly tool?: string;
}

/** All of them take the same command line for this. */
const tools = ['docker', 'podman', 'buildah'] as const;

/** Builds the project's Dockerfile with whichever tool for that is installed. */
export async function dockerBuild(flags: DockerBuildFlags, output: Output, signal: AbortSignal): Promise<void> {
  const { tag } = flags;
  if (tag !== undefined) checkTag(tag);
  const tool = flags.tool ?? tools.find(isInstalled);
  if (tool === undefined || !isInstalled(tool)) {
    const missing = flags.tool === undefined ? 'neither Docker nor Podman nor Buildah is' : `${flags.tool} is not`;
    throw new Failure(`${missing} installed: \`setpoint image\` builds the image without it`);
  }
  const project = findProject(flags.project);
  const { folder } = project;
  if (!existsSync(join(folder, 'Dockerfile'))) {
    throw new Failure(`there is no Dockerfile in ${folder}: \`setpoint image\` builds the image without one`);
  }
  const image = tag ?? (await planDeployment(project)).settings.image;
  output.err(`${tool} build --tag ${image} ${folder}\n`);
  const code = await run(tool, ['build', '--tag', image, folder], output, signal);
  if (code !== 0) {
    throw new Failure(`${tool} build failed with exit code ${code}; \`setpoint image\` needs neither it nor a daemon`);
  }
  output.out(`${image}\n`);
}

function checkTag(tag: string): void {
  try {
    formatReference(parseReference(tag));
  } catch (error) {
    throw new UsageError(sentenceOf(error), { cause: error });
  }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    const file = join(folder, process.platform === 'win32' ? `${program}.exe` : program);
    try {
      accessSync(file, constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Both of its outputs are progress here: stdout is for the name of the image. */
function run(program: string, argv: readonly string[], output: Output, signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', output.err);
    child.on('error', (error) => reject(new Failure(`cannot run ${program}: ${sentenceOf(error)}`, { cause: error })));
    child.on('close', resolve);
  });
}
