import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type ControllerContext, type Identity, isStatus } from '../host/index.ts';

/** The node that is there where nobody has made one. */
export const defaultNode = 'setpoint-node';
const firstHost = '172.18.0.';

export function kubeletIdentity(node: string): Identity {
  const user = { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] };
  return { user, userAgent: 'kubelet/v1.36.3' };
}

/** The node, made when the first pod wants one. */
export async function ensureNode(context: ControllerContext, nodes: ServedResource): Promise<void> {
  for (const _ of context.client.list(nodes)) return;
  const { client } = context.actAs(kubeletIdentity(defaultNode), 'kubelet', defaultNode);
  const labels = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': defaultNode,
    'kubernetes.io/os': 'linux',
  };
  try {
    await client.create(nodes, { metadata: { name: defaultNode, labels }, spec: {} });
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
}

/** Says that a node is ready, of which nobody has said anything yet. */
export async function play(context: ControllerContext, nodes: ServedResource, node: MutableObject): Promise<void> {
  const { name = '', uid = '' } = node.metadata;
  const { client } = context.actAs(kubeletIdentity(name), 'kubelet', name);
  const taints = (node.spec.taints ?? []).filter(({ key }: { key: string }) => key !== notReady);
  if (taints.length !== (node.spec.taints ?? []).length) {
    const untaint = (object: MutableObject) => {
      if (taints.length > 0) object.spec.taints = taints;
      else delete object.spec.taints;
      return true;
    };
    await context.client.update(nodes, '', name, untaint, { uid });
  }
  const change = (object: MutableObject) => {
    if (object.status?.conditions?.length > 0) return false;
    object.status = { ...object.status, ...statusOf(object, hostIpOf(context, nodes, name), context.clock.now()) };
    return true;
  };
  await client.update(nodes, '', name, change, { part: 'status', uid });
}

const notReady = 'node.kubernetes.io/not-ready';

/** Each node another one, by their order. */
function hostIpOf(context: ControllerContext, nodes: ServedResource, name: string): string {
  const names = [...context.client.list(nodes)].map(({ metadata }) => metadata.name);
  return `${firstHost}${2 + Math.max(0, names.indexOf(name))}`;
}

function statusOf(node: MutableObject, ip: string, now: number): MutableObject['status'] {
  const time = timestamp(now);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message,
  });
  const size = { cpu: '16', 'ephemeral-storage': '100Gi', memory: '64Gi', pods: '1000' };
  return {
    capacity: { ...size, ...node.status?.capacity },
    allocatable: { ...size, ...node.status?.capacity, ...node.status?.allocatable },
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: node.status?.addresses ?? [
      { type: 'InternalIP', address: ip },
      { type: 'Hostname', address: node.metadata.name },
    ],
    nodeInfo: {
      ...node.status?.nodeInfo,
      architecture: 'amd64',
      containerRuntimeVersion: 'setpoint://1',
      kernelVersion: 'simulated',
      kubeletVersion: 'v1.36.3',
      operatingSystem: 'linux',
      osImage: 'Setpoint pod simulator',
    },
  };
}

export function isNodeReady(node: MutableObject): boolean {
  const ready = node.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
  return ready?.status === 'True';
}

export function addressOf(node: MutableObject): string {
  const internal = node.status?.addresses?.find(({ type }: { type: string }) => type === 'InternalIP');
  return internal?.address ?? `${firstHost}2`;
}
