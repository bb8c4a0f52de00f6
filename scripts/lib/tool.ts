import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what a folder's own lock file names, where that has not been done: tools that only a few people need. */
export function installTool(folder: string): void {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync(npm, args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
}
