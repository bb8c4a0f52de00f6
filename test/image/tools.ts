import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installPackages } from '../cluster/packages.ts';
import { binaryFolder } from '../real-apiserver/build.ts';
import { noBase } from './base.ts';

/** What reads images independently of us, by the names of their Debian packages. */
const tools = ['skopeo', 'umoci', 'runc'];

/** Why images cannot be looked at and run here; undefined if they can. In CI, Debian packages are not a reason. */
export async function whyNoImages(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'this is not root, who may run containers';
  const without = noBase();
  if (without !== undefined) return without;
  const missing = () => tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing().length > 0 && process.env.CI === 'true') await installPackages(missing());
  return missing().length === 0 ? undefined : `these Debian packages are missing: ${missing().join(' ')}`;
}

/** The path of crane, a registry and its client, built from its Go module into a cache outside the checkout. */
export function buildCrane(): string {
  const target = join(dirname(binaryFolder()), 'crane', 'crane');
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const building = `${target}.${process.pid}`;
  const result = spawnSync(
    'go',
    [
      'build',
      '-buildvcs=false',
      '-ldflags',
      '-s -w',
      '-o',
      building,
      'github.com/google/go-containerregistry/cmd/crane',
    ],
    {
      cwd: join(import.meta.dirname, 'tools'),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0' },
    },
  );
  if (result.status !== 0) throw new Error('go build of crane failed; its message is above');
  renameSync(building, target);
  return target;
}
