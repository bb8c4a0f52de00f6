import type { MutableObject } from '../../registry/index.ts';
import { isAvailable, isReady, phaseOf, scaledValue } from '../workload/index.ts';
import { generationAnnotation, generationLabel, revisionLabel, shouldRun } from './nodes.ts';

export interface Daemons {
  readonly set: MutableObject;
  readonly hash: string;
  readonly nodes: readonly MutableObject[];
  /** By the name of their node. */
  readonly pods: ReadonlyMap<string, readonly MutableObject[]>;
  /** Wall time in milliseconds. */
  readonly now: number;
}

export interface Plan {
  readonly create: string[];
  readonly remove: MutableObject[];
}

export function isUpdated({ set, hash }: Daemons, pod: MutableObject): boolean {
  const generation = set.metadata.annotations?.[generationAnnotation];
  const { labels } = pod.metadata;
  return labels?.[revisionLabel] === hash || (generation !== undefined && labels?.[generationLabel] === generation);
}

/** Those on a node first, then the older ones. */
export function inOrder(pods: readonly MutableObject[]): MutableObject[] {
  return pods.toSorted(
    (a, b) =>
      Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
      Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '') ||
      (String(a.metadata.name) < String(b.metadata.name) ? -1 : 1),
  );
}

function isAvailableFor({ set, now }: Daemons, pod: MutableObject): boolean {
  return isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

function surgeOf({ set }: Daemons, desired: number): number {
  return scaledValue(set.spec.updateStrategy.rollingUpdate?.maxSurge, desired, true);
}

/** A daemon where there is to be one, none where there is to be none. Failed ones are replaced. */
export function planPlaces(daemons: Daemons): Plan & { readonly failed: readonly MutableObject[] } {
  const { set, nodes, pods } = daemons;
  const plan: Plan & { failed: MutableObject[] } = { create: [], remove: [], failed: [] };
  const surges = set.spec.updateStrategy.type === 'RollingUpdate' && surgeOf(daemons, nodes.length) > 0;
  for (const node of nodes) {
    const { name = '' } = node.metadata;
    const there = pods.get(name) ?? [];
    const { start, stay } = shouldRun(set, node);
    if (there.length === 0) {
      if (start) plan.create.push(name);
      continue;
    }
    if (!stay) {
      plan.remove.push(...there.filter(({ metadata }) => !metadata.deletionTimestamp));
      continue;
    }
    const running: MutableObject[] = [];
    for (const pod of there) {
      if (pod.metadata.deletionTimestamp) continue;
      if (phaseOf(pod) === 'Failed') plan.failed.push(pod);
      else if (phaseOf(pod) === 'Succeeded') plan.remove.push(pod);
      else running.push(pod);
    }
    if (surges) planSurge(daemons, plan, inOrder(running), name, start);
    else plan.remove.push(...inOrder(running).slice(1));
  }
  plan.remove.push(...plan.failed);
  return plan;
}

/** At most one of the present revision and one of an older one, of which one makes room for the other. */
function planSurge(
  daemons: Daemons,
  plan: Plan,
  running: readonly MutableObject[],
  node: string,
  start: boolean,
): void {
  if (running.length <= 1) {
    if (running.length === 0 && start) plan.create.push(node);
    return;
  }
  const isNew = (pod: MutableObject) => pod.metadata.labels?.[revisionLabel] === daemons.hash;
  const newest = running.find(isNew);
  const oldest = running.find((pod) => !isNew(pod));
  plan.remove.push(...running.filter((pod) => pod !== newest && pod !== oldest));
  if (newest && oldest && (!isReady(oldest) || isAvailableFor(daemons, newest))) plan.remove.push(oldest);
}

/** Which daemons make room for those of the present revision. */
export function planUpdate(daemons: Daemons): Plan {
  const { set, nodes } = daemons;
  const desired = nodes.filter((node) => shouldRun(set, node).start).length;
  const surge = surgeOf(daemons, desired);
  const asked = scaledValue(set.spec.updateStrategy.rollingUpdate?.maxUnavailable, desired, true);
  const unavailable = asked === 0 && surge === 0 ? 1 : asked;
  return surge === 0 ? planReplacement(daemons, unavailable) : planSurges(daemons, surge);
}

interface OnNode {
  readonly node: string;
  readonly newPod: MutableObject | undefined;
  readonly oldPod: MutableObject | undefined;
  readonly excess: boolean;
}

function onNodes(daemons: Daemons): OnNode[] {
  const { set, nodes, pods } = daemons;
  const wanted = nodes.filter((node) => shouldRun(set, node).start || pods.has(node.metadata.name ?? ''));
  return wanted.map(({ metadata: { name: node = '' } }) => {
    const alive = (pods.get(node) ?? []).filter(({ metadata }) => !metadata.deletionTimestamp);
    const updated = alive.filter((pod) => isUpdated(daemons, pod));
    const old = alive.filter((pod) => !isUpdated(daemons, pod));
    return { node, newPod: updated[0], oldPod: old[0], excess: updated.length > 1 || old.length > 1 };
  });
}

function planReplacement(daemons: Daemons, maxUnavailable: number): Plan {
  let unavailable = 0;
  const broken: MutableObject[] = [];
  const candidates: MutableObject[] = [];
  for (const { newPod, oldPod, excess } of onNodes(daemons)) {
    if (excess || Boolean(newPod) === Boolean(oldPod)) unavailable++;
    else if (newPod) unavailable += isAvailableFor(daemons, newPod) ? 0 : 1;
    else if (oldPod && !isAvailableFor(daemons, oldPod)) {
      broken.push(oldPod);
      unavailable++;
    } else if (oldPod && unavailable < maxUnavailable) candidates.push(oldPod);
  }
  return { create: [], remove: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

function planSurges(daemons: Daemons, maxSurge: number): Plan {
  const plan: Plan = { create: [], remove: [] };
  const candidates: string[] = [];
  let surging = 0;
  for (const { node, newPod, oldPod, excess } of onNodes(daemons)) {
    if (excess) surging++;
    else if (oldPod && !newPod) {
      if (!isAvailableFor(daemons, oldPod)) plan.create.push(node);
      else if (surging < maxSurge) candidates.push(node);
    } else if (oldPod && newPod) {
      if (isAvailableFor(daemons, newPod)) plan.remove.push(oldPod);
      else surging++;
    }
  }
  plan.create.push(...candidates.slice(0, Math.max(0, maxSurge - surging)));
  return plan;
}

/** The status that follows from pods and nodes. */
export function statusOf(daemons: Daemons): MutableObject['status'] {
  const { set, nodes, pods } = daemons;
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
  for (const node of nodes) {
    const [pod] = inOrder(pods.get(node.metadata.name ?? '') ?? []);
    if (!shouldRun(set, node).start) {
      if (pod) count.misscheduled++;
      continue;
    }
    count.desired++;
    if (!pod) continue;
    count.current++;
    if (isReady(pod)) count.ready++;
    if (isAvailableFor(daemons, pod)) count.available++;
    if (isUpdated(daemons, pod)) count.updated++;
  }
  return {
    ...set.status,
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misscheduled,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation,
    updatedNumberScheduled: count.updated,
    numberAvailable: count.available,
    numberUnavailable: count.desired - count.available,
  };
}
