import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaryFolder } from '../real-apiserver/build.ts';

/** The path of Helm, built from its Go module into a cache outside the checkout; a minute or two the first time. */
export function buildHelm(): string {
  const target = join(dirname(binaryFolder()), 'helm', 'helm');
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  // Without a version, Helm takes every cluster for one of 2020.
  const version =
    '-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=36';
  const building = `${target}.${process.pid}`;
  const result = spawnSync(
    'go',
    ['build', '-buildvcs=false', '-ldflags', `-s -w ${version}`, '-o', building, 'helm.sh/helm/v3/cmd/helm'],
    {
      cwd: join(import.meta.dirname, 'helm'),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0' },
    },
  );
  if (result.status !== 0) throw new Error('go build of Helm failed; its message is above');
  renameSync(building, target);
  return target;
}
