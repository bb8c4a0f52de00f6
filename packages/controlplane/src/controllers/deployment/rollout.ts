import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type ControllerContext, isStatus, subjectOf } from '../host/index.ts';
import {
  desiredReplicasAnnotation,
  hasHistoryLimit,
  maxReplicas,
  maxReplicasAnnotation,
  revisionOf,
} from './replicas.ts';

/** One look at one Deployment. `deployment` is this look's own, and is as it was last written. */
export interface Rollout {
  readonly context: ControllerContext;
  readonly deployments: ServedResource;
  readonly replicaSets: ServedResource;
  readonly deployment: MutableObject;
  /** Wall time in milliseconds. */
  now(): number;
  /** Writes status and annotations. @throws StatusError 409 when somebody else has written meanwhile */
  writeStatus(): Promise<void>;
  /** Looks again in so many milliseconds. */
  again(milliseconds: number): void;
  tell(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}

export function newRollout(
  parts: Pick<Rollout, 'context' | 'deployments' | 'replicaSets' | 'deployment' | 'again'>,
): Rollout {
  const { context, deployments, deployment } = parts;
  const { namespace = '', name = '', uid = '' } = deployment.metadata;
  return {
    ...parts,
    now: () => context.clock.now(),
    async writeStatus() {
      const { status, metadata } = deployment;
      const change = (current: MutableObject) => {
        current.status = status;
        const meta = current.metadata as { annotations?: object };
        if (metadata.annotations) meta.annotations = { ...metadata.annotations };
        return true;
      };
      const { resourceVersion = '' } = metadata;
      const target = { part: 'status', uid, resourceVersion } as const;
      const written = await context.client.update(deployments, namespace, name, change, target);
      (deployment as { metadata: object }).metadata = { ...written.metadata };
    },
    tell: (type, reason, message) => context.events.event(subjectOf(deployments, deployment), type, reason, message),
  };
}

/** The set with so many replicas, and whether that is news. Annotations are brought up to date where it is `forced`. */
export async function scaleSet(
  rollout: Rollout,
  set: MutableObject,
  replicas: number,
  forced = false,
): Promise<{ readonly set: MutableObject; readonly scaled: boolean }> {
  const before = set.spec.replicas;
  if (!forced && before === replicas) return { set, scaled: false };
  const wanted = replicaAnnotations(rollout.deployment);
  const { annotations = {} } = set.metadata;
  const current = Object.entries(wanted).every(([key, value]) => annotations[key] === value);
  if (before === replicas && current) return { set, scaled: false };
  const updated = await updateSet(rollout, set, (object) => {
    object.spec.replicas = replicas;
    const metadata = object.metadata as { annotations?: object };
    metadata.annotations = { ...object.metadata.annotations, ...wanted };
  });
  if (before !== replicas) {
    const direction = before < replicas ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`;
    await rollout.tell('Normal', 'ScalingReplicaSet', message);
  }
  return { set: updated, scaled: before !== replicas };
}

/** What the sets of a Deployment say of its size, by which scaling is told from rolling out. */
export function replicaAnnotations(deployment: MutableObject): Record<string, string> {
  return {
    [desiredReplicasAnnotation]: String(deployment.spec.replicas),
    [maxReplicasAnnotation]: String(maxReplicas(deployment)),
  };
}

/** @throws StatusError 409 when somebody else has written meanwhile */
export async function updateSet(
  { context, replicaSets }: Rollout,
  set: MutableObject,
  change: (object: MutableObject) => void,
): Promise<MutableObject> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = set.metadata;
  const apply = (object: MutableObject) => {
    change(object);
    return true;
  };
  const target = { uid, resourceVersion };
  return (await context.client.update(replicaSets, namespace, name, apply, target)) as MutableObject;
}

/** Deletes the oldest of the old sets that nothing runs in any more, but for as many as are to be kept. */
export async function cleanUp({ context, replicaSets, deployment }: Rollout, oldSets: readonly MutableObject[]) {
  if (!hasHistoryLimit(deployment)) return;
  const alive = oldSets.filter((set) => !set.metadata.deletionTimestamp);
  const excess = alive.length - deployment.spec.revisionHistoryLimit;
  if (excess <= 0) return;
  for (const set of alive.toSorted(byRevision).slice(0, excess)) {
    const { status = {}, spec, metadata } = set;
    if (status.replicas || spec.replicas || (metadata.generation ?? 0) > (status.observedGeneration ?? 0)) continue;
    try {
      await context.client.delete(replicaSets, metadata.namespace ?? '', metadata.name ?? '', {
        uid: metadata.uid ?? '',
      });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }
}

function byRevision(a: KubeObject, b: KubeObject): number {
  const created = ({ metadata: { creationTimestamp } }: KubeObject) => Date.parse(creationTimestamp ?? '');
  return revisionOf(a) - revisionOf(b) || created(a) - created(b);
}
