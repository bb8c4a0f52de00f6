import type { KubeObject } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { mutableCopy } from '../../verbs/index.ts';
import { type Controller, type ControllerContext, isStatus, type WorkQueue } from '../host/index.ts';
import { claim, controllerOf, Owned, orAgain, specSelector } from '../workload/index.ts';
import { conditionIn, newCondition, setCondition } from './conditions.ts';
import { syncSets } from './new-set.ts';
import { activeSets, desiredReplicasAnnotation, hasProgressDeadline, numberIn } from './replicas.ts';
import { cleanUp, newRollout, type Rollout } from './rollout.ts';
import { syncStatus } from './status.ts';
import { recreate, rollingUpdate, scale } from './strategies.ts';

interface Work {
  readonly context: ControllerContext;
  readonly deployments: ServedResource;
  readonly replicaSets: ServedResource;
  readonly queue: WorkQueue;
  readonly owned: Owned;
  readonly pods: Owned;
}

/** Rolls out Deployments by their ReplicaSets. */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  serviceAccount: 'deployment-controller',
  start(context) {
    const deployments = context.resource('apps', 'v1', 'deployments');
    const replicaSets = context.resource('apps', 'v1', 'replicasets');
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) => reconcile(work, key),
      ),
    );
    const selectorOf = specSelector;
    const owned = new Owned(context, { owners: deployments, dependents: replicaSets, queue, selectorOf });
    const work: Work = {
      context,
      deployments,
      replicaSets,
      queue,
      owned,
      pods: watchPods(context, replicaSets, queue),
    };
    context.watch(deployments, (change) => queue.add(change.key));
  },
};

/** The pods of ReplicaSets. Only where they go a Deployment is looked at: Recreate waits for the last of them. */
function watchPods(context: ControllerContext, replicaSets: ServedResource, queue: WorkQueue): Owned {
  const sets = context.collection(replicaSets);
  const nowhere = { add: () => {} } as unknown as WorkQueue;
  return new Owned(context, {
    owners: replicaSets,
    dependents: context.resource('', 'v1', 'pods'),
    queue: nowhere,
    selectorOf: () => undefined,
    changed(key, { type }) {
      const set = type === 'delete' ? sets.get(key)?.object : undefined;
      const owner = set && controllerOf(set);
      if (owner?.kind === 'Deployment') queue.add(`${set?.metadata.namespace}/${owner.name}`);
    },
  });
}

async function reconcile(work: Work, key: string): Promise<void> {
  const { context, deployments, replicaSets, owned, queue } = work;
  const [namespace = '', name = ''] = key.split('/');
  const found = context.client.get(deployments, namespace, name);
  if (!found) return;
  const deployment = mutableCopy(found);
  const again = (milliseconds: number) => queue.addAfter(key, milliseconds);
  const rollout = newRollout({ context, deployments, replicaSets, deployment, again });
  const selector = labelSelectorOf(deployment.spec.selector);
  if (selector.empty) return refuseToSelectAll(rollout);
  const candidates = [...owned.of(found), ...owned.orphans(found)];
  const claimed = { owners: deployments, owner: found, selector, dependents: replicaSets };
  const sets = await claim(context, claimed, candidates);
  try {
    await act(rollout, sets, work);
  } catch (error) {
    // It is gone, or its namespace is: there is nobody to tell.
    if (!isStatus(error, 404)) throw error;
  }
}

async function act(rollout: Rollout, sets: readonly MutableObject[], work: Work): Promise<void> {
  const { deployment } = rollout;
  if (deployment.metadata.deletionTimestamp) {
    const { all, newSet } = await syncSets(rollout, sets, false);
    return syncStatus(rollout, all, newSet);
  }
  await tellPaused(rollout);
  if (deployment.spec.paused || (await isScaled(rollout, sets))) return syncScale(rollout, refreshed(work, sets));
  const current = refreshed(work, sets);
  if (deployment.spec.strategy.type === 'Recreate') return recreate(rollout, current, (set) => work.pods.of(set));
  return rollingUpdate(rollout, current);
}

/** The sets as they are after what this look has written to them. */
function refreshed({ context, replicaSets }: Work, sets: readonly MutableObject[]): MutableObject[] {
  return sets.flatMap(({ metadata: { namespace = '', name = '', uid } }) => {
    const set = context.client.get(replicaSets, namespace, name);
    return set?.metadata.uid === uid ? [set as MutableObject] : [];
  });
}

async function syncScale(rollout: Rollout, sets: readonly MutableObject[]): Promise<void> {
  const synced = await syncSets(rollout, sets, false);
  await scale(rollout, synced);
  if (rollout.deployment.spec.paused) await cleanUp(rollout, synced.oldSets);
  await syncStatus(rollout, synced.all, synced.newSet);
}

/** Whether the Deployment has another size than its sets know of. */
async function isScaled(rollout: Rollout, sets: readonly MutableObject[]): Promise<boolean> {
  const { all } = await syncSets(rollout, sets, false);
  return activeSets(all).some((set: KubeObject) => {
    const desired = numberIn(set.metadata.annotations?.[desiredReplicasAnnotation]);
    return desired !== undefined && desired !== rollout.deployment.spec.replicas;
  });
}

/** A paused Deployment makes no progress and is not to blame for it. */
async function tellPaused(rollout: Rollout): Promise<void> {
  const { deployment } = rollout;
  if (!hasProgressDeadline(deployment)) return;
  const current = conditionIn(deployment.status, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return;
  const told = current?.reason === 'DeploymentPaused';
  const paused = deployment.spec.paused === true;
  if (told === paused) return;
  const [reason, message] = paused
    ? ['DeploymentPaused', 'Deployment is paused']
    : ['DeploymentResumed', 'Deployment is resumed'];
  deployment.status ??= {};
  setCondition(deployment.status, newCondition('Progressing', 'Unknown', reason, message, rollout.now()));
  await rollout.writeStatus();
}

async function refuseToSelectAll(rollout: Rollout): Promise<void> {
  const { deployment } = rollout;
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  await rollout.tell('Warning', 'SelectingAll', message);
  if ((deployment.status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)) return;
  deployment.status = { ...deployment.status, observedGeneration: deployment.metadata.generation };
  await rollout.writeStatus();
}
