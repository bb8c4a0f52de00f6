import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type ControllerContext, isStatus, subjectOf } from '../host/index.ts';
import { choosesNode, untoleratedTaint } from '../node-fit/index.ts';
import { ensureNode, isNodeReady } from './nodes.ts';
import type { PodRule } from './rules.ts';

const identity = {
  user: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
  userAgent: 'kube-scheduler/v1.36.3',
};

/** Gives pods their nodes, and says why one has none. */
export class Scheduler {
  readonly #context: ControllerContext;
  readonly #self: ReturnType<ControllerContext['actAs']>;
  readonly #pods: ServedResource;
  readonly #nodes: ServedResource;
  /** How many pods each node has. */
  readonly #load: (node: string) => number;

  constructor(context: ControllerContext, load: (node: string) => number) {
    this.#context = context;
    this.#self = context.actAs(identity, 'default-scheduler');
    this.#pods = context.resource('', 'v1', 'pods');
    this.#nodes = context.resource('', 'v1', 'nodes');
    this.#load = load;
  }

  async schedule(pod: MutableObject, rule: PodRule): Promise<void> {
    await ensureNode(this.#context, this.#nodes);
    const nodes = [...this.#context.client.list(this.#nodes)] as MutableObject[];
    // One that has just been made says in a moment that it is ready.
    if (nodes.some(({ status }) => !status?.conditions?.length)) return;
    const choice = rule.unschedulable === undefined ? this.#choose(pod, rule, nodes) : undefined;
    if (!choice) return this.#refuse(pod, rule.unschedulable ?? whyNot(pod, nodes));
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: choice };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
    try {
      await this.#self.client.act(this.#pods, namespace, name, 'binding', binding);
    } catch (error) {
      if (isStatus(error, 404) || isStatus(error, 409)) return;
      throw error;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${choice}`;
    await this.#self.events.event(subjectOf(this.#pods, pod), 'Normal', 'Scheduled', message);
  }

  #choose(pod: MutableObject, rule: PodRule, nodes: readonly MutableObject[]): string | undefined {
    const fitting = nodes
      .filter((node) => isFeasible(pod, node) === undefined)
      .map(({ metadata }) => metadata.name ?? '')
      .filter((name) => rule.node === undefined || name === rule.node);
    return fitting.toSorted((a, b) => this.#load(a) - this.#load(b))[0];
  }

  async #refuse(pod: MutableObject, message: string): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const now = timestamp(this.#context.clock.now());
    let changed = false;
    const change = (object: MutableObject): boolean => {
      const conditions: readonly MutableObject['status'][] = object.status?.conditions ?? [];
      const old = conditions.find(({ type }) => type === 'PodScheduled');
      changed = old?.message !== message;
      if (!changed) return false;
      const lastTransitionTime = old?.status === 'False' ? old.lastTransitionTime : now;
      const { generation: observedGeneration = 1 } = object.metadata;
      const condition = { type: 'PodScheduled', status: 'False', lastProbeTime: null, lastTransitionTime };
      const others = conditions.filter((one) => one !== old);
      object.status = {
        ...object.status,
        conditions: [...others, { ...condition, reason: 'Unschedulable', message, observedGeneration }],
      };
      return true;
    };
    await this.#self.client.update(this.#pods, namespace, name, change, { part: 'status', uid });
    if (changed) await this.#self.events.event(subjectOf(this.#pods, pod), 'Warning', 'FailedScheduling', message);
  }
}

/** Why the node does not take the pod; undefined: it does. */
function isFeasible(pod: MutableObject, node: MutableObject): string | undefined {
  if (node.spec.unschedulable && untoleratedTaint(pod.spec.tolerations, cordoned)) return 'were unschedulable';
  const taint = untoleratedTaint(pod.spec.tolerations, node);
  if (taint) return `had untolerated taint(s)`;
  if (!isNodeReady(node)) return 'were not ready';
  return choosesNode(pod, node) ? undefined : "didn't match Pod's node affinity/selector";
}

const cordoned = {
  spec: { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
} as unknown as MutableObject;

function whyNot(pod: MutableObject, nodes: readonly MutableObject[]): string {
  const reasons = Map.groupBy(nodes, (node) => isFeasible(pod, node) ?? "didn't match the simulator's rules");
  const said = [...reasons].map(([reason, those]) => `${those.length} node(s) ${reason}`).sort();
  const preemption = `no new claims to deallocate, preemption: 0/${nodes.length} nodes are available: ${nodes.length} Preemption is not helpful for scheduling.`;
  return `0/${nodes.length} nodes are available: ${said.join(', ')}. ${preemption}`;
}
