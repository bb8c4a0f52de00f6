// Projects of operators as users have them: their sources, and what `npm pack` makes of the packages of this repository.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** By the names of their folders. */
const sources = ['operators/foo', 'operators/easyservice', 'test/cluster/operators/disks'];

/** Operators with nothing to do, for deployments that come to nothing. */
const idle = ['nowhere', 'crash', 'mute', 'full'];

/** The folder with a folder for each, and beside them what npm installed; whoever asked for it removes it. */
export async function makeProjects(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-projects-'));
  try {
    const dependencies: Record<string, string> = {};
    for (const source of sources) {
      const project = join(folder, source.split('/').at(-1) ?? '');
      for (const part of ['package.json', 'setpoint.config.ts', 'src', 'config', 'dist']) {
        if (existsSync(join(source, part))) cpSync(join(source, part), join(project, part), { recursive: true });
      }
      Object.assign(dependencies, JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')).dependencies);
    }
    for (const name of idle) {
      const text = `import { operator } from 'setpoint';\n\nexport default operator({ name: '${name}', controllers: [] });\n`;
      mkdirSync(join(folder, name, 'src'), { recursive: true });
      writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '0.1.0', type: 'module' }));
      writeFileSync(join(folder, name, 'src/operator.ts'), text);
    }
    for (const tarball of readdirSync('build/packages')) {
      const name = tarball.replace(/-\d.*/, '').replace(/^setpoint-/, '@setpoint/');
      dependencies[name] = `file:${resolve('build/packages', tarball)}`;
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
    await execute('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
