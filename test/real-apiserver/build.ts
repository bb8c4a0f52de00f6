// Builds etcd, kube-apiserver and kubectl from Go modules into a cache outside the checkout.
// Run it alone with: npm run test:real -- --build-only
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const kubernetesVersion = 'v1.36.3';

const programs: Readonly<Record<string, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/** Built when a test asks for its controllers. */
const controllerManager = { 'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager' };

/** Where the binaries are kept: SETPOINT_CACHE, else XDG_CACHE_HOME/setpoint, else ~/.cache/setpoint. */
export function binaryFolder(): string {
  const cache = process.env.SETPOINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'setpoint');
  return join(cache, 'real-apiserver', kubernetesVersion);
}

export function goIsInstalled(): boolean {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
}

/** Builds what is missing; about four minutes on two cores with an empty cache, nothing once it is full. */
export function buildRealApiServer(options: { readonly controllerManager?: boolean } = {}): string {
  const wanted = options.controllerManager ? { ...programs, ...controllerManager } : programs;
  return buildPrograms(wanted, import.meta.dirname);
}

/** Builds those of these programs that are not there yet, from the Go module in `cwd`; into which folder they come. */
export function buildPrograms(wanted: Readonly<Record<string, string>>, cwd: string): string {
  const folder = binaryFolder();
  mkdirSync(folder, { recursive: true });
  for (const [name, module] of Object.entries(wanted)) {
    const target = join(folder, name);
    if (existsSync(target)) continue;
    console.log(`building ${name} (${module}) …`);
    // Built beside the target and renamed, so that an interrupted build leaves no half a program behind.
    const flags = ['-buildvcs=false', '-ldflags', linkerFlags(), '-o', `${target}.new`];
    const env = { ...process.env, CGO_ENABLED: '0' };
    const result = spawnSync('go', ['build', ...flags, module], { cwd, stdio: 'inherit', env });
    if (result.status !== 0) throw new Error(`go build ${module} failed; its message is above`);
    renameSync(`${target}.new`, target);
  }
  return folder;
}

/** Without these, /version answers with a placeholder. */
function linkerFlags(): string {
  const [, major, minor] = kubernetesVersion.match(/^v(\d+)\.(\d+)/) ?? [];
  const version = 'k8s.io/component-base/version';
  return `-s -w -X ${version}.gitVersion=${kubernetesVersion} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
}
