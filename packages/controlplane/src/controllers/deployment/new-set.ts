import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { isStatus } from '../host/index.ts';
import { controllerReference, isControlledBy, isNamespaceTerminating, templateHash } from '../workload/index.ts';
import { conditionIn, newCondition, setCondition } from './conditions.ts';
import {
  desiredReplicasAnnotation,
  hashLabel,
  hasProgressDeadline,
  maxReplicasAnnotation,
  newSetOf,
  newSetReplicas,
  numberIn,
  revisionAnnotation,
  revisionHistoryAnnotation,
  revisionOf,
  rollbackAnnotation,
  sameTemplate,
} from './replicas.ts';
import { type Rollout, replicaAnnotations, updateSet } from './rollout.ts';

/** Longest history of revisions that a set keeps, in characters. */
const longestHistory = 2000;
/** Longest name of a ReplicaSet. */
const longestName = 253;

const notInherited = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  rollbackAnnotation,
]);

export interface Sets {
  /** The one with the Deployment's template, if there is one. */
  readonly newSet: MutableObject | undefined;
  readonly oldSets: readonly MutableObject[];
  readonly all: readonly MutableObject[];
}

/** Tells the new set from the old ones, brings revisions up to date, and makes the new one if it is to be made. */
export async function syncSets(rollout: Rollout, sets: readonly MutableObject[], create: boolean): Promise<Sets> {
  const existing = newSetOf(rollout.deployment, sets);
  const oldSets = sets.filter((set) => set !== existing);
  const revision = Math.max(0, ...oldSets.map(revisionOf)) + 1;
  let newSet = existing;
  if (existing) newSet = await refresh(rollout, existing, revision);
  else if (create) newSet = await createSet(rollout, oldSets, revision);
  return { newSet, oldSets, all: newSet ? [...oldSets, newSet] : oldSets };
}

async function refresh(rollout: Rollout, set: MutableObject, revision: number): Promise<MutableObject> {
  const { deployment } = rollout;
  const annotations = setAnnotations(deployment, set, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (annotations || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    return updateSet(rollout, set, (object) => {
      if (annotations) (object.metadata as { annotations?: object }).annotations = annotations;
      object.spec.minReadySeconds = minReadySeconds;
    });
  }
  const renamed = setRevision(deployment, set.metadata.annotations?.[revisionAnnotation] ?? '');
  const found = hasProgressDeadline(deployment) && !conditionIn(deployment.status, 'Progressing');
  if (found) {
    const message = `Found new replica set "${set.metadata.name}"`;
    progress(rollout, newCondition('Progressing', 'True', 'FoundNewReplicaSet', message, rollout.now()));
  }
  if (renamed || found) await rollout.writeStatus();
  return set;
}

/** What the annotations of the new set have to become; undefined: they are right. */
function setAnnotations(
  deployment: KubeObject,
  set: KubeObject,
  revision: number,
): Readonly<Record<string, string>> | undefined {
  const before = set.metadata.annotations ?? {};
  const annotations: Record<string, string> = { ...before };
  let changed = false;
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (notInherited.has(key) || annotations[key] === value) continue;
    annotations[key] = value;
    changed = true;
  }
  const old = before[revisionAnnotation];
  const oldRevision = old ? numberIn(old) : 0;
  if (oldRevision !== undefined && oldRevision < revision) {
    annotations[revisionAnnotation] = String(revision);
    changed = true;
    if (old !== undefined) {
      const history = withRevision(annotations[revisionHistoryAnnotation] ?? '', old);
      if (history !== undefined) annotations[revisionHistoryAnnotation] = history;
    }
  }
  return changed ? annotations : undefined;
}

/** The history with one more revision; the oldest go where it gets too long. */
function withRevision(history: string, revision: string): string | undefined {
  if (history === '') return revision;
  const revisions = history.split(',');
  let length = history.length + revision.length + 1;
  while (length > longestHistory && revisions.length > 0) length -= (revisions.shift() ?? '').length + 1;
  return length <= longestHistory ? [...revisions, revision].join(',') : undefined;
}

function setRevision(deployment: MutableObject, revision: string): boolean {
  if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return false;
  const metadata = deployment.metadata as { annotations?: Readonly<Record<string, string>> };
  metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: revision };
  return true;
}

function progress({ deployment }: Rollout, condition: ReturnType<typeof newCondition>): void {
  deployment.status ??= {};
  setCondition(deployment.status, condition);
}

async function createSet(
  rollout: Rollout,
  oldSets: readonly MutableObject[],
  revision: number,
): Promise<MutableObject> {
  const { deployment } = rollout;
  const wanted = newSetFor(rollout, oldSets, revision);
  const { name } = wanted.metadata;
  const { replicas } = wanted.spec;
  const created = await tryCreate(rollout, wanted);
  if (created.isNew && replicas > 0)
    await rollout.tell('Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
  const renamed = setRevision(deployment, String(revision));
  const isProgress = created.isNew && hasProgressDeadline(deployment);
  if (isProgress) {
    const message = `Created new replica set "${name}"`;
    progress(rollout, newCondition('Progressing', 'True', 'NewReplicaSetCreated', message, rollout.now()));
  }
  if (renamed || isProgress) await rollout.writeStatus();
  return created.set;
}

function newSetFor(
  { deployment, deployments }: Rollout,
  oldSets: readonly MutableObject[],
  revision: number,
): MutableObject {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const { name = '', namespace = '' } = deployment.metadata;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const set = {
    metadata: {
      name: `${name.slice(0, longestName - 1 - hash.length)}-${hash}`,
      namespace,
      labels,
      ownerReferences: [controllerReference(deployments, deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  } as unknown as MutableObject;
  set.spec.replicas = newSetReplicas(deployment, [...oldSets, set], set);
  const annotations = { ...setAnnotations(deployment, set, revision), ...replicaAnnotations(deployment) };
  (set.metadata as { annotations?: object }).annotations = annotations;
  return set;
}

async function tryCreate(
  rollout: Rollout,
  wanted: MutableObject,
): Promise<{ readonly set: MutableObject; readonly isNew: boolean }> {
  const { context, replicaSets, deployment } = rollout;
  const { name = '', namespace = '' } = wanted.metadata;
  try {
    return { set: (await context.client.create(replicaSets, wanted)) as MutableObject, isNew: true };
  } catch (error) {
    if (!(error instanceof StatusError) || isNamespaceTerminating(error)) throw error;
    const there = isStatus(error, 409) ? context.client.get(replicaSets, namespace, name) : undefined;
    if (there) {
      const set = there as MutableObject;
      if (isControlledBy(set, deployment) && sameTemplate(set, deployment)) return { set, isNew: false };
      // Another template has the same hash: the next look makes another name.
      deployment.status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
      await rollout.writeStatus();
      throw error;
    }
    const message = `Failed to create new replica set "${name}": ${error.message}`;
    if (hasProgressDeadline(deployment)) {
      progress(rollout, newCondition('Progressing', 'False', 'ReplicaSetCreateError', message, rollout.now()));
      await rollout.writeStatus();
    }
    await rollout.tell('Warning', 'ReplicaSetCreateError', message);
    throw error;
  }
}
