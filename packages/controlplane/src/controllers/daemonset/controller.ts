import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import {
  byRevisionNumber,
  claim,
  isNamespaceTerminating,
  Owned,
  orAgain,
  PodControl,
  renumber,
  sameData,
  slowStart,
  specSelector,
  storeRevision,
  templateHash,
  templatePatch,
  untilNextAvailable,
} from '../workload/index.ts';
import { pinned, revisionLabel, targetOf, templateOf } from './nodes.ts';
import { type Daemons, type Plan, planPlaces, planUpdate, statusOf } from './rollout.ts';

interface Parts {
  readonly context: ControllerContext;
  readonly sets: ServedResource;
  readonly nodes: ServedResource;
  readonly queue: WorkQueue;
  readonly owned: Owned;
  readonly revisions: Owned;
  readonly control: PodControl;
}

/** Keeps a pod on each node that DaemonSets choose. */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  start(context) {
    const sets = context.resource('apps', 'v1', 'daemonsets');
    const nodes = context.resource('', 'v1', 'nodes');
    const dependents = context.resource('apps', 'v1', 'controllerrevisions');
    const pods = context.resource('', 'v1', 'pods');
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) => reconcile(parts, key),
      ),
    );
    const parts: Parts = {
      context,
      sets,
      nodes,
      queue,
      owned: new Owned(context, { owners: sets, dependents: pods, queue, selectorOf: specSelector }),
      revisions: new Owned(context, { owners: sets, dependents, queue, selectorOf: specSelector }),
      control: new PodControl(context, sets),
    };
    context.watch(sets, (change) => queue.add(change.key));
    context.watch(nodes, () => {
      for (const { key } of context.collection(sets).present().entries('')) queue.add(key);
    });
  },
};

async function reconcile(parts: Parts, key: string): Promise<void> {
  const { context, sets, nodes, owned, queue } = parts;
  const [namespace = '', name = ''] = key.split('/');
  const set = context.client.get(sets, namespace, name) as MutableObject | undefined;
  if (!set) return;
  const selector = specSelector(set);
  if (!selector) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
    return context.events.event(subjectOf(sets, set), 'Warning', 'SelectingAll', message);
  }
  if (set.metadata.deletionTimestamp) return;
  const { current, old } = await constructHistory(parts, set);
  const hash = current.metadata.labels?.[revisionLabel] ?? '';
  const dependents = context.resource('', 'v1', 'pods');
  const look = async (): Promise<Daemons> => {
    const candidates = [...owned.of(set), ...owned.orphans(set)];
    const pods = await claim(context, { owners: sets, owner: set, selector, dependents }, candidates);
    const all = [...context.client.list(nodes)] as MutableObject[];
    return { set, hash, nodes: all, pods: Map.groupBy(pods, targetOf), now: context.clock.now() };
  };
  let failure: unknown;
  try {
    const places = planPlaces(await look());
    for (const pod of places.failed) await tellFailed(parts, set, pod);
    await act(parts, set, hash, places);
    const isStill = places.create.length + places.remove.length === 0;
    if (isStill && set.spec.updateStrategy.type === 'RollingUpdate')
      await act(parts, set, hash, planUpdate(await look()));
    await cleanUp(parts, set, old);
  } catch (error) {
    failure = error;
  }
  const daemons = await look();
  await writeStatus(parts, set, statusOf(daemons));
  if (failure !== undefined) throw failure;
  const wait = untilNextAvailable([...daemons.pods.values()].flat(), set.spec.minReadySeconds ?? 0, daemons.now);
  if (wait !== undefined) queue.addAfter(key, wait);
}

async function act({ control }: Parts, set: MutableObject, hash: string, { create, remove }: Plan): Promise<void> {
  const template = templateOf(set, hash);
  await slowStart(create.length, async (index) => {
    const pod = control.podOf(set, { ...template, spec: pinned(template.spec, create[index] ?? '') });
    try {
      await control.create(set, pod);
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  });
  for (const pod of new Set(remove)) await control.delete(set, pod);
}

function tellFailed({ context, sets }: Parts, set: MutableObject, pod: MutableObject): Promise<void> {
  const { namespace, name } = pod.metadata;
  const message = `Found failed daemon pod ${namespace}/${name} on node ${targetOf(pod)}, will try to kill it`;
  return context.events.event(subjectOf(sets, set), 'Warning', 'FailedDaemonPod', message);
}

/** The revision of the present template, made if it is not there, and the others. */
async function constructHistory({ context, sets, revisions }: Parts, set: MutableObject) {
  const all = revisions.of(set).toSorted(byRevisionNumber);
  const data = templatePatch(set);
  const found = all.filter((one) => sameData(one, data)).at(-1);
  const old = all.filter((one) => !sameData(one, data));
  const number = (old.at(-1)?.revision ?? 0) + 1;
  if (found) return { current: found.revision < number ? await renumber(context, found, number) : found, old };
  const hash = templateHash(set.spec.template, set.status?.collisionCount);
  const labels = { ...set.spec.template.metadata?.labels, [revisionLabel]: hash };
  const made = await storeRevision(context, { owners: sets, owner: set, data, hash, revision: number, labels });
  if (made) return { current: made, old };
  // Another template has the same hash: the next look makes another name.
  await writeStatus({ context, sets }, set, { ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 });
  throw new Error(`the hash ${hash} of DaemonSet ${set.metadata.name} is taken; another one is tried`);
}

async function cleanUp({ context, owned }: Parts, set: MutableObject, old: readonly MutableObject[]): Promise<void> {
  const revisions = context.resource('apps', 'v1', 'controllerrevisions');
  const excess = old.length - (set.spec.revisionHistoryLimit ?? 10);
  if (excess <= 0) return;
  const live = new Set(owned.of(set).map((pod) => pod.metadata.labels?.[revisionLabel]));
  const dead = old.filter(({ metadata }) => !live.has(metadata.labels?.[revisionLabel]));
  for (const { metadata } of dead.slice(0, excess))
    await context.client.delete(revisions, metadata.namespace ?? '', metadata.name ?? '', { uid: metadata.uid ?? '' });
}

async function writeStatus(
  { context, sets }: Pick<Parts, 'context' | 'sets'>,
  set: MutableObject,
  status: MutableObject['status'],
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = set.metadata;
  const change = (object: MutableObject) => {
    object.status = status;
    return true;
  };
  try {
    await context.client.update(sets, namespace, name, change, { part: 'status', uid });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}
