import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import { claim, Owned, orAgain, PodControl, specSelector, untilNextAvailable } from '../workload/index.ts';
import { SetClaims } from './claims.ts';
import { placeOf, revisionLabel } from './pods.ts';
import { revisionsOf, truncate } from './revisions.ts';
import { type SetWork, statusOf, updateSet } from './update.ts';

interface Parts {
  readonly context: ControllerContext;
  readonly sets: ServedResource;
  readonly pods: ServedResource;
  readonly queue: WorkQueue;
  readonly owned: Owned;
  readonly revisions: Owned;
  readonly control: PodControl;
  readonly claims: SetClaims;
}

/** Keeps the pods of StatefulSets, each in its place. */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',
  start(context) {
    const sets = context.resource('apps', 'v1', 'statefulsets');
    const pods = context.resource('', 'v1', 'pods');
    const dependents = context.resource('apps', 'v1', 'controllerrevisions');
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) => reconcile(parts, key),
      ),
    );
    const parts: Parts = {
      context,
      sets,
      pods,
      queue,
      owned: new Owned(context, { owners: sets, dependents: pods, queue, selectorOf: specSelector }),
      revisions: new Owned(context, { owners: sets, dependents, queue, selectorOf: specSelector }),
      control: new PodControl(context, sets),
      claims: new SetClaims(context, sets),
    };
    context.watch(sets, (change) => queue.add(change.key));
  },
};

async function reconcile(parts: Parts, key: string): Promise<void> {
  const { context, sets, pods: dependents, owned, revisions, control, claims, queue } = parts;
  const [namespace = '', name = ''] = key.split('/');
  const set = context.client.get(sets, namespace, name) as MutableObject | undefined;
  const selector = set && specSelector(set);
  if (!set || !selector) return;
  const fits = (pod: MutableObject) => placeOf(pod).parent === name;
  const all = [...owned.of(set), ...owned.orphans(set)];
  const pods = await claim(context, { owners: sets, owner: set, selector, dependents, fits }, all);
  const dependentRevisions = context.resource('apps', 'v1', 'controllerrevisions');
  await claim(context, { owners: sets, owner: set, selector, dependents: dependentRevisions }, revisions.orphans(set));
  const known = await revisionsOf(context, sets, revisions, set);
  const now = context.clock.now();
  const work: SetWork = {
    set,
    pods,
    revisions: known,
    claims,
    now,
    podOf: (of) => control.podOf(set, of.spec.template) as MutableObject,
    create: (pod) => tell(parts, set, pod, 'create', () => context.client.create(dependents, pod)),
    async delete(pod) {
      await tell(parts, set, pod, 'delete', async () => {
        await context.client.delete(dependents, namespace, pod.metadata.name ?? '', { uid: pod.metadata.uid ?? '' });
        return pod;
      });
    },
  };
  let failure: unknown;
  const present = await updateSet(work).catch((error: unknown) => {
    failure = error;
    return pods;
  });
  await writeStatus(parts, set, statusOf(work, present));
  const live = new Set(present.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''));
  await truncate(context, set, known, live);
  if (failure !== undefined) throw failure;
  const wait = untilNextAvailable(present, set.spec.minReadySeconds ?? 0, now);
  if (wait !== undefined) queue.addAfter(key, wait);
}

async function writeStatus(
  { context, sets }: Parts,
  set: MutableObject,
  status: MutableObject['status'],
): Promise<void> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = set.metadata;
  const change = (object: MutableObject) => {
    object.status = status;
    return true;
  };
  try {
    await context.client.update(sets, namespace, name, change, { part: 'status', uid, resourceVersion });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** Does it, and says how it went. */
async function tell(
  { context, sets }: Parts,
  set: MutableObject,
  pod: MutableObject,
  verb: 'create' | 'delete',
  act: () => Promise<unknown>,
): Promise<MutableObject> {
  const noun = verb === 'create' ? 'Create' : 'Delete';
  const what = `${noun} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  const subject = subjectOf(sets, set);
  try {
    const result = (await act()) as MutableObject;
    await context.events.event(subject, 'Normal', `Successful${noun}`, `${what} successful`);
    return result;
  } catch (error) {
    if (error instanceof StatusError && error.reason !== 'AlreadyExists')
      await context.events.event(subject, 'Warning', `Failed${noun}`, `${what} failed error: ${error.message}`);
    throw error;
  }
}
