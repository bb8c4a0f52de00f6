import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import { isTerminal } from '../workload/index.ts';
import type { Told } from './containers.ts';
import type { Logs } from './logs.ts';
import { addressOf, isNodeReady, kubeletIdentity, play } from './nodes.ts';
import type { PodRules } from './rules.ts';
import { scriptOf } from './rules.ts';
import { hasStopped, newRun, type Run, stepRun } from './run.ts';
import { Scheduler } from './scheduler.ts';
import { phaseOfRun, sameOwn, statusOfRun } from './status.ts';

/** From its creation until a pod has a node, in milliseconds, unless a rule says otherwise. */
const usualScheduling = 10;

/**
 * Not of Kubernetes: plays scheduler and kubelets, by rules. A pod whose status somebody else writes is theirs, and is
 * left alone but for its end.
 */
export function podSimulator(rules: PodRules, logs: Logs): Controller {
  return {
    name: 'pod-simulator',
    serviceAccount: 'pod-simulator',
    start: (context) => new Simulation(context, rules, logs).start(),
  };
}

class Simulation {
  readonly #context: ControllerContext;
  readonly #rules: PodRules;
  readonly #logs: Logs;
  readonly #pods: ServedResource;
  readonly #nodes: ServedResource;
  readonly #queue: WorkQueue;
  readonly #scheduler: Scheduler;
  readonly #runs = new Map<string, Run>();
  readonly #kubelets = new Map<string, ReturnType<ControllerContext['actAs']>>();
  /** Names of pods, by node. */
  readonly #onNode = new Map<string, Set<string>>();
  readonly #waiting = new Set<string>();
  #lastAddress = 0;

  constructor(context: ControllerContext, rules: PodRules, logs: Logs) {
    this.#context = context;
    this.#rules = rules;
    this.#logs = logs;
    this.#pods = context.resource('', 'v1', 'pods');
    this.#nodes = context.resource('', 'v1', 'nodes');
    this.#queue = context.queue((key) => this.#reconcile(key));
    this.#scheduler = new Scheduler(context, (node) => this.#onNode.get(node)?.size ?? 0);
  }

  start(): void {
    const { watch, queue, client } = this.#context;
    const nodeQueue = queue(async (name) => {
      const node = client.get(this.#nodes, '', name) as MutableObject | undefined;
      if (node && !node.status?.conditions?.length) await play(this.#context, this.#nodes, node);
    });
    watch(this.#nodes, ({ type, key }) => {
      if (type === 'delete') return;
      nodeQueue.add(key);
      // Where there is a node, or room on one, those that wait may go.
      for (const waiting of this.#waiting) this.#queue.add(waiting);
      for (const pod of this.#onNode.get(key) ?? []) this.#queue.add(pod);
    });
    watch(this.#pods, ({ type, key, entry, previous }) => {
      const node = (entry.object as MutableObject).spec.nodeName;
      const before = (previous?.object as MutableObject | undefined)?.spec.nodeName;
      if (node) this.#count(node, key, type === 'delete');
      else if (before) this.#count(before, key, true);
      this.#queue.add(key);
    });
    this.#context.onClose(this.#rules.onChange(() => this.#lookAtAll()));
    this.#context.onClose(() => {
      for (const { uid } of this.#runs.values()) this.#logs.forget(uid);
    });
  }

  #lookAtAll(): void {
    for (const key of [...this.#runs.keys(), ...this.#waiting]) this.#queue.add(key);
  }

  #count(node: string, key: string, gone: boolean): void {
    const pods = this.#onNode.get(node) ?? new Set();
    if (gone) pods.delete(key);
    else pods.add(key);
    if (pods.size > 0) this.#onNode.set(node, pods);
    else this.#onNode.delete(node);
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#context.client.get(this.#pods, namespace, name) as MutableObject | undefined;
    const run = this.#runs.get(key);
    if (run && run.uid !== pod?.metadata.uid) this.#forget(key, run);
    this.#waiting.delete(key);
    if (!pod) return;
    try {
      if (pod.spec.nodeName) await this.#runOnNode(key, pod);
      else await this.#findNode(key, pod);
    } catch (error) {
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
    }
  }

  #forget(key: string, run: Run): void {
    this.#runs.delete(key);
    this.#logs.forget(run.uid);
  }

  async #findNode(key: string, pod: MutableObject): Promise<void> {
    if (pod.metadata.deletionTimestamp || isTerminal(pod) || isTheirs(pod)) return;
    if (pod.spec.schedulingGates?.length > 0) return;
    if (pod.spec.schedulerName && pod.spec.schedulerName !== 'default-scheduler') return;
    const rule = this.#rules.of(pod);
    const due =
      Date.parse(pod.metadata.creationTimestamp ?? '') + toMilliseconds(rule.scheduledAfter ?? usualScheduling);
    const wait = due - this.#context.clock.now();
    this.#waiting.add(key);
    if (wait > 0) this.#queue.addAfter(key, wait);
    else await this.#scheduler.schedule(pod, rule);
  }

  async #runOnNode(key: string, pod: MutableObject): Promise<void> {
    const node = this.#context.client.get(this.#nodes, '', pod.spec.nodeName) as MutableObject | undefined;
    // A node that is not there, or is lost, has no kubelet.
    if (!node || !isNodeReady(node)) return;
    const { clock, random } = this.#context;
    const now = clock.now();
    const run = this.#runOf(key, pod, addressOf(node), now);
    if (run.theirs) return this.#endTheirs(key, pod, now);
    if (isTerminal(pod) && !pod.metadata.deletionTimestamp) return;
    const rule = this.#rules.of(pod);
    const told: Told[] = [];
    const due = stepRun(run, {
      pod,
      rule,
      now,
      newId: () => Array.from({ length: 64 }, () => random.integer(16).toString(16)).join(''),
      newIp: () => this.#newAddress(),
      tell: (one) => void told.push(one),
    });
    for (const { reason, container } of told) {
      if (reason !== 'Started' || !container) continue;
      this.#logs.begin(pod, container.name, scriptOf(rule, container.name).log, now);
    }
    await this.#write(pod, run, statusOfRun(pod, run, rule, now));
    const kubelet = this.#kubelet(pod.spec.nodeName);
    for (const { type, reason, message, container } of told)
      await kubelet.events.event(this.#subject(pod, container?.name), type, reason, message);
    if (hasStopped(run)) return this.#remove(pod);
    if (due !== undefined) this.#queue.addAfter(key, due - now);
    await this.#tellRunning(pod, run, rule);
  }

  #runOf(key: string, pod: MutableObject, hostIP: string, now: number): Run {
    const known = this.#runs.get(key);
    if (known) {
      known.theirs ||= !sameOwn(pod.status, known.written);
      return known;
    }
    const run = newRun(pod, hostIP, now);
    run.theirs = isTheirs(pod);
    this.#runs.set(key, run);
    return run;
  }

  async #write(pod: MutableObject, run: Run, status: MutableObject['status']): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const { client } = this.#kubelet(pod.spec.nodeName);
    const change = (object: MutableObject): boolean => {
      if (!sameOwn(object.status, run.written)) return false;
      const others = withoutOurs(object.status?.conditions, status.conditions);
      object.status = { ...object.status, ...status, conditions: [...status.conditions, ...others] };
      return true;
    };
    const written = (await client.update(this.#pods, namespace, name, change, {
      part: 'status',
      uid,
    })) as MutableObject;
    run.written = written.status;
    for (const { name: container, state } of run.containers) if (state !== 'running') this.#logs.touch(pod, container);
  }

  async #tellRunning(pod: MutableObject, run: Run, rule: { onRunning?: (pod: KubeObject) => unknown }): Promise<void> {
    if (run.told || phaseOfRun(run) !== 'Running') return;
    if (run.containers.some(({ role, state }) => role === 'app' && state !== 'running')) return;
    run.told = true;
    const { namespace = '', name = '' } = pod.metadata;
    const present = this.#context.client.get(this.#pods, namespace, name);
    if (present) await rule.onRunning?.(present);
  }

  /** Somebody else says how it is; that it goes when its time is over is still the node's. */
  async #endTheirs(key: string, pod: MutableObject, now: number): Promise<void> {
    const { deletionTimestamp } = pod.metadata;
    if (!deletionTimestamp) return;
    const wait = Date.parse(deletionTimestamp) - now;
    if (wait > 0) this.#queue.addAfter(key, wait);
    else await this.#remove(pod);
  }

  async #remove(pod: MutableObject): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const { client } = this.#kubelet(pod.spec.nodeName);
    await client.delete(this.#pods, namespace, name, { uid, gracePeriodSeconds: 0 });
  }

  #kubelet(node: string): ReturnType<ControllerContext['actAs']> {
    let kubelet = this.#kubelets.get(node);
    if (!kubelet) {
      kubelet = this.#context.actAs(kubeletIdentity(node), 'kubelet', node);
      this.#kubelets.set(node, kubelet);
    }
    return kubelet;
  }

  #subject(pod: MutableObject, container: string | undefined) {
    const isInit = (pod.spec.initContainers ?? []).some(({ name }: { name: string }) => name === container);
    const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`;
    return { ...subjectOf(this.#pods, pod), ...(container === undefined ? {} : { fieldPath }) };
  }

  #newAddress(): string {
    this.#lastAddress = (this.#lastAddress + 1) % 65_000;
    const number = this.#lastAddress + 1;
    return `10.244.${number >> 8}.${number & 255}`;
  }
}

/** Whether a status that was not written here says more than one of a new pod. */
function isTheirs({ status = {}, metadata }: MutableObject): boolean {
  const { phase = 'Pending', containerStatuses = [], conditions = [] } = status;
  const isNew =
    phase === 'Pending' &&
    containerStatuses.length === 0 &&
    !conditions.some(({ type }: { type: string }) => type === 'Ready' || type === 'ContainersReady');
  return !isNew && !metadata.managedFields?.some(({ manager, subresource }) => manager === 'kubelet' && subresource);
}

/** Conditions that have come since. */
function withoutOurs(
  present: readonly { type: string }[] | undefined,
  ours: readonly { type: string }[],
): readonly object[] {
  return (present ?? []).filter(({ type }) => !ours.some((one) => one.type === type));
}
