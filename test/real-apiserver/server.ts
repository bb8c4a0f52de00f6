import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { adminKubeconfig, isReady, makeCertificates } from './access.ts';
import { buildRealApiServer } from './build.ts';

export interface RealApiServer extends AsyncDisposable {
  readonly url: string;
  /** Where etcd listens, without TLS. */
  readonly etcd: string;
  /** An admin in the group system:masters. */
  readonly kubeconfig: string;
  /** The folder with kubectl and the servers. */
  readonly binaries: string;
  /** Of etcd and kube-apiserver. */
  readonly pids: readonly number[];
  /** Milliseconds from the start of the first process until it was ready. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on free loopback ports with an empty store; about three seconds. With
 * `controllerManager` kube-controller-manager follows, with all its controllers; `binaries` is a folder with other
 * programs of these names.
 */
export async function startRealApiServer(
  options: { readonly controllerManager?: boolean; readonly binaries?: string } = {},
): Promise<RealApiServer> {
  const binaries = options.binaries ?? buildRealApiServer(options);
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-real-apiserver-'));
  const [port, clientPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  makeCertificates(folder, ['IP:127.0.0.1', 'IP:10.0.0.1', 'DNS:localhost']);
  const file = (name: string) => join(folder, name);

  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]) => {
    const child = spawn(join(binaries, program), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(file(`${program}.log`));
    child.stdout?.pipe(log);
    child.stderr?.pipe(log, { end: false });
    children.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      if (await Promise.race([gone.then(() => false), delay(10_000, true, { ref: false })])) child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };

  const began = performance.now();
  const etcd = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  // biome-ignore format: one flag a line reads best
  start('etcd', [
    '--name=real', `--data-dir=${file('etcd')}`, '--unsafe-no-fsync', '--log-level=warn',
    `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=real=${peer}`,
  ]);
  // biome-ignore format: one flag a line reads best
  const apiserver = start('kube-apiserver', [
    `--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${port}`,
    '--endpoint-reconciler-type=none', '--authorization-mode=RBAC', '--service-cluster-ip-range=10.0.0.0/24',
    `--tls-cert-file=${file('server.crt')}`, `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`, '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('sa.key')}`, `--service-account-signing-key-file=${file('sa.key')}`,
    '--disable-admission-plugins=ServiceAccount', '--profiling=false',
  ]);

  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = file('kubeconfig');
  writeFileSync(kubeconfig, adminKubeconfig(url, folder), { mode: 0o600 });
  const deadline = Date.now() + 120_000;
  while (!(await isReady(url, folder))) {
    if (apiserver.exitCode !== null || Date.now() > deadline) {
      const log = readFileSync(file('kube-apiserver.log'), 'utf8').trim().split('\n').slice(-5).join('\n');
      await stop();
      throw new Error(`kube-apiserver did not become ready; the end of its log:\n${log}`);
    }
    await delay(100);
  }
  if (options.controllerManager) {
    start('kube-controller-manager', [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${file('sa.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      '--profiling=false',
      // It waits for nothing but what it watches.
      '--kube-api-qps=1000',
      '--kube-api-burst=2000',
    ]);
  }
  const startMs = performance.now() - began;
  const pids = children.map(({ pid = 0 }) => pid);
  return { url, etcd, kubeconfig, binaries, pids, startMs, stop, [Symbol.asyncDispose]: stop };
}
