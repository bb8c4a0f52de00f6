import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { adminKubeconfig, isReady, makeCertificates } from '../real-apiserver/access.ts';
import type { Machine } from './machine.ts';

export interface ControlPlaneSettings {
  readonly machine: Machine;
  /** Where its certificates and the kubeconfig are kept. */
  readonly folder: string;
  /** Of etcd and the three servers of Kubernetes. */
  readonly binaries: string;
}

const serviceNetwork = '10.0.0.0/24';

/** etcd and kube-apiserver; the path of an admin's kubeconfig once they answer. */
export async function startApiServer({ machine, folder, binaries }: ControlPlaneSettings): Promise<string> {
  const { address } = machine;
  const file = (name: string) => join(folder, name);
  makeCertificates(folder, [`IP:${address}`, 'IP:10.0.0.1', 'DNS:kubernetes.default.svc']);
  machine.start('etcd', join(binaries, 'etcd'), ['--data-dir=/var/lib/etcd', '--unsafe-no-fsync', '--log-level=warn']);
  // biome-ignore format: one flag a line reads best
  machine.start('kube-apiserver', join(binaries, 'kube-apiserver'), [
    '--etcd-servers=http://127.0.0.1:2379', `--bind-address=${address}`, `--advertise-address=${address}`,
    '--secure-port=6443', '--authorization-mode=Node,RBAC', '--allow-privileged', `--service-cluster-ip-range=${serviceNetwork}`,
    `--tls-cert-file=${file('server.crt')}`, `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`, '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('sa.key')}`, `--service-account-signing-key-file=${file('sa.key')}`,
    `--kubelet-client-certificate=${file('admin.crt')}`, `--kubelet-client-key=${file('admin.key')}`,
    '--kubelet-preferred-address-types=InternalIP', '--profiling=false',
  ]);
  const url = `https://${address}:6443`;
  const kubeconfig = file('kubeconfig');
  writeFileSync(kubeconfig, adminKubeconfig(url, folder), { mode: 0o600 });
  const deadline = Date.now() + 120_000;
  while (!(await isReady(url, folder))) {
    if (Date.now() > deadline) throw new Error('kube-apiserver did not become ready');
    await delay(50);
  }
  return kubeconfig;
}

/** Those that work through the API server. */
export function startControllers({ machine, folder, binaries }: ControlPlaneSettings, kubeconfig: string): void {
  machine.start('kube-controller-manager', join(binaries, 'kube-controller-manager'), [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    '--leader-elect=false',
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
  ]);
  machine.start('kube-scheduler', join(binaries, 'kube-scheduler'), [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
  ]);
}
