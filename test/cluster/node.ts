// What makes a machine a node: containerd and runc, the kubelet, kube-proxy, and CoreDNS for its pods.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pause, writeImage } from './images.ts';
import { type Machine, runInside } from './machine.ts';

const podNetwork = '10.244.0.0/24';
const socket = '/run/containerd.sock';

export interface NodeSettings {
  readonly machine: Machine;
  /** Where its settings and archives are kept. */
  readonly folder: string;
  /** Of kubelet, kube-proxy and coredns. */
  readonly binaries: string;
  readonly kubeconfig: string;
  readonly clusterCertificate: string;
  /** Within which all its pods are. */
  readonly controlGroup: string;
}

/** Needs no API server yet. */
export async function startContainerd({ machine, folder }: NodeSettings): Promise<void> {
  const networks = join(folder, 'networks');
  mkdirSync(networks);
  // Point to point, since what goes over a bridge alone passes no rule of kube-proxy on its way back.
  const ipam = { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] };
  const plugins = [{ type: 'ptp', ipMasq: false, ipam }];
  writeFileSync(join(networks, 'pods.conflist'), JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins }));
  writeFileSync(join(folder, 'containerd.toml'), containerdSettings(networks));
  machine.start('containerd', 'containerd', ['--config', join(folder, 'containerd.toml')]);
  const archive = join(folder, 'pause.tar');
  writeImage(pause, archive);
  for (let attempt = 0; ; attempt++) {
    try {
      importImage(machine.pid, archive);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(100);
    }
  }
}

/** Makes the images of an OCI archive known to the node in the machine with this first process. */
export function importImage(pid: string, archive: string): void {
  runInside(pid, 'ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive);
}

function containerdSettings(networks: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "${socket}"
[${cri}]
  sandbox_image = "${pause.name}"
  disable_apparmor = true
  restrict_oom_score_adj = true
[${cri}.containerd]
  snapshotter = "overlayfs"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${networks}"
`;
}

/** Everything else, once the API server answers. */
export function startNode(settings: NodeSettings): void {
  const { machine, folder, binaries, kubeconfig } = settings;
  const { address } = machine;
  const program = (name: string) => join(binaries, name);
  writeFileSync(join(folder, 'resolv.conf'), '');
  // JSON is YAML, too.
  writeFileSync(join(folder, 'kubelet.yaml'), JSON.stringify(kubeletSettings(settings)));
  machine.start('kubelet', program('kubelet'), [
    `--config=${join(folder, 'kubelet.yaml')}`,
    `--kubeconfig=${kubeconfig}`,
    '--hostname-override=node',
    `--node-ip=${address}`,
  ]);
  machine.start('kube-proxy', program('kube-proxy'), [
    `--kubeconfig=${kubeconfig}`,
    '--hostname-override=node',
    '--proxy-mode=nftables',
    `--cluster-cidr=${podNetwork}`,
    // Those of the machine around it.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
  ]);
  const zones = 'cluster.local in-addr.arpa';
  const corefile = `.:53 {\n bind ${address}\n errors\n kubernetes ${zones} {\n  kubeconfig ${kubeconfig}\n }\n}\n`;
  writeFileSync(join(folder, 'Corefile'), corefile);
  machine.start('coredns', program('coredns'), ['-conf', join(folder, 'Corefile')]);
}

function kubeletSettings({ machine, folder, clusterCertificate, controlGroup }: NodeSettings): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: machine.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: clusterCertificate },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${controlGroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${socket}`,
    clusterDNS: [machine.address],
    clusterDomain: 'cluster.local',
    resolvConf: join(folder, 'resolv.conf'),
    makeIPTablesUtilChains: false,
    // Neither memory nor disk is this node's own.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}
