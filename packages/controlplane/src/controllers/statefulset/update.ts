import type { MutableObject } from '../../registry/index.ts';
import { isAvailable, isReady, isTerminal, phaseOf, slowStart } from '../workload/index.ts';
import type { SetClaims } from './claims.ts';
import { firstOrdinal, isInRange, isUnavailable, placeOf, type Replica, revisionLabel, withIdentity } from './pods.ts';
import { type Revisions, setAt } from './revisions.ts';

export interface SetWork {
  readonly set: MutableObject;
  readonly pods: readonly MutableObject[];
  readonly revisions: Revisions;
  readonly claims: SetClaims;
  /** Wall time in milliseconds. */
  readonly now: number;
  /** A pod of the set's template, without a place. */
  podOf(set: MutableObject): MutableObject;
  create(pod: MutableObject): Promise<MutableObject>;
  delete(pod: MutableObject): Promise<void>;
}

/** Those in the set's range, made or to be made, and those beyond, the highest first. */
function places(work: SetWork): { readonly replicas: Replica[]; readonly condemned: Replica[] } {
  const { set, pods } = work;
  const present = pods.map((pod) => ({ ordinal: placeOf(pod).ordinal, pod, isCreated: true }));
  const replicas: Replica[] = [];
  for (let ordinal = firstOrdinal(set); ordinal < firstOrdinal(set) + set.spec.replicas; ordinal++) {
    const there = present.find((one) => one.ordinal === ordinal);
    replicas.push(there ?? { ordinal, pod: newPod(work, ordinal), isCreated: false });
  }
  const condemned = present
    .filter(({ ordinal }) => ordinal >= 0 && !isInRange(set, ordinal))
    .sort((a, b) => b.ordinal - a.ordinal);
  return { replicas, condemned };
}

/** Below the partition a pod is made as it was before. */
function newPod({ set, revisions, podOf }: SetWork, ordinal: number): MutableObject {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const old = rollingUpdate
    ? ordinal < firstOrdinal(set) + (rollingUpdate.partition ?? 0)
    : type === 'RollingUpdate' && ordinal < firstOrdinal(set) + (set.status?.currentReplicas ?? 0);
  const revision = old ? revisions.current : revisions.update;
  const wanted = setAt(set, revision);
  return withIdentity(wanted, podOf(wanted), ordinal, revision.metadata.name ?? '');
}

/** Makes, deletes and replaces pods in their order. Answers the pods as they are then. */
export async function updateSet(work: SetWork): Promise<readonly MutableObject[]> {
  const { set, now } = work;
  const { replicas, condemned } = places(work);
  const present = () => [...replicas, ...condemned].filter(({ isCreated }) => isCreated).map(({ pod }) => pod);
  if (set.metadata.deletionTimestamp) return present();
  const minReady = set.spec.minReadySeconds ?? 0;
  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const unavailable = [...replicas, ...condemned.toReversed()].find((one) => isUnavailable(one, minReady, now));
  const run = async (of: readonly Replica[], act: (one: Replica, index: number) => Promise<boolean>) => {
    if (!ordered) {
      await slowStart(of.length, (index) => act(of[index] as Replica, index));
      return false;
    }
    for (const [index, one] of of.entries()) if (await act(one, index)) return true;
    return false;
  };
  const waits = await run(replicas, (one, index) => fill(work, replicas, one, index, ordered));
  if (waits) return present();
  for (const { pod, ordinal } of condemned) await work.claims.own(set, pod, ordinal);
  const stops = await run(condemned, (one) => condemn(work, one, ordered && one !== unavailable, ordered));
  if (stops || set.spec.updateStrategy?.type === 'OnDelete') return present();
  await replace(work, replicas);
  return present();
}

/** True: what comes behind it has to wait. */
async function fill(
  work: SetWork,
  replicas: Replica[],
  one: Replica,
  index: number,
  ordered: boolean,
): Promise<boolean> {
  const { set, now } = work;
  const { pod, ordinal } = one;
  if (one.isCreated && isTerminal(pod)) {
    if (!pod.metadata.deletionTimestamp) await work.delete(pod);
    return true;
  }
  if (!one.isCreated) {
    await work.claims.ensure(set, ordinal);
    const created = await work.create(pod);
    replicas[index] = { ordinal, pod: created, isCreated: true };
    if (ordered) return true;
  }
  const { pod: present } = replicas[index] as Replica;
  if (phaseOf(present) === 'Pending') await work.claims.ensure(set, ordinal);
  if (ordered && present.metadata.deletionTimestamp) return true;
  if (ordered && !(phaseOf(present) === 'Running' && isReady(present))) return true;
  if (ordered && !isAvailable(present, set.spec.minReadySeconds ?? 0, now)) return true;
  await work.claims.own(set, present, ordinal);
  return false;
}

/** True: what comes behind it has to wait. */
async function condemn(work: SetWork, { pod }: Replica, needsReady: boolean, ordered: boolean): Promise<boolean> {
  if (pod.metadata.deletionTimestamp) return ordered;
  const minReady = work.set.spec.minReadySeconds ?? 0;
  if (needsReady && !(isReady(pod) && isAvailable(pod, minReady, work.now))) return true;
  await work.delete(pod);
  return true;
}

/** One pod at a time, from the end down to the partition, once all behind it are available. */
async function replace({ set, revisions, now, delete: remove }: SetWork, replicas: readonly Replica[]): Promise<void> {
  const least = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let target = replicas.length - 1; target >= least; target--) {
    const one = replicas[target] as Replica;
    const isOld = one.pod.metadata.labels?.[revisionLabel] !== revisions.update.metadata.name;
    if (isOld && !one.pod.metadata.deletionTimestamp) return remove(one.pod);
    if (isUnavailable(one, set.spec.minReadySeconds ?? 0, now)) return;
  }
}

/** The status that follows from the pods. */
export function statusOf({ set, revisions, now }: SetWork, pods: readonly MutableObject[]): MutableObject['status'] {
  const minReady = set.spec.minReadySeconds ?? 0;
  const ready = pods.filter((pod) => phaseOf(pod) === 'Running' && isReady(pod));
  const counted = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const at = (revision: MutableObject) =>
    counted.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision.metadata.name).length;
  const { conditions } = set.status ?? {};
  const status = {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready.length,
    currentReplicas: at(revisions.current),
    updatedReplicas: at(revisions.update),
    currentRevision: revisions.current.metadata.name,
    updateRevision: revisions.update.metadata.name,
    collisionCount: revisions.collisionCount,
    ...(conditions ? { conditions } : {}),
    availableReplicas: ready.filter((pod) => isAvailable(pod, minReady, now)).length,
  };
  const { replicas } = set.spec;
  const complete =
    status.updatedReplicas === replicas && status.readyReplicas === replicas && status.replicas === replicas;
  if (set.spec.updateStrategy?.type !== 'RollingUpdate' || !complete) return status;
  return { ...status, currentReplicas: status.updatedReplicas, currentRevision: status.updateRevision };
}
