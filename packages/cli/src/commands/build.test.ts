import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from '../../test/command.ts';
import { folderWith, npmProject } from '../../test/image-project.ts';

test('build writes a program that runs, and prints its name alone to stdout', async () => {
  const folder = npmProject({}, { 'dist/operator/old.mjs': '', 'dist/install.yaml': '' });
  const { code, out, err } = await command('build', '--project', folder);
  expect([code, out]).toEqual([0, 'dist/operator/main.mjs\n']);
  expect(err).toMatch(/^dist\/operator: \d+ files, \d+ kB\n$/);
  expect(execFileSync(process.execPath, [join(folder, out.trim())], { encoding: 'utf8' })).toBe('demo\n');
  expect(readdirSync(join(folder, 'dist/operator'))).not.toContain('old.mjs');
  expect(existsSync(join(folder, 'dist/install.yaml'))).toBe(true);
});

test('build tells which packages stay outside', async () => {
  const folder = npmProject({ setpoint: { external: ['left'] } });
  folderWith({ 'src/main.ts': "import 'left';" }, folder);
  const { err } = await command('build', '--project', folder);
  expect(err).toContain('\nleft stays in node_modules: package.json leaves it outside\n');
});

test('build says in one sentence why it cannot', async () => {
  const folder = npmProject();
  folderWith({ 'src/main.ts': "import 'tool';" }, folder);
  const { code, out, err } = await command('build', '--project', folder);
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe('setpoint: src/main.ts imports tool, which is not found among the dependencies\n');
});
