import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A project that has the packed packages installed, as a user's would: figures are taken on what is published,
 * not on sources that Node still has to strip of their types.
 */
export function packedProject(): string {
  const project = resolve('build/bench-project');
  rmSync(project, { recursive: true, force: true });
  execFileSync('node', ['scripts/pack.ts'], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'bench', private: true, type: 'module' }));
  const tarballs = readdirSync('build/packages').map((file) => resolve('build/packages', file));
  execFileSync('npm', ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs, 'zod@4'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return project;
}
