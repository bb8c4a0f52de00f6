import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import { controllerOf, isReady, orAgain, scaledValue } from '../workload/index.ts';

/** A pod that was to be deleted and is still there counts again after that, in milliseconds. */
const deletionTimeout = 120_000;

interface Work {
  readonly context: ControllerContext;
  readonly budgets: ServedResource;
  readonly queue: WorkQueue;
}

/** Keeps the counts of PodDisruptionBudgets. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  component: 'controllermanager',
  start(context) {
    const budgets = context.resource('policy', 'v1', 'poddisruptionbudgets');
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) => reconcile({ context, budgets, queue }, key),
      ),
    );
    const stored = context.collection(budgets);
    context.watch(budgets, (change) => queue.add(change.key));
    context.watch(context.resource('', 'v1', 'pods'), ({ entry: { object }, previous }) => {
      for (const { key, object: budget } of stored.present().entries(`${object.metadata.namespace}/`)) {
        const selector = labelSelectorOf((budget as MutableObject).spec.selector);
        const before = previous?.object.metadata.labels;
        if (selector.matches(object.metadata.labels) || (before && selector.matches(before))) queue.add(key);
      }
    });
  },
};

async function reconcile({ context, budgets, queue }: Work, key: string): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const budget = context.client.get(budgets, namespace, name) as MutableObject | undefined;
  if (!budget) return;
  const selector = labelSelectorOf(budget.spec.selector);
  const all = [...context.client.list(context.resource('', 'v1', 'pods'), namespace)] as MutableObject[];
  const pods = all.filter((pod) => selector.matches(pod.metadata.labels));
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    context.events.event(subjectOf(budgets, budget), type, reason, message);
  if (pods.length === 0) await tell('Normal', 'NoPods', 'No matching pods found');
  const now = context.clock.now();
  let status: MutableObject['status'];
  try {
    status = statusOf(context, budget, pods, now);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await tell(
      'Warning',
      'CalculateExpectedPodCountFailed',
      `Failed to calculate the number of expected pods: ${message}`,
    );
    status = { ...budget.status, disruptionsAllowed: 0 };
    setAllowed(status, 'False', 'SyncFailed', message, now);
  }
  await write({ context, budgets }, budget, status);
  const times = Object.values<string>(status.disruptedPods ?? {}).map(
    (time) => Date.parse(time) + deletionTimeout - now,
  );
  if (times.length > 0) queue.addAfter(key, Math.max(1, Math.min(...times)));
}

async function write(
  { context, budgets }: Omit<Work, 'queue'>,
  budget: MutableObject,
  status: MutableObject['status'],
) {
  if (deepEqual(budget.status, status)) return;
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = budget.metadata;
  const change = (object: MutableObject) => {
    object.status = status;
    return true;
  };
  try {
    await context.client.update(budgets, namespace, name, change, { part: 'status', uid, resourceVersion });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** @throws Error where it cannot be known how many pods there should be */
function statusOf(context: ControllerContext, budget: MutableObject, pods: readonly MutableObject[], now: number) {
  const { minAvailable, maxUnavailable } = budget.spec;
  let expected = pods.length;
  let desired: number;
  if (maxUnavailable !== undefined) {
    expected = expectedScale(context, pods);
    desired = Math.max(0, expected - scaledValue(maxUnavailable, expected, true));
  } else if (typeof minAvailable === 'string') {
    expected = expectedScale(context, pods);
    desired = scaledValue(minAvailable, expected, true);
  } else desired = minAvailable ?? 0;
  const disrupted = Object.fromEntries(
    Object.entries<string>(budget.status?.disruptedPods ?? {}).filter(([name, time]) => {
      const pod = pods.find(({ metadata }) => metadata.name === name);
      return pod && !pod.metadata.deletionTimestamp && Date.parse(time) + deletionTimeout >= now;
    }),
  );
  const healthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && !(String(pod.metadata.name) in disrupted) && isReady(pod),
  ).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const status = {
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: budget.status?.conditions ?? [],
  };
  const [value, reason] =
    allowed > 0 ? (['True', 'SufficientPods'] as const) : (['False', 'InsufficientPods'] as const);
  setAllowed(status, value, reason, '', now);
  return status;
}

function setAllowed(
  status: MutableObject['status'],
  value: string,
  reason: string,
  message: string,
  now: number,
): void {
  const conditions: readonly MutableObject['status'][] = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = old?.status === value ? old.lastTransitionTime : timestamp(now);
  const observedGeneration = status.observedGeneration;
  const condition = {
    type: 'DisruptionAllowed',
    status: value,
    ...(observedGeneration ? { observedGeneration } : {}),
    lastTransitionTime,
    reason,
    message,
  };
  status.conditions = old ? conditions.map((one) => (one === old ? condition : one)) : [...conditions, condition];
}

const scalable: Readonly<Record<string, readonly [group: string, plural: string]>> = {
  ReplicaSet: ['apps', 'replicasets'],
  StatefulSet: ['apps', 'statefulsets'],
  Deployment: ['apps', 'deployments'],
  ReplicationController: ['', 'replicationcontrollers'],
};

/** How many pods the controllers of these want, the Deployment of a ReplicaSet in place of it. */
function expectedScale(context: ControllerContext, pods: readonly KubeObject[]): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference) continue;
    const found = ownerOf(context, pod);
    if (!found) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
    const deployment = ownerOf(context, found);
    const owner = deployment ?? found;
    scales.set(owner.metadata.uid ?? '', owner.spec.replicas ?? 0);
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
}

function ownerOf(context: ControllerContext, object: KubeObject): MutableObject | undefined {
  const reference = controllerOf(object);
  const place = reference && scalable[reference.kind];
  if (!reference || !place) return undefined;
  const owner = context.client.get(
    context.resource(place[0], 'v1', place[1]),
    object.metadata.namespace ?? '',
    reference.name,
  );
  return owner?.metadata.uid === reference.uid ? (owner as MutableObject) : undefined;
}
