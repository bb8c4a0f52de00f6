// Packs every package, installs the tarballs into an empty project as a user would, and runs them there; then has
// `npm create setpoint` make a project, from a registry that has what would be published, and does in it what a user does.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createProject } from './lib/created-project.ts';
import { serveRegistry } from './lib/registry.ts';

execFileSync('node', ['scripts/pack.ts'], { stdio: 'inherit' });

const tarballs = readdirSync('build/packages').map((file) => resolve('build/packages', file));
const project = mkdtempSync(join(tmpdir(), 'setpoint-smoke-'));
try {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'smoke', private: true, type: 'module' }));
  cpSync('scripts/smoke', project, { recursive: true });
  const inProject = { cwd: project, stdio: 'inherit' } as const;
  execFileSync(
    'npm',
    [
      'install',
      '--silent',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      ...tarballs,
      'zod@4.6.7',
      '@types/node@24.19.2',
    ],
    inProject,
  );
  execFileSync('node', ['imports.mjs'], inProject);
  execFileSync('node', ['operator.mjs'], inProject);
  const setpoint = join(project, 'node_modules/.bin/setpoint');
  execFileSync(setpoint, ['version'], inProject);
  const env = { ...process.env, SETPOINT_CACHE: join(project, 'cache') };
  const assets = execFileSync(setpoint, ['envtest-assets'], { cwd: project, env, encoding: 'utf8' }).trim();
  // As a test suite would: with an environment of its own.
  for (const program of ['etcd', 'kube-apiserver'])
    execFileSync(join(assets, program), ['--version'], { ...inProject, env: {} });
  execFileSync('tsc', ['-p', project], { stdio: 'inherit' });
  for (const tarball of readdirSync('build/staged')) {
    execFileSync('publint', ['--strict', join('build/staged', tarball)], { stdio: 'inherit' });
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}

await using registry = await serveRegistry();
await using created = await createProject(registry);
await created.npm('install');
await created.npm('test');
await created.untilReconciled();
await created.npm('run', 'manifests');
await created.npm('exec', 'setpoint', 'manifests', '--', '--check');
