import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { mutableCopy, timestamp } from '../../verbs/index.ts';
import { type Controller, type ControllerContext, isStatus, subjectOf, type WorkQueue } from '../host/index.ts';
import {
  compareText,
  conditionOf,
  controllerReference,
  isControlledBy,
  isNamespaceTerminating,
  Owned,
  orAgain,
} from '../workload/index.ts';
import { missedTimes, type Since, untilNext } from './missed.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { isTimeZone, zonedTimestamp } from './time-zone.ts';

interface Work {
  readonly context: ControllerContext;
  readonly cronJobs: ServedResource;
  readonly jobs: ServedResource;
  /** This look's own. */
  readonly cronJob: MutableObject;
  readonly owned: readonly MutableObject[];
  /** Wall time in milliseconds. */
  readonly now: number;
  tell(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}

/** Makes Jobs when CronJobs want them. */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  start(context) {
    const cronJobs = context.resource('batch', 'v1', 'cronjobs');
    const jobs = context.resource('batch', 'v1', 'jobs');
    const queue: WorkQueue = context.queue(
      orAgain(
        () => queue,
        (key) => reconcile({ context, cronJobs, jobs }, owned, queue, key),
      ),
    );
    const owned = new Owned(context, { owners: cronJobs, dependents: jobs, queue, selectorOf: () => undefined });
    context.watch(cronJobs, (change) => queue.add(change.key));
  },
};

async function reconcile(
  parts: Pick<Work, 'context' | 'cronJobs' | 'jobs'>,
  owned: Owned,
  queue: WorkQueue,
  key: string,
): Promise<void> {
  const { context, cronJobs } = parts;
  const [namespace = '', name = ''] = key.split('/');
  const found = context.client.get(cronJobs, namespace, name);
  if (!found) return;
  const cronJob = mutableCopy(found);
  const work: Work = {
    ...parts,
    cronJob,
    owned: owned.of(found),
    now: context.clock.now(),
    tell: (type, reason, message) => context.events.event(subjectOf(cronJobs, found), type, reason, message),
  };
  cronJob.status ??= {};
  await cleanUp(work);
  await noteJobs(work);
  let again: number | undefined;
  let failure: unknown;
  try {
    again = cronJob.metadata.deletionTimestamp ? undefined : await schedule(work);
  } catch (error) {
    failure = error;
  }
  await writeStatus(work, found as MutableObject);
  if (failure !== undefined) throw failure;
  if (again !== undefined) queue.addAfter(key, Math.max(1, again));
}

async function writeStatus({ context, cronJobs, cronJob }: Work, found: MutableObject): Promise<void> {
  const { status } = cronJob;
  if (status.active?.length === 0) delete status.active;
  if (JSON.stringify(status) === JSON.stringify(found.status ?? {})) return;
  const { namespace = '', name = '', uid = '' } = found.metadata;
  const change = (object: MutableObject) => {
    object.status = status;
    return true;
  };
  try {
    await context.client.update(cronJobs, namespace, name, change, { part: 'status', uid });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

function endOf(job: KubeObject): 'Complete' | 'Failed' | undefined {
  for (const type of ['Complete', 'Failed'] as const) if (conditionOf(job, type)?.status === 'True') return type;
  return undefined;
}

/** Deletes the oldest of those that are over, but for as many as are to be kept. */
async function cleanUp(work: Work): Promise<void> {
  const { spec } = work.cronJob;
  for (const [end, limit] of [
    ['Complete', spec.successfulJobsHistoryLimit],
    ['Failed', spec.failedJobsHistoryLimit],
  ]) {
    if (limit === undefined) continue;
    const ended = work.owned.filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp);
    const started = (job: MutableObject) => job.status?.startTime ?? '9';
    const oldest = ended.toSorted(
      (a, b) => compareText(started(a), started(b)) || compareText(a.metadata.name ?? '', b.metadata.name ?? ''),
    );
    for (const job of oldest.slice(0, Math.max(0, ended.length - limit))) await remove(work, job);
  }
}

async function remove({ context, jobs, cronJob, tell }: Work, job: KubeObject): Promise<void> {
  const { namespace = '', name = '', uid = '' } = job.metadata;
  await context.client.delete(jobs, namespace, name, { propagationPolicy: 'Background', uid });
  forget(cronJob, uid);
  await tell('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
}

function forget(cronJob: MutableObject, uid: string): void {
  cronJob.status.active = (cronJob.status.active ?? []).filter((one: { uid: string }) => one.uid !== uid);
}

/** Which Jobs are under way, and when one succeeded last. */
async function noteJobs({ context, jobs, cronJob, owned, tell }: Work): Promise<void> {
  const { status } = cronJob;
  for (const job of owned) {
    const { uid = '', name } = job.metadata;
    const isActive = (status.active ?? []).some((one: { uid: string }) => one.uid === uid);
    const end = endOf(job);
    if (!end) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      if (!isActive) await tell('Warning', 'UnexpectedJob', message);
      continue;
    }
    if (isActive) {
      forget(cronJob, uid);
      await tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
    }
    const { completionTime } = job.status;
    if (end === 'Complete' && completionTime && !(status.lastSuccessfulTime >= completionTime))
      status.lastSuccessfulTime = completionTime;
  }
  for (const { uid, name, namespace } of status.active ?? []) {
    if (owned.some(({ metadata }) => metadata.uid === uid) || context.client.get(jobs, namespace, name)) continue;
    forget(cronJob, uid);
    await tell('Normal', 'MissingJob', `Active job went missing: ${name}`);
  }
}

/** Makes the Job that is due; says in how many milliseconds to look again. */
async function schedule(work: Work): Promise<number | undefined> {
  const { cronJob, now, tell } = work;
  const { spec, status, metadata } = cronJob;
  const { timeZone } = spec;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    await tell('Warning', 'UnknownTimeZone', `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`);
    return undefined;
  }
  if (spec.suspend) return undefined;
  const parsed = await parse(work);
  if (!parsed) return undefined;
  const since: Since = {
    created: Date.parse(metadata.creationTimestamp ?? ''),
    last: status.lastScheduleTime ? Date.parse(status.lastScheduleTime) : undefined,
    deadline: spec.startingDeadlineSeconds === undefined ? undefined : spec.startingDeadlineSeconds * 1000,
  };
  const again = () => untilNext(parsed, { ...since, last: lastOf(status) }, now);
  const { latest: due, many } = missedTimes(parsed, since, now);
  if (due === undefined) return again();
  if (many) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    await tell('Warning', 'TooManyMissedTimes', message);
  }
  if (since.deadline !== undefined && due + since.deadline < now) {
    await tell(
      'Warning',
      'MissSchedule',
      `Missed scheduled time to start a job: ${new Date(due).toUTCString().replace('GMT', 'UTC')}`,
    );
    return again();
  }
  const name = `${metadata.name}-${Math.floor(due / 60_000)}`;
  const active: readonly { name: string; namespace: string }[] = status.active ?? [];
  if (active.some((one) => one.name === name) || since.last === due) return again();
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    await tell('Normal', 'JobAlreadyActive', message);
    return again();
  }
  if (spec.concurrencyPolicy === 'Replace') {
    for (const one of active) {
      const job = work.context.client.get(work.jobs, one.namespace, one.name);
      if (job) await remove(work, job);
    }
  }
  await start(work, name, due);
  return again();
}

function lastOf(status: MutableObject['status']): number | undefined {
  return status.lastScheduleTime ? Date.parse(status.lastScheduleTime) : undefined;
}

async function parse({ cronJob, tell }: Work): Promise<Schedule | undefined> {
  const { schedule: text, timeZone } = cronJob.spec;
  if (text.includes('TZ')) {
    const message = `CRON_TZ or TZ used in schedule "${text}" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
    await tell('Warning', 'UnsupportedSchedule', message);
  }
  try {
    return parseSchedule(text, timeZone);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await tell('Warning', 'UnparseableSchedule', `unparseable schedule: "${text}" : ${why}`);
    return undefined;
  }
}

async function start(work: Work, name: string, due: number): Promise<void> {
  const { context, cronJobs, jobs, cronJob, tell } = work;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const { namespace = '' } = cronJob.metadata;
  const time = zonedTimestamp(due, cronJob.spec.timeZone ?? 'UTC');
  const wanted = {
    metadata: {
      name,
      namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': time },
      ownerReferences: [controllerReference(cronJobs, cronJob)],
    },
    spec,
  };
  let job: KubeObject | undefined;
  try {
    job = await context.client.create(jobs, wanted);
    await tell('Normal', 'SuccessfulCreate', `Created job ${name}`);
  } catch (error) {
    if (!(error instanceof StatusError) || isNamespaceTerminating(error)) throw error;
    job = isStatus(error, 409) ? context.client.get(jobs, namespace, name) : undefined;
    if (job && !isControlledBy(job, cronJob)) return;
    if (!job) {
      await tell('Warning', 'FailedCreate', `Error creating job: ${error.message}`);
      throw error;
    }
  }
  const { uid, resourceVersion } = job.metadata;
  const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
  const { status } = cronJob;
  status.active = [...(status.active ?? []), reference];
  status.lastScheduleTime = timestamp(due);
}
