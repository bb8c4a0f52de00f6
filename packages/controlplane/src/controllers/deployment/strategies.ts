import type { MutableObject } from '../../registry/index.ts';
import { byCreation, isTerminal } from '../workload/index.ts';
import { type Sets, syncSets } from './new-set.ts';
import {
  activeSets,
  actualReplicas,
  availableReplicas,
  isRollingUpdate,
  isSaturated,
  maxReplicas,
  maxUnavailable,
  newSetReplicas,
  proportion,
  wantedReplicas,
} from './replicas.ts';
import { cleanUp, type Rollout, scaleSet } from './rollout.ts';
import { isComplete, syncRolloutStatus } from './status.ts';

/** Scales the new set up and the old ones down, step by step, within maxSurge and maxUnavailable. */
export async function rollingUpdate(rollout: Rollout, owned: readonly MutableObject[]): Promise<void> {
  const { deployment } = rollout;
  const sets = await syncSets(rollout, owned, true);
  const newSet = sets.newSet as MutableObject;
  const wanted = deployment.spec.replicas;
  const next = newSet.spec.replicas > wanted ? wanted : newSetReplicas(deployment, sets.all, newSet);
  const up = newSet.spec.replicas === wanted ? undefined : await scaleSet(rollout, newSet, next);
  if (up?.scaled) return syncRolloutStatus(rollout, [...sets.oldSets, up.set], up.set);
  const down = await scaleDownOld(rollout, sets, newSet);
  if (down) return syncRolloutStatus(rollout, [...down, newSet], newSet);
  if (isComplete(deployment, deployment.status)) await cleanUp(rollout, sets.oldSets);
  return syncRolloutStatus(rollout, sets.all, newSet);
}

/** The old sets as they are then; undefined: nothing could be scaled down. */
async function scaleDownOld(
  rollout: Rollout,
  { oldSets, all }: Sets,
  newSet: MutableObject,
): Promise<readonly MutableObject[] | undefined> {
  const { deployment } = rollout;
  const active = activeSets(oldSets);
  if (wantedReplicas(active) === 0) return undefined;
  const least = deployment.spec.replicas - maxUnavailable(deployment);
  const newUnavailable = newSet.spec.replicas - (newSet.status?.availableReplicas ?? 0);
  let unhealthy = wantedReplicas(all) - least - newUnavailable;
  if (unhealthy <= 0) return undefined;
  const present = new Map(oldSets.map((set) => [set.metadata.uid, set]));
  let scaledDown = 0;
  const scaleDown = async (set: MutableObject, by: number) => {
    const { set: scaled } = await scaleSet(rollout, set, set.spec.replicas - by);
    present.set(set.metadata.uid, scaled);
    scaledDown += by;
  };
  // First those whose pods do not work: that takes nothing away.
  for (const set of active.toSorted(byCreation)) {
    const broken = Math.min(unhealthy, set.spec.replicas - (set.status?.availableReplicas ?? 0));
    if (unhealthy <= 0 || set.spec.replicas === 0 || broken <= 0) continue;
    await scaleDown(set, broken);
    unhealthy -= broken;
  }
  const left = [...present.values()].filter((set) => active.some(({ metadata }) => metadata.uid === set.metadata.uid));
  let spare = availableReplicas([...left, newSet]) - least;
  for (const set of left.toSorted(byCreation)) {
    const by = Math.min(set.spec.replicas, spare);
    if (by <= 0) continue;
    await scaleDown(set, by);
    spare -= by;
  }
  return scaledDown > 0 ? [...present.values()] : undefined;
}

/** Takes all old pods away before it makes new ones. */
export async function recreate(
  rollout: Rollout,
  owned: readonly MutableObject[],
  podsOf: (set: MutableObject) => readonly MutableObject[],
): Promise<void> {
  const { deployment } = rollout;
  let sets = await syncSets(rollout, owned, false);
  let scaled = false;
  const oldSets: MutableObject[] = [];
  for (const set of sets.oldSets) {
    const result = await scaleSet(rollout, set, 0);
    oldSets.push(result.set);
    scaled ||= result.scaled;
  }
  const { newSet } = sets;
  const runs = actualReplicas(oldSets) > 0 || oldSets.some((set) => podsOf(set).some((pod) => !isTerminal(pod)));
  if (scaled || runs) return syncRolloutStatus(rollout, newSet ? [...oldSets, newSet] : oldSets, newSet);
  if (!newSet) sets = await syncSets(rollout, owned, true);
  const up = await scaleSet(rollout, sets.newSet as MutableObject, deployment.spec.replicas);
  if (isComplete(deployment, deployment.status)) await cleanUp(rollout, sets.oldSets);
  return syncRolloutStatus(rollout, [...sets.oldSets, up.set], up.set);
}

/** Scales all sets in proportion to their size, so that a change of size does not drive a rollout. */
export async function scale(rollout: Rollout, { newSet, oldSets }: Sets): Promise<void> {
  const { deployment } = rollout;
  const all = newSet ? [...oldSets, newSet] : [...oldSets];
  const active = activeSets(all);
  const youngest = oldSets.toSorted((a, b) => byCreation(b, a))[0];
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newSet ?? youngest) : undefined;
  if (active.length <= 1) {
    if (only) await scaleSet(rollout, only, deployment.spec.replicas);
    return;
  }
  if (isSaturated(deployment, newSet)) {
    for (const set of activeSets(oldSets)) await scaleSet(rollout, set, 0);
    return;
  }
  if (!isRollingUpdate(deployment)) return;
  const allowed = deployment.spec.replicas > 0 ? maxReplicas(deployment) : 0;
  const toAdd = allowed - wantedReplicas(active);
  const age = toAdd > 0 ? (a: MutableObject, b: MutableObject) => byCreation(b, a) : byCreation;
  const sorted = toAdd === 0 ? active : active.toSorted((a, b) => b.spec.replicas - a.spec.replicas || age(a, b));
  let added = 0;
  const sizes = sorted.map((set) => {
    const share = proportion(set, deployment, toAdd, added);
    added += share;
    return set.spec.replicas + share;
  });
  // What the shares leave goes to the largest.
  if (toAdd !== 0) sizes[0] = Math.max(0, (sizes[0] ?? 0) + toAdd - added);
  for (const [index, set] of sorted.entries()) await scaleSet(rollout, set, sizes[index] ?? 0, true);
}
