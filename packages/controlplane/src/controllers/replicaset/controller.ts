import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Selector } from '@setpoint/apimachinery/selectors';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, isStatus, type WorkQueue } from '../host/index.ts';
import {
  claim,
  controllerOf,
  inOrderOfDeletion,
  isActive,
  isNamespaceTerminating,
  isTerminating,
  mapSelector,
  Owned,
  orAgain,
  PodControl,
  slowStart,
  specSelector,
  untilNextAvailable,
} from '../workload/index.ts';
import { statusOf } from './status.ts';

/** Pods that are made or deleted in one go at most. */
const burst = 500;

/** Keeps as many pods as ReplicaSets want. */
export const replicaSetController: Controller = replicas({
  name: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  component: 'replicaset-controller',
  resource: ['apps', 'v1', 'replicasets'],
  selectorOf: specSelector,
  countsTerminating: true,
});

/** Keeps as many pods as ReplicationControllers want. */
export const replicationControllerController: Controller = replicas({
  name: 'replicationcontroller-controller',
  serviceAccount: 'replication-controller',
  component: 'replication-controller',
  resource: ['', 'v1', 'replicationcontrollers'],
  selectorOf: mapSelector,
  countsTerminating: false,
});

interface Replicas extends Pick<Controller, 'name' | 'serviceAccount' | 'component'> {
  readonly resource: readonly [group: string, version: string, plural: string];
  selectorOf(set: KubeObject): Selector | undefined;
  /** Whether the status says how many pods are on their way out. */
  readonly countsTerminating: boolean;
}

/** What one of the two controllers works with. */
interface Work {
  readonly kind: Replicas;
  readonly context: ControllerContext;
  readonly sets: ServedResource;
  readonly pods: ServedResource;
  readonly queue: WorkQueue;
  readonly owned: Owned;
  readonly control: PodControl;
}

/** Both kinds are the same to it, but for how they select. */
function replicas(kind: Replicas): Controller {
  const { name, serviceAccount, component, selectorOf } = kind;
  return {
    name,
    serviceAccount,
    ...(component === undefined ? {} : { component }),
    start(context) {
      const sets = context.resource(...kind.resource);
      const pods = context.resource('', 'v1', 'pods');
      const queue: WorkQueue = context.queue(
        orAgain(
          () => queue,
          (key) => reconcile(work, key),
        ),
      );
      const owned = new Owned(context, { owners: sets, dependents: pods, queue, selectorOf });
      const work = { kind, context, sets, pods, queue, owned, control: new PodControl(context, sets) };
      context.watch(sets, (change) => queue.add(change.key));
    },
  };
}

async function reconcile(work: Work, key: string): Promise<void> {
  const { kind, context, sets, pods, owned, queue } = work;
  const [namespace = '', name = ''] = key.split('/');
  const set = context.client.get(sets, namespace, name) as MutableObject | undefined;
  if (!set) return;
  const selector = kind.selectorOf(set);
  if (!selector) return;
  const all = [...owned.of(set), ...owned.orphans(set)];
  const active = await claim(context, { owners: sets, owner: set, selector, dependents: pods }, all.filter(isActive));
  const leaving = kind.countsTerminating
    ? owned.of(set).filter((pod) => isTerminating(pod) && selector.matches(pod.metadata.labels)).length
    : undefined;
  let failure: unknown;
  if (!set.metadata.deletionTimestamp) {
    try {
      await manage(work, set, active);
    } catch (error) {
      failure = error;
    }
  }
  const now = context.clock.now();
  const { metadata, spec } = set;
  const target = { part: 'status', uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' } as const;
  const change = (current: MutableObject) => {
    current.status = statusOf(set, { active, leaving, failure, now });
    return true;
  };
  await unlessGone(context.client.update(sets, namespace, name, change, target));
  if (failure !== undefined) throw failure;
  const wait = untilNextAvailable(active, spec.minReadySeconds ?? 0, now);
  if (wait !== undefined) queue.addAfter(key, wait);
}

async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** Makes what is missing, deletes what is too much. */
async function manage(work: Work, set: MutableObject, active: readonly MutableObject[]): Promise<void> {
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing > 0) {
    await slowStart(Math.min(missing, burst), async () => {
      try {
        await work.control.create(set, work.control.podOf(set, set.spec.template));
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
  }
  if (missing < 0) {
    const count = Math.min(-missing, burst);
    const leaving = inOrderOfDeletion(active, related(work, set), work.context.clock.now()).slice(0, count);
    const results = await Promise.allSettled(leaving.map((pod) => work.control.delete(set, pod)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** The pods of all sets that have the same controller. */
function related({ context, sets, owned }: Work, set: MutableObject): KubeObject[] {
  const owner = controllerOf(set)?.uid;
  if (owner === undefined) return owned.of(set);
  const siblings = [...context.client.list(sets, set.metadata.namespace)];
  return siblings.filter((one) => controllerOf(one)?.uid === owner).flatMap((one) => owned.of(one));
}
