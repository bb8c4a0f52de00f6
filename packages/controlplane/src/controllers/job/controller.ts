import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { mutableCopy, timestamp } from '../../verbs/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import { claim, isActive, isReady, Owned, orAgain, PodControl, specSelector } from '../workload/index.ts';
import { ensureCondition, isFinished, type JobCondition, newCondition, trueCondition } from './conditions.ts';
import { isIndexed } from './indexes.ts';
import { type Backoffs, manage } from './manage.ts';
import { type Tally, tallyOf, trackingFinalizer } from './pods.ts';
import { isPodFailed, judge, restartsExceed, successByPolicy } from './policies.ts';
import { track } from './track.ts';

/** One look at one Job. `job` is this look's own, and is as it was last written. */
export interface JobWork {
  readonly context: ControllerContext;
  readonly jobs: ServedResource;
  readonly pods: ServedResource;
  readonly control: PodControl;
  readonly backoffs: Backoffs;
  readonly job: MutableObject;
  readonly key: string;
  /** Wall time in milliseconds. */
  readonly now: number;
  /** Looks again in so many milliseconds. */
  again(milliseconds: number): void;
  tell(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
  writeStatus(): Promise<void>;
}

/** Runs Jobs to their end. */
export const jobController: Controller = {
  name: 'job-controller',
  serviceAccount: 'job-controller',
  start(context) {
    const jobs = context.resource('batch', 'v1', 'jobs');
    const pods = context.resource('', 'v1', 'pods');
    const backoffs: Backoffs = new Map();
    const control = new PodControl(context, jobs);
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) =>
          reconcile(
            { context, jobs, pods, control, backoffs, key, again: (after) => queue.addAfter(key, after) },
            owned,
          ),
      ),
    );
    const owned = new Owned(context, { owners: jobs, dependents: pods, queue, selectorOf: specSelector });
    context.watch(jobs, (change) => queue.add(change.key));
    letGo(context, pods, jobs);
  },
};

type Given = Pick<JobWork, 'context' | 'jobs' | 'pods' | 'control' | 'backoffs' | 'key' | 'again'>;

/** Pods whose Job is gone are held by nobody. */
function letGo(context: ControllerContext, pods: ServedResource, jobs: ServedResource): void {
  const stored = context.collection(jobs);
  const release = context.queue(async (key) => {
    const [namespace = '', name = ''] = key.split('/');
    const pod = context.client.get(pods, namespace, name);
    const owner = pod?.metadata.ownerReferences?.find(({ controller }) => controller);
    if (!pod?.metadata.finalizers?.includes(trackingFinalizer)) return;
    const job = owner?.kind === 'Job' ? stored.get(`${namespace}/${owner.name}`)?.object : undefined;
    if (job && job.metadata.uid === owner?.uid && !isFinished(job as MutableObject)) return;
    await untrack(context, pods, pod as MutableObject);
  });
  context.watch(pods, ({ type, key, entry: { object } }) => {
    if (type !== 'delete' && object.metadata.finalizers?.includes(trackingFinalizer)) release.add(key);
  });
  context.watch(jobs, ({ type, entry: { object } }) => {
    if (type !== 'delete') return;
    const { namespace, uid } = object.metadata;
    for (const { key, object: pod } of context.collection(pods).present().entries(`${namespace}/`))
      if (pod.metadata.ownerReferences?.some((reference) => reference.uid === uid)) release.add(key);
  });
}

/** Takes the Job's finalizer off. */
export async function untrack(context: ControllerContext, pods: ServedResource, pod: MutableObject): Promise<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const change = (object: MutableObject): boolean => {
    const rest = (object.metadata.finalizers ?? []).filter((one) => one !== trackingFinalizer);
    if (rest.length === (object.metadata.finalizers ?? []).length) return false;
    const metadata = object.metadata as { finalizers?: readonly string[] };
    if (rest.length > 0) metadata.finalizers = rest;
    else delete metadata.finalizers;
    return true;
  };
  try {
    await context.client.update(pods, namespace, name, change, { uid });
  } catch (error) {
    if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
  }
}

async function reconcile(given: Given, owned: Owned): Promise<void> {
  const { context, jobs, pods, key } = given;
  const [namespace = '', name = ''] = key.split('/');
  const found = context.client.get(jobs, namespace, name) as MutableObject | undefined;
  if (!found || isFinished(found)) {
    given.backoffs.delete(key);
    return;
  }
  const { managedBy } = found.spec;
  const selector = specSelector(found);
  if (!selector || (managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller')) return;
  const job = mutableCopy(found);
  const claimed = { owners: jobs, owner: found, selector, dependents: pods, finalizer: trackingFinalizer };
  const mine = await claim(context, claimed, [...owned.of(found), ...owned.orphans(found)]);
  const { uid = '' } = job.metadata;
  const work: JobWork = {
    ...given,
    job,
    now: context.clock.now(),
    tell: (type, reason, message) => context.events.event(subjectOf(jobs, job), type, reason, message),
    async writeStatus() {
      const { status, metadata } = job;
      const change = (object: MutableObject) => {
        object.status = status;
        return true;
      };
      const { resourceVersion = '' } = metadata;
      const written = await context.client.update(jobs, namespace, name, change, {
        part: 'status',
        uid,
        resourceVersion,
      });
      (job as { metadata: object }).metadata = { ...written.metadata };
    },
  };
  try {
    await sync(work, mine);
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

async function sync(work: JobWork, pods: readonly MutableObject[]): Promise<void> {
  const { job, now } = work;
  job.status ??= {};
  const before = JSON.stringify(job.status);
  job.status.uncountedTerminatedPods ??= {};
  const tally = tallyOf(job, pods, pods.filter(isActive));
  const { status } = job;
  if (!status.startTime && !job.spec.suspend) status.startTime = timestamp(now);
  let finished = verdict(work, tally);
  let active = tally.active.length;
  let failure: unknown;
  if (finished) {
    const removed = await removeActive(work, tally).catch((error: unknown) => {
      failure = error;
      return 0;
    });
    if (removed !== active) finished = undefined;
    active -= removed;
  } else {
    let managed = true;
    if (job.metadata.deletionTimestamp) managed = false;
    else {
      const result = await manage(work, tally);
      active = result.active;
      failure = result.failure;
    }
    const { completions } = job.spec;
    const enough = completions === undefined ? tally.succeeded > 0 : tally.succeeded >= completions;
    if (enough && active === 0)
      finished = newCondition(
        'SuccessCriteriaMet',
        'CompletionsReached',
        'Reached expected number of succeeded pods',
        now,
      );
    else if (managed) await tellSuspended(work);
  }
  status.active = active;
  status.ready = tally.ready;
  status.terminating = tally.terminating;
  await track(work, tally, finished, before);
  if (failure !== undefined) throw failure;
}

/** How the Job ends, if it does: by its conditions, its policies, its limits. */
function verdict(work: JobWork, tally: Tally): JobCondition | undefined {
  const { job, now } = work;
  const met = trueCondition(job, 'SuccessCriteriaMet');
  if (met) return met;
  const target = trueCondition(job, 'FailureTarget');
  if (target) return newCondition('Failed', target.reason, target.message, now);
  const fail = (reason: string, message: string) => newCondition('FailureTarget', reason, message, now);
  const failJob = tally.pods.filter((pod) => isPodFailed(job, pod)).map((pod) => judge(job, pod).failJob);
  const why = failJob.find((message) => message !== undefined);
  if (why !== undefined) return fail('PodFailurePolicy', why);
  const { spec } = job;
  if (tally.failed > spec.backoffLimit || restartsExceed(job, tally.pods))
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (spec.activeDeadlineSeconds !== undefined && job.status.startTime && !spec.suspend) {
    const left = Date.parse(job.status.startTime) + spec.activeDeadlineSeconds * 1000 - now;
    if (left <= 0) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
    work.again(left);
  }
  return isIndexed(job) ? verdictOfIndexes(work, tally) : undefined;
}

function verdictOfIndexes({ job: { spec, ...rest }, now }: JobWork, tally: Tally): JobCondition | undefined {
  const job = { ...rest, spec } as MutableObject;
  const fail = (reason: string, message: string) => newCondition('FailureTarget', reason, message, now);
  const failed = tally.failedIndexes.size;
  if (spec.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes)
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  if (failed > 0 && failed + tally.succeededIndexes.size >= spec.completions)
    return fail('FailedIndexes', 'Job has failed indexes');
  const message = successByPolicy(job, tally.succeededIndexes);
  return message === undefined ? undefined : newCondition('SuccessCriteriaMet', 'SuccessPolicy', message, now);
}

async function removeActive({ job, control }: JobWork, tally: Tally): Promise<number> {
  let removed = 0;
  for (const pod of tally.active) {
    await control.delete(job, pod);
    removed++;
    tally.terminating++;
    if (isReady(pod)) tally.ready--;
  }
  return removed;
}

async function tellSuspended({ job, now, tell }: JobWork): Promise<void> {
  const { status, spec } = job;
  if (spec.suspend) {
    if (!ensureCondition(status, newCondition('Suspended', 'JobSuspended', 'Job suspended', now))) return;
    delete status.startTime;
    await tell('Normal', 'Suspended', 'Job suspended');
  } else {
    if (!ensureCondition(status, newCondition('Suspended', 'JobResumed', 'Job resumed', now, 'False'))) return;
    status.startTime = timestamp(now);
    await tell('Normal', 'Resumed', 'Job resumed');
  }
}
