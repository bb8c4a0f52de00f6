import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { Node, ServiceAccount } from 'setpoint/core/v1';
import { isNotFound } from 'setpoint/errors';
import { buildClusterPrograms } from './build.ts';
import { controlGroups, makeControlGroups, removeControlGroups } from './cgroups.ts';
import { startApiServer, startControllers } from './control-plane.ts';
import { Machine } from './machine.ts';
import { startContainerd, startNode } from './node.ts';

export interface Cluster extends AsyncDisposable {
  /** An admin in the group system:masters. */
  readonly kubeconfig: string;
  /** By which `importImage` finds the node. */
  readonly pid: string;
  /** Of the node: where the ports of NodePort Services are. */
  readonly address: string;
  /** The folder with kubectl and all else it is made of. */
  readonly binaries: string;
  /** Where each program writes its log. */
  readonly logs: string;
  /** Milliseconds from the start of the first process until a pod could run. */
  readonly startMs: number;
}

const prefix = 'setpoint-cluster-';

/**
 * Starts a whole Kubernetes of one node: etcd, the servers of the control plane, containerd, kubelet, kube-proxy and
 * CoreDNS, in a machine within this one; about five seconds. Needs root, and what `missingPackages` looks for.
 */
export async function startCluster(): Promise<Cluster> {
  await removeLeftOvers();
  const binaries = buildClusterPrograms();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const controlGroup = basename(folder);
  writeFileSync(join(folder, 'owner'), `${process.pid} ${beginOf(process.pid)}`);
  const logs = join(folder, 'logs');
  mkdirSync(logs);

  const began = performance.now();
  const machine = await Machine.start(logs);
  const dispose = async () => {
    await machine[Symbol.asyncDispose]();
    await remove(folder);
  };
  try {
    makeControlGroups(controlGroup);
    const settings = { machine, folder, binaries, controlGroup, clusterCertificate: join(folder, 'ca.crt') };
    const kubeconfig = join(folder, 'kubeconfig');
    const node = { ...settings, kubeconfig };
    await Promise.all([startApiServer(settings), startContainerd(node)]);
    startControllers(settings, kubeconfig);
    startNode(node);
    await using client = createClient({ config: await loadConfig({ kubeconfig }) });
    await nodeIsReady(client);
    const startMs = performance.now() - began;
    return {
      kubeconfig,
      pid: machine.pid,
      address: machine.address,
      binaries,
      logs,
      startMs,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    const ends = endsOf(logs);
    await dispose();
    throw new Error(`the cluster did not start; the ends of its logs:\n${ends}`, { cause: error });
  }
}

async function nodeIsReady(client: Client): Promise<void> {
  const deadline = Date.now() + 60_000;
  const absent = (error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  };
  for (;;) {
    const node = await client.get(Node, { name: 'node' }).catch(absent);
    const ready = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    if (ready && (await client.get(ServiceAccount, { namespace: 'default', name: 'default' }).catch(absent))) return;
    if (Date.now() > deadline) throw new Error('the node did not become ready');
    await delay(50);
  }
}

/** Files and control groups of clusters whose owner was killed; all else went with it. */
async function removeLeftOvers(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const name of new Set([...folders, ...controlGroups(prefix)])) {
    const folder = join(tmpdir(), name);
    const [pid = '', begin] = existsSync(join(folder, 'owner'))
      ? readFileSync(join(folder, 'owner'), 'utf8').split(' ')
      : [];
    if (pid === '' || beginOf(Number(pid)) !== begin) await remove(folder);
  }
}

async function remove(folder: string): Promise<void> {
  await removeControlGroups(basename(folder));
  rmSync(folder, { recursive: true, force: true });
}

/** When a process began, by which it is told from another that was given its number later; undefined if it has ended. */
function beginOf(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[19];
}

function endsOf(logs: string): string {
  const end = (name: string) => readFileSync(join(logs, name), 'utf8').trimEnd().split('\n').slice(-5);
  return readdirSync(logs)
    .flatMap((name) => [`── ${name}`, ...end(name)])
    .join('\n');
}
