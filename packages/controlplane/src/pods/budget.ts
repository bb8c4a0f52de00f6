import type { KubeObject } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { MutableObject } from '../registry/index.ts';
import { forbidden, StatusError } from '../status/index.ts';
import type { Entry } from '../store/index.ts';
import { collectionOf, commitObject, mutableCopy, storable, timestamp, type WriteContext } from '../verbs/index.ts';
import { resourceOf } from './pods.ts';

/** So many evictions may wait for the controller of budgets. */
const mostDisruptedPods = 2000;
const namesOfBudgets = { group: 'policy', resource: 'poddisruptionbudget' };

/** The PodDisruptionBudgets that select a pod; one whose selector is no selector selects none. */
export function budgetsOf({ backend, namespace }: WriteContext, pod: KubeObject): readonly Entry[] {
  const budgets = collectionOf(backend, resourceOf(backend, 'policy', 'v1', 'poddisruptionbudgets'));
  return [...budgets.present().entries(namespace)].filter(({ object }) => {
    try {
      return labelSelectorOf((object as MutableObject).spec?.selector).matches(pod.metadata.labels ?? {});
    } catch {
      return false;
    }
  });
}

/**
 * Takes one disruption from a budget.
 *
 * @throws StatusError 429 when none is left or its controller has not looked at it yet
 */
export function takeFromBudget(context: WriteContext, entry: Entry, podName: string): void {
  const { backend, namespace } = context;
  const resource = resourceOf(backend, 'policy', 'v1', 'poddisruptionbudgets');
  const budget = mutableCopy(resource.fromStorage(entry.object));
  const { name = '', generation = 0 } = budget.metadata;
  budget.status ??= {};
  const { status } = budget;
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessing(name);
  const allowed: number = status.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(namesOfBudgets, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > mostDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(namesOfBudgets, name, why);
  }
  if (allowed === 0) throw violation(whyNone(name, status), 0);
  status.disruptionsAllowed = allowed - 1;
  const now = timestamp(backend.clock.now());
  if (allowed === 1) noneLeft(status, now);
  if (context.dryRun) return;
  status.disruptedPods = { ...status.disruptedPods, [podName]: now };
  commitObject({ ...context, resource }, `${namespace}/${name}`, entry.revision, storable(resource, budget), 'update');
}

/** The condition that says so, as the controller of budgets would write it. */
function noneLeft(status: MutableObject['status'], now: string): void {
  const conditions: MutableObject['conditions'][] = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const next = {
    message: '',
    ...old,
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    observedGeneration: status.observedGeneration,
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
  };
  status.conditions = old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
}

function whyNone(name: string, status: MutableObject['status']): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status;
  const condition = conditions.find(({ type }: { type: string }) => type === 'DisruptionAllowed');
  const told = condition?.status === 'False' && condition.message ? condition : undefined;
  const no = `The disruption budget ${name} does not allow evicting pods currently`;
  if (told?.reason === 'SyncFailed') return `${no} because it failed sync: ${told.message}`;
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return told ? `${no} (${told.reason}): ${told.message}` : no;
}

export function stillProcessing(name: string): StatusError {
  return violation(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function violation(why: string, retryAfterSeconds: number): StatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = [{ reason: 'DisruptionBudget', message: why }];
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds, causes });
}
