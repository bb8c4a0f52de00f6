import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFolder } from '../bundle/index.ts';
import { bundleProject } from '../image/index.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';

/** Writes what `image` puts into images, and prints the program. */
export async function build({ project: folder }: { readonly project: string }, output: Output): Promise<void> {
  const project = findProject(folder);
  const { files, program, outside } = await bundleProject(project, {
    os: process.platform,
    architecture: architecture(),
  });
  const target = join(project.folder, bundleFolder);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const { name, text } of files) writeFileSync(join(target, name), text);
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  output.err(`${bundleFolder}: ${files.length} files, ${Math.ceil(bytes / 1000)} kB\n`);
  for (const [name, { why }] of outside) output.err(`${name} stays in node_modules: ${why}\n`);
  output.out(`${program}\n`);
}

/** As images call it. */
function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
